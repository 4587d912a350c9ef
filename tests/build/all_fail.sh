#!/bin/sh
# all_fail.sh PROGRAM
# Runs each test of a GoogleTest program in which an error is planted; fails when one of them passes.
program=$1
tests=$("$program" --gtest_list_tests | awk '/^[^ ]/ { suite = $1 } /^ / { print suite $1 }')
[ -n "$tests" ] || { echo "no tests in $program"; exit 1; }
missed=
for test in $tests; do
  said=$("$program" --gtest_filter="$test")
  case $said in
    *"[  FAILED  ] $test"*) ;;
    *) missed="$missed $test" ;;
  esac
done
[ -z "$missed" ] && { echo "the planted error is noticed by all:" $tests; exit 0; }
echo "the planted error went unnoticed by:$missed"
exit 1
