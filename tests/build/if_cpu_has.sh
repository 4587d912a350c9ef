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
  *"=*_slow "*) ;;  # the listing of slow tests: the reason is listed once, among the others
  *" --gtest_list_tests "*) printf 'cpu.\n  lacks%s\n' "$missing" ;;
  *) echo "[  SKIPPED ] this machine's CPU lacks$(echo "$missing" | tr _ ' ')" ;;
esac
