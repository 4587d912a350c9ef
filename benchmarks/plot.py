#!/usr/bin/env python3
"""Draws what was measured: throughput of every case over the batch beside the machine's ceiling, and
how long other programs take for the same work.

  plot.py CPU.json PEERS.json PICTURE

CPU.json is what `./dev bench --keep` leaves, PEERS.json what `./dev bench --peers --out` does; matplotlib
is among what `./dev bench --peers` installs into .venv-peers.
"""
import json
import pathlib
import sys

import matplotlib
import matplotlib.ticker

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

PEERS = {  # (peer, row): what it is called
    ("numba_peer", "tuned"): "numba, adjoint by hand",
    ("casadi_peer", "tuned"): "casadi, generated C",
    ("torch_peer", "tuned"): "PyTorch",
    ("jax_peer", "tuned"): "JAX, best of its variants",
    ("jax_peer", "usual"): "JAX, as usually written",
}


def throughput(axes, bench):
    """Million trajectory-steps a second of gradients over the batch; ceilings as short lines."""
    rows = [r for r in bench["rows"] if r["what"] == "gradient" and r["precision"] == "float"]
    for case in dict.fromkeys(r["case"] for r in rows):
        points = sorted((r["batch"], r) for r in rows if r["case"] == case)
        line, = axes.plot([b for b, _ in points], [r["steps_per_s"] / 1e6 for _, r in points],
                          marker="o", markersize=3, label=case)
        ceiling = points[-1][1]["ceiling_steps_per_s"]
        if ceiling:
            axes.plot([points[-1][0] / 3, points[-1][0] * 3], [ceiling / 1e6] * 2, linestyle=":",
                      color=line.get_color())
    axes.set(xscale="log", yscale="log", xlabel="trajectories a batch", title="Gradients",
             ylabel="million trajectory-steps a second")
    axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1, 1), frameon=False)


def ratios(axes, peers):
    """How many times as long as phigrad; the largest batch of each case."""
    bars, batches = [], set()
    for case in dict.fromkeys(r["case"] for r in peers["rows"]):
        of_case = [r for r in peers["rows"] if r["case"] == case]
        batch = max(r["batch"] for r in of_case)
        batches.add(str(batch))
        for key, name in PEERS.items():
            bars += [(f"{case}: {name}", r["ratio"]) for r in of_case
                     if r["batch"] == batch and (r["peer"], r["row"]) == key and r.get("ratio")]
    bars.reverse()
    drawn = axes.barh([name for name, _ in bars], [ratio for _, ratio in bars], color="#1f5fa8")
    axes.bar_label(drawn, fmt="%.3g", padding=2, fontsize=7)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set(xscale="log", xlabel="times phigrad's time", xlim=(0.5, 1.8 * max(ratio for _, ratio in bars)),
             title=f"The same gradients elsewhere, B = {', '.join(sorted(batches))}")
    axes.xaxis.set_major_formatter(matplotlib.ticker.FormatStrFormatter("%g"))
    axes.tick_params(axis="y", labelsize=7)


def main(bench_path, peers_path, picture):
    bench, peers = (json.loads(pathlib.Path(p).read_text()) for p in (bench_path, peers_path))
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), width_ratios=(1, 1))
    throughput(left, bench)
    ratios(right, peers)
    figure.suptitle(f"{bench['machine']}, {bench['rows'][0]['backend']}, T = 200, float; dotted: "
                    "what the machine could issue or move", fontsize=9)
    figure.tight_layout()
    figure.savefig(picture, dpi=110)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except (OSError, ValueError, KeyError) as problem:
        sys.exit(f"plot: {type(problem).__name__}: {problem}; give it the JSON files that ./dev bench left")
