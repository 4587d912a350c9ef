"""One peer in a process of its own: its threads, its memory, its crashes.

python worker.py PEER DEVICE DUMP: reads one JSON command a line, answers one JSON line each.
  {"do": "sweep", "variants": [NAME...], "budget_s": S}   builds, gates, times briefly; [{...}]
  {"do": "make", "variant": NAME}    builds one for the measurement: {"compile_s": s}
  {"do": "time", "first": i, "count": n}   seconds of n runs, over the input sets in turn
  {"do": "memory"}                   {"peak_rss_mib": …}
"""

import gc
import importlib
import json
import os
import resource
import sys
import time
import traceback

import case as cases
import numpy as np
from reference import error

GATE = 1e-4  # largest relative error of a gradient that may be timed
FAR_SLOWER = 1.5  # a family's sweep ends where a variant takes so many times the family's best
TRIALS = 3


def build(variant, case):
    """The runner, compiled, and the seconds that took, with its first run."""
    start = time.perf_counter()
    runner = variant.make()
    runner.load(0)
    runner.run()
    return runner, time.perf_counter() - start


def timed(runner, i):
    runner.load(i)
    start = time.perf_counter()
    runner.run()
    return time.perf_counter() - start


def worst_error(runner, wanted):
    """Over all input sets: a gradient that is wrong on one is wrong."""
    worst = 0.0
    for i, gradient in enumerate(wanted):
        runner.load(i)
        runner.run()
        worst = max(worst, np.nan_to_num(error(runner.result()[1], gradient), nan=np.inf))
    return worst


def try_variant(variant, case, wanted):
    row = {"variant": variant.name, "row": variant.row}
    try:
        runner, row["compile_s"] = build(variant, case)
        row["error"] = worst_error(runner, wanted)
        if row["error"] > GATE:
            return row | {"failed": f"its gradient is {row['error']:.1e} off"}
        return row | {"seconds": min(timed(runner, i % len(wanted)) for i in range(TRIALS))}
    except Exception as problem:  # noqa: BLE001  whatever a library throws, the comparison goes on
        traceback.print_exc()
        return row | {"failed": f"{type(problem).__name__}: {problem}".splitlines()[0][:200]}


def sweep(variants, case, wanted, budget_s):
    """Tries the variants; skips the rest of a family that gets slower, and all once time is up."""
    tried, best, ended, start = [], {}, set(), time.perf_counter()
    for variant in variants:
        if variant.family in ended:
            continue
        if time.perf_counter() - start > budget_s and variant.row in {
            t["row"] for t in tried if "seconds" in t
        }:
            continue
        row = try_variant(variant, case, wanted)
        tried.append(row)
        gc.collect()
        seconds = row.get("seconds", float("inf"))
        best[variant.family] = min(seconds, best.get(variant.family, float("inf")))
        if seconds > FAR_SLOWER * best[variant.family] or seconds == float("inf"):
            ended.add(variant.family)
    return tried


def main():
    peer, device, dump = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    case = cases.read(dump)
    module = importlib.import_module(peer)
    variants = module.variants(case, device)
    wanted = np.load(os.path.join(dump, "reference.npz"))["gradients"]
    runner = None

    def answer(value):
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    answer({"versions": module.versions(), "variants": [v.name for v in variants]})
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "sweep":
            answer(sweep(variants, case, wanted, command["budget_s"]))
        elif command["do"] == "make":
            (variant,) = [v for v in variants if v.name == command["variant"]]
            runner, seconds = build(variant, case)
            answer({"compile_s": seconds})
        elif command["do"] == "time":
            turns = range(command["first"], command["first"] + command["count"])
            answer([timed(runner, i % len(wanted)) for i in turns])
        elif command["do"] == "memory":
            answer({"peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024})


if __name__ == "__main__":
    main()
