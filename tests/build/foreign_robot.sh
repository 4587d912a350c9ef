#!/bin/sh
# foreign_robot.sh PROGRAM SOURCE_DIR PYTHON [ITERATIONS]
# A robot that is another program in another language streams to the learner over the encrypted link;
# fails when the path error has not fallen. Exit 77: this Python lacks the robot's packages.
program=$1 source=$2 python=$3 iterations=${4:-10}
"$python" -c 'import cbor2, numpy, zmq, vehiclemodels' 2>/dev/null || {
  echo "skipped: $python lacks pyzmq, cbor2, numpy or commonroad-vehicle-models; ./dev test installs them"
  exit 77
}
config=$source/configs/live_car.json
work=$(mktemp -d)
trap 'kill $learner 2>/dev/null; rm -rf "$work"' EXIT
"$program" keygen --out "$work/keys" learner robot >/dev/null || exit 1
"$program" learn "$config" --listen "ipc://$work/link" --keys "$work/keys/learner.secret.json" \
  --allow "$work/keys" --iterations "$iterations" --out "$work/run" --json \
  >"$work/summary.json" 2>"$work/learner.log" &
learner=$!
"$python" "$source/hardware/examples/connect_your_own_robot.py" "$config" "ipc://$work/link" \
  "$work/keys/robot.secret.json" "$work/keys/learner.public.json" "$iterations" || {
  tail -n 20 "$work/learner.log"
  exit 1
}
wait "$learner" || { tail -n 20 "$work/learner.log"; exit 1; }
"$python" - "$work/summary.json" "$iterations" <<'PYTHON'
import json, sys
s = json.load(open(sys.argv[1]))
first, last = s["path_error_first"]["mean"], s["path_error_last"]["mean"]
print(f"path error {first:.4f} -> {last:.4f} m in {s['iterations']} iterations")
sys.exit(s["iterations"] != int(sys.argv[2]) or last > 0.8 * first)
PYTHON
