#!/bin/sh
# compile_with_report.sh REPORT COMMAND...
# Runs a compiler and keeps what it says in REPORT; shows it when the compiler fails.
report=$1
shift
"$@" >"$report" 2>&1 && exit 0
cat "$report"
rm -f "$report"
exit 1
