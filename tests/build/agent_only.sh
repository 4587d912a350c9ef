#!/bin/sh
# agent_only.sh SOURCE_DIR PROGRAM WORK_DIR RECORDINGS
# Builds the agent alone, which then drives a simulated robot for the learner of PROGRAM, all of
# phigrad. Breaks when that build looks for, includes or links what it is to do without, or when it
# drives otherwise, by a bit, than PROGRAM's own agent. RECORDINGS are those of the real car.
set -eu
source=$1 program=$2 work=$3 recordings=$4
build=$work/build alone=$work/build/phigrad config=$source/configs/live_car.json
runs=$(mktemp -d)
learner=
trap 'kill $learner 2>/dev/null || true; rm -rf "$runs"' EXIT

fail() {
  printf '%s\n' "$@"
  exit 1
}

# logged COMMAND...: ends the test, with the command's last words, where it fails.
logged() {
  "$@" >"$work/log" 2>&1 || fail "$(tail -n 40 "$work/log")"
}

# Kernels are compiled as ever; all else at -O0, as it is compiled to be looked at.
rm -rf "$work"
mkdir -p "$work"
logged cmake -S "$source" --preset agent -B "$build" -D "CMAKE_CXX_FLAGS_RELEASE=-O0 -DNDEBUG"
! grep -E '^(Eigen3|SQLite3|TBB|CUDA|CMAKE_CUDA|PHIGRAD_(NVCC|NVTX|THRUST|CHART))' \
  "$build/CMakeCache.txt" || fail "CMake looked for that"
logged cmake --build "$build" --parallel 1

ninja -C "$build" -t deps | grep -vF " $source/" >"$work/headers"
grep -q nlohmann/json.hpp "$work/headers" || fail "ninja does not say what was included"
! grep -E '/([Ee]igen3?|tbb|oneapi|thrust|cub|cuda|cccl|nvtx3)/|/sqlite3|/cuda' "$work/headers" ||
  fail "that was included"

! ldd "$alone" | grep -E 'sqlite|tbb|cuda' || fail "that was linked"

"$alone" robots | grep -q '^car ' || fail "the car is missing"

# drive AGENT: three rollouts in lock-step; the learner's costs are left in $curve.
drive() {
  here=$(mktemp -d "$runs/XXXXXX")
  "$1" keygen --out "$here/keys" learner robot >/dev/null
  timeout 120 "$program" learn "$config" --listen "ipc://$here/link" --iterations 3 \
    --set precision=double --keys "$here/keys/learner.secret.json" --allow "$here/keys" \
    --out "$here/run" --json >"$here/summary.json" 2>>"$here/log" &
  learner=$!
  timeout 120 "$1" agent "$config" --learner "ipc://$here/link" --rollouts 3 --arm \
    --keys "$here/keys/robot.secret.json" --learner-key "$here/keys/learner.public.json" \
    >>"$here/log" 2>&1 || fail "$1 agent failed" "$(cat "$here/log")"
  wait "$learner" || fail "the learner failed" "$(cat "$here/log")"
  learner=
  curve=$(grep -o '"curve":.*"iteration":2.*' "$here/summary.json") ||
    fail "three rollouts did not arrive" "$(cat "$here/log")"
}
drive "$program"
wanted=$curve
drive "$alone"
[ "$curve" = "$wanted" ] || fail "built alone, it drives otherwise" "$curve" "$wanted"

# refuses LOG WORDS: what the driver "replay" says of a log's rollout 1000.
refuses() {
  code=0
  said=$("$alone" agent "$config" --learner "ipc://$here/none" --insecure-loopback \
    --learner-key "$here/keys/learner.public.json" --set \
    "agent.driver={\"type\": \"replay\", \"log\": \"$1\", \"rollout\": 1000}" 2>&1) || code=$?
  case "$code $said" in
    "3 phigrad: $2"*) ;;
    *) fail "replay of $1: $code, $said" ;;
  esac
}
refuses "$here/run" "run directories are not read here"
[ ! -e "$recordings" ] || refuses "$recordings" "the log has 15 rollouts"
rm -rf "$work"
