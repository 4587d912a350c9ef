#!/bin/sh
# foreign_robot.sh PROGRAM SOURCE_DIR PYTHON [ITERATIONS]
# A robot that is another program in another language streams to the learner over the encrypted link;
# fails when the path error has not fallen. The first learner does not list its key: fails, too, when
# the robot does not try again. Exit 77: this Python lacks the robot's packages.
program=$1 source=$2 python=$3 iterations=${4:-10}
"$python" -c 'import cbor2, numpy, zmq, vehiclemodels' 2>/dev/null || {
  echo "skipped: $python lacks pyzmq, cbor2, numpy or commonroad-vehicle-models; ./dev test installs them"
  exit 77
}
config=$source/configs/live_car.json
work=$(mktemp -d)
trap 'kill $learner $robot 2>/dev/null; rm -rf "$work"' EXIT
"$program" keygen --out "$work/keys" learner robot other >/dev/null || exit 1
mkdir "$work/allowed"

# learn ALLOWED OUT
learn() {
  cp "$work/keys/$1.public.json" "$work/allowed"
  "$program" learn "$config" --listen "ipc://$work/link" --keys "$work/keys/learner.secret.json" \
    --allow "$work/allowed" --iterations "$iterations" --out "$work/$2" --json \
    >"$work/summary.json" 2>"$work/learner.log" &
  learner=$!
}
learn other refusing
"$python" "$source/hardware/examples/connect_your_own_robot.py" "$config" "ipc://$work/link" \
  "$work/keys/robot.secret.json" "$work/keys/learner.public.json" "$iterations" &
robot=$!
until grep -q "a peer was refused" "$work/learner.log"; do
  kill -0 "$learner" && kill -0 "$robot" || exit 1
  sleep 0.1
done
kill -INT "$learner"
wait "$learner"

learn robot run
wait "$robot" && wait "$learner" || {
  tail -n 20 "$work/learner.log"
  exit 1
}
"$python" - "$work/summary.json" "$iterations" <<'PYTHON'
import json, sys
s = json.load(open(sys.argv[1]))
first, last = s["path_error_first"]["mean"], s["path_error_last"]["mean"]
print(f"path error {first:.4f} -> {last:.4f} m in {s['iterations']} iterations")
sys.exit(s["iterations"] != int(sys.argv[2]) or last > 0.8 * first)
PYTHON
