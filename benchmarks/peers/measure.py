"""One cell of the comparison: one case, batch and horizon; phigrad and its peers in turn."""

import os
import statistics
import tempfile
import time

import case as cases
import numpy as np
import phigrad_bench
import reference
from remote import Dead, Worker
from worker import GATE

ROUNDS, RUNS = 4, 5  # of each variant, phigrad between them: 20 timings
SETTLE_S = 0.3  # threads of a library that has just run still spin


def spread(seconds):
    return {
        "seconds": statistics.median(seconds),
        "seconds_min": min(seconds),
        "seconds_max": max(seconds),
    }


def sweep(peer, options, dump):
    """(versions, the variants tried) of a peer; what cannot even start is one failed variant."""
    try:
        with Worker(peer, options.device, dump, options.log) as worker:
            return worker.about["versions"], worker.ask(do="sweep", budget_s=options.sweep_seconds)
    except Dead as problem:
        return {}, [{"variant": "", "row": "tuned", "failed": str(problem)}]


def chosen(tried):
    """The fastest right variant of each row; of a row without one the first that failed."""
    rows = {}
    for t in tried:
        best = rows.get(t["row"])
        if best is None or t.get("seconds", float("inf")) < best.get("seconds", float("inf")):
            rows[t["row"]] = t
    return rows.values()


def interleaved(entries, options, config, batch, steps, dump):
    """Adds the timings to the entries, all built before the first is timed; phigrad's own row."""
    workers, own, memory = [], [], 0
    try:
        for entry in entries:
            try:
                workers.append((entry, Worker(entry["peer"], options.device, dump, options.log)))
                entry["compile_s"] = workers[-1][1].ask(do="make", variant=entry["variant"])[
                    "compile_s"
                ]
            except Dead as problem:
                entry["failed"] = str(problem)
        alive = [(entry, worker) for entry, worker in workers if "failed" not in entry]
        timings = {id(entry): [] for entry, _ in alive}
        for turn in range(ROUNDS):
            row, rss = phigrad_bench.bench(options.phigrad, config, batch, steps, options.device)
            own.append(row)
            memory = max(memory, rss)
            for entry, worker in alive:
                time.sleep(SETTLE_S)
                timings[id(entry)] += worker.ask(do="time", first=turn * RUNS, count=RUNS)
        for entry, worker in alive:
            entry.update(spread(timings[id(entry)]))
            entry.update(worker.ask(do="memory"))
    finally:
        for _, worker in workers:
            worker.close()
    phigrad = own[0] | {
        "seconds": statistics.median(row["seconds"] for row in own),
        "seconds_min": min(row["seconds_min"] for row in own),
        "seconds_max": max(row["seconds_max"] for row in own),
    }
    return phigrad | {"peer": "phigrad", "row": "tuned", "peak_rss_mib": memory}


def cell(config, batch, steps, peers, options):
    """Rows of one cell, phigrad's first, and the versions of the peers' libraries."""
    with tempfile.TemporaryDirectory() as dump:
        phigrad_bench.bench(options.phigrad, config, batch, steps, options.device, dump)
        case = cases.read(dump)
        wanted = [reference.gradient(case, one) for one in case.sets]
        np.savez(
            os.path.join(dump, "reference.npz"), gradients=[gradient for _, gradient in wanted]
        )
        error = max(
            reference.error(one.gradient, gradient) for one, (_, gradient) in zip(case.sets, wanted)
        )
        entries, versions = [], {}
        for peer in peers:
            options.say(f"{case.name}, B {batch}, T {steps}: variants of {peer}")
            found, tried = sweep(peer, options, dump)
            versions |= found
            for best in chosen(tried):
                entries.append(
                    best | {"peer": peer, "swept": tried if best["row"] == "tuned" else []}
                )
        options.say(f"{case.name}, B {batch}, T {steps}: timing")
        phigrad = interleaved(
            [e for e in entries if "failed" not in e], options, config, batch, steps, dump
        )
    phigrad["error"] = error
    if not error <= GATE:
        phigrad["failed"] = f"its gradient is {error:.1e} off"
    common = {
        "case": case.name,
        "what": "gradient",
        "batch": batch,
        "steps": steps,
        "precision": "float",
    }
    rows = [common | phigrad] + [common | entry for entry in entries]
    for row in rows:
        if "failed" in row:
            row.pop("seconds", None)  # wrong results are not timed
        elif "failed" not in phigrad:
            row["ratio"] = row["seconds"] / phigrad["seconds"]
    return rows, versions
