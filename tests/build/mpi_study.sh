#!/usr/bin/env bash
# mpi_study.sh PHIGRAD_MPI MPIRUN WORK: a study on 1, 2 and 3 ranks gives the same bytes; a rank that
# is killed ends the run, which then goes on to the same bytes.
# Breaks when a part is done by two ranks or by none, sums are added in an order that shows, or ranks
# wait for one that is gone.
set -euo pipefail
program=$1 mpirun=$2 work=$3
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_btl=self,vader
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_btl_vader_single_copy_mechanism=none

rm -rf "$work"
mkdir -p "$work"
cat >"$work/study.json" <<'JSON'
{ "name": "mpi", "robot": "scalar", "seed": 3, "precision": "double",
  "plant": { "a": 1.2, "b": 1 }, "controller": { "type": "given", "gain": 0.5 },
  "policy": { "type": "setpoint_feedback", "setpoint": 0.4 }, "objective": { "type": "quadratic" },
  "rollout": { "dt_s": 1, "segments": 30, "noise": { "state": [1] } },
  "gradient": { "chain": "rollout" }, "optimiser": { "step": 0.01 },
  "study": { "trajectories": 20000, "groups": 10, "growth": true, "memory_mib": 2 },
  "sweep": [ { "plant.a": [1.2, 1.45] } ] }
JSON

study() { # RANKS ARGUMENT...
  local ranks=$1
  shift
  timeout 120 "$mpirun" -n "$ranks" "$program" study --backend cpu "$@"
}
fail() {
  echo "mpi_study: $*" >&2
  exit 1
}

for ranks in 1 2 3; do
  study "$ranks" "$work/study.json" --out "$work/$ranks" >"$work/$ranks.out" 2>&1 || {
    cat "$work/$ranks.out" >&2
    fail "$ranks ranks failed"
  }
  for table in study.csv growth.csv; do
    cmp "$work/1/$table" "$work/$ranks/$table" || fail "$table differs on $ranks ranks"
  done
done

# One of two ranks is killed once the study is under way.
study 2 "$work/study.json" --set study.trajectories=1000000 --set study.growth=false --out "$work/killed" >"$work/killed.out" 2>&1 &
run=$!
for _ in $(seq 600); do
  grep -q trajectories "$work/killed.out" && break
  sleep 0.1
done
victim=$(pgrep -f "^$program study .*--out $work/killed" | tail -n 1) || fail "no rank to kill"
kill -KILL "$victim"
if wait "$run"; then fail "the run went on without a rank"; fi
grep -qi "signal 9\|killed" "$work/killed.out" || fail "the reason is not told: $(tail -n 5 "$work/killed.out")"
study 1 --resume "$work/killed" >"$work/resumed.out" 2>&1 || fail "$(tail -n 3 "$work/resumed.out")"
study 1 "$work/study.json" --set study.trajectories=1000000 --set study.growth=false --out "$work/whole" >"$work/whole.out" 2>&1
cmp "$work/whole/study.csv" "$work/killed/study.csv" || fail "resumed to another result"
