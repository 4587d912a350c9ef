#!/bin/sh
# check_lane_symbols.sh FLAVOUR OBJECT...
# Fails when an object compiled for one instruction set offers the linker a symbol that an object of
# another could share (an inline std function, say): the linker keeps one copy, and the program dies
# of an illegal instruction on a smaller CPU. Own names carry phigrad::<flavour>; the entry is C.
flavour=$1
shift
[ $# -gt 0 ] || { echo "no object of flavour $flavour was given"; exit 1; }

own="7phigrad${#flavour}${flavour}"
shared=$(nm --extern-only --defined-only "$@" | awk -v own="$own" -v entry="^phigrad_[a-z0-9_]+_$flavour\$" '
  NF == 1 { object = $1 }
  NF == 3 && index($3, own) == 0 && $3 !~ entry && $3 !~ /^DW\.ref\./ { print object, $2, $3 }' | c++filt)
[ -z "$shared" ] && exit 0
echo "$shared"
echo "symbols outside phigrad::$flavour [flavour $flavour]; inline them or put them into the namespace PHI_ISA"
exit 1
