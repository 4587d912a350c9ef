"""phigrad against its peers on the same work: rollout, mean cost, gradient of theta, fp32.

python benchmarks/peers/compare.py --phigrad build/cpu-release/phigrad
Writes one JSON file and prints one table. Exit: 0 done; 1 phigrad's own gradient is wrong; 2 usage;
3 a config that cannot be compared.
"""

import argparse
import datetime
import importlib.util
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import measure
import phigrad_bench
import table
from loops.loop import Incomparable

ROOT = Path(__file__).resolve().parents[2]
PEERS = {
    "cpu": {
        "jax_peer": "jax",
        "torch_peer": "torch",
        "casadi_peer": "casadi",
        "numba_peer": "numba",
    },
    "gpu": {"jax_peer": "jax", "torch_peer": "torch", "numba_cuda_peer": "numba.cuda"},
}
CASES = ("scalar", "pendulum", "car", "pendulum_network")


def say(text):
    print(text, file=sys.stderr, flush=True)


def installed(module):
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def said(*command):
    """First line that a program prints, or "unknown"."""
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"


def about(device, date):
    machine = {"processor": processor(), "cores": os.cpu_count(), "system": platform.platform()}
    if device == "gpu":
        machine["gpu"] = said(
            "nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"
        )
    return {
        "date": date.isoformat(timespec="seconds"),
        "commit": said("git", "describe", "--always", "--dirty"),
        "machine": machine,
        "versions": {"python": platform.python_version(), "gcc": said("gcc", "-dumpfullversion")},
    }


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--phigrad", required=True, help="the program")
    parser.add_argument(
        "--cases", nargs="+", default=CASES, help="names in benchmarks/cases, or config files"
    )
    parser.add_argument(
        "--batches", nargs="+", type=int, default=[64, 1024, 16384], help="trajectories"
    )
    parser.add_argument("--steps", nargs="+", type=int, default=[200], help="of a rollout")
    parser.add_argument("--device", choices=PEERS, default="cpu")
    parser.add_argument(
        "--peers", nargs="+", help="some of them: " + ", ".join({*PEERS["cpu"], *PEERS["gpu"]})
    )
    parser.add_argument(
        "--sweep-seconds", type=float, default=180, help="for the variants of a peer, a cell"
    )
    parser.add_argument("--log", default=os.devnull, help="what the libraries say")
    parser.add_argument(
        "--out", help="the JSON; default: benchmarks/results/peers-DEVICE-DATE.json"
    )
    options = parser.parse_args(arguments)
    unknown = [p for p in options.peers or [] if p not in PEERS[options.device]]
    if unknown:
        parser.error(
            f"no peer {unknown[0]} on the {options.device} [--peers]; "
            f"there are {', '.join(PEERS[options.device])}"
        )
    return options


def main(arguments=None):
    options = options_of(arguments)
    options.say = say
    peers = []
    for peer, module in PEERS[options.device].items():
        if options.peers and peer not in options.peers:
            continue
        if installed(module):
            peers.append(peer)
        else:
            say(f"{peer} is left out: no {module} here [benchmarks/peers/requirements*.txt]")
    date = datetime.datetime.now(datetime.timezone.utc)
    result = about(options.device, date) | {"device": options.device, "rows": []}
    out = Path(
        options.out or ROOT / f"benchmarks/results/peers-{options.device}-{date:%Y-%m-%d}.json"
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    for name in options.cases:
        config = name if name.endswith(".json") else str(ROOT / f"benchmarks/cases/{name}.json")
        for steps in options.steps:
            for batch in options.batches:
                try:
                    rows, versions = measure.cell(config, batch, steps, peers, options)
                except (phigrad_bench.Failed, Incomparable) as problem:
                    say(f"compare.py: {problem}")
                    return 3
                result["rows"] += rows
                result["versions"] |= versions
                out.write_text(
                    json.dumps(result, indent=1) + "\n"
                )  # what is there stays, come what may
                say("\n".join(table.lines(rows)))
    print(table.text(result["rows"]))
    print(f"\n{out}")
    return 1 if any(row["peer"] == "phigrad" and "failed" in row for row in result["rows"]) else 0


if __name__ == "__main__":
    sys.exit(main())
