#!/bin/sh
# if_cpu_has.sh FLAG... -- PROGRAM [ARGUMENT...]
# Runs a test program whose instruction set this machine may lack. Where a /proc/cpuinfo flag is missing
# the program would die on its first instruction, so in its place one test is listed whose name is the
# reason, and skipped in the words by which GoogleTest's tests are.
missing=
while [ "$1" != "--" ]; do
  grep -qw -m1 "$1" /proc/cpuinfo || missing=${missing}_$1
  shift
done
shift
[ -z "$missing" ] && exec "$@"
case " $* " in
  *" --gtest_filter=*_slow "*" --gtest_list_tests "* | *" --gtest_list_tests "*" --gtest_filter=*_slow "*) ;;
  *" --gtest_list_tests "*) printf '%s.\n  skipped_cpu_lacks%s\n' "$(basename "$1")" "$missing" ;;
  *) echo "[  SKIPPED ] this machine's CPU lacks$(echo "$missing" | tr _ ' ')" ;;
esac
