#!/usr/bin/env python3
"""Results of runs on GPUs, and whether one is of these kernels.

  gpu_result.py --write WORK        one JSON of what `./dev gpu` left in WORK, into
                                    benchmarks/results/gpu-DEVICE-DATE.json; prints its path
  gpu_result.py --check             a line where no result is of the kernels as they are
  [--root FOLDER]                   of the repository; default: this one

A result carries the fingerprint of the sources that its kernels were compiled from. Commit one only
where a GPU wrote it. Exit: 0 done; 2 usage; 3 WORK is not what ./dev gpu leaves.
"""
import argparse
import datetime
import hashlib
import json
import pathlib
import re
import sys

# What `./dev gpu` writes into WORK: about.json; the others where their part came to its end.
PARTS = ("bench", "bench_tf32x3", "bench_bf16", "growth", "peers")


def kernel_sources(root):
    """What is compiled for a GPU: kernels, and the models' headers, which they are made of."""
    found = [p for p in (root / "kernels").rglob("*") if p.is_file()]
    found += (root / "models").glob("*/*.hpp")
    return sorted(found, key=lambda p: p.relative_to(root).as_posix())


def fingerprint(root):
    digest = hashlib.sha256()
    for path in kernel_sources(root):
        for part in (path.relative_to(root).as_posix().encode(), path.read_bytes()):
            digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()[:16]


def results(root):
    return sorted((root / "benchmarks/results").glob("gpu-*.json"))


def check(root):
    """Why the committed results say nothing of these kernels; empty where one does."""
    found = results(root)
    if not found:
        return "no GPU has run these kernels: there is no benchmarks/results/gpu-*.json (./dev gpu)"
    now = fingerprint(root)
    if any(json.loads(p.read_text()).get("kernels") == now for p in found):
        return ""
    return f"the kernels are not those that a GPU ran last ({found[-1].name}): run ./dev gpu there"


def whole(work):
    """The result of what lies in `work`. Throws OSError or ValueError without about.json."""
    result = json.loads((work / "about.json").read_text())
    for part in PARTS:
        try:
            result[part] = json.loads((work / f"{part}.json").read_text())
        except (OSError, ValueError):
            result[part] = None  # the log says why
    return result


def write(root, work, now):
    result = {"date": now.isoformat(timespec="seconds"), "kernels": fingerprint(root), **whole(work)}
    device = re.sub(r"[^a-z0-9]+", "-", result["gpu"].split(",")[0].lower()).strip("-")
    path = root / f"benchmarks/results/gpu-{device}-{now.date().isoformat()}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")
    return path


def main():
    parser = argparse.ArgumentParser(description="results of runs on GPUs")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--write", metavar="WORK", type=pathlib.Path)
    what.add_argument("--check", action="store_true")
    parser.add_argument(
        "--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[1]
    )
    options = parser.parse_args()
    if options.check:
        if said := check(options.root):
            print(said)
        return 0
    try:
        print(write(options.root, options.write, datetime.datetime.now(datetime.timezone.utc)))
    except (OSError, ValueError, KeyError) as error:
        print(f"gpu_result: {error} [{options.write}]; run ./dev gpu", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
