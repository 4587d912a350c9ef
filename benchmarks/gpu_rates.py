#!/usr/bin/env python3
"""What GPUs could do at most, from the instructions that nvcc made; no GPU is needed.

  gpu_rates.py FATBIN... [--cuobjdump PROGRAM]

FATBIN is a robot's kernels in float, as the target `registers` leaves them in tests/build/registers
of a build; its name less the suffix names the robot. Counted are rollout, score and adjoint of the
case that benchmarks/cases has of it: chain rollout, no noise, nothing ragged or truncated. A
gradient's rollout takes the cost on the way: it is given all of the score's instructions.
What is printed are predictions: ceilings of issue and of memory, below which latency and heat keep
a GPU.
"""
import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys

from sass_loops import Work, count_kernel, read_listing

STEPS, SEGMENTS = 10, 20  # of a segment, of a trajectory, as in benchmarks/cases
STRETCH = 16  # steps that are recomputed at once in place of being stored
BLOCK_WARPS = 4  # kernels/entry/cuda_entry.inl
OPERATIONS = pathlib.Path(__file__).parent / "operations.json"

# SMs, GHz and GB/s: NVIDIA's data sheets Jetson AGX Orin Series DS-10662-001, Jetson Orin NX Series
# DS-10712-001, Jetson Orin Nano Series DS-11105-001 (the highest clock of the first power modes,
# not of the later "Super" ones), H200 (SXM: 67 TFLOP/s of fp32 are 132 SMs x 256 x 1.98 GHz).
# Warps an SM holds: CUDA C++ Programming Guide, technical specifications by compute capability.
Part = collections.namedtuple("Part", "architecture sms ghz gb_per_s warps")
PARTS = {
    "AGX Orin 64 GB": Part("sm_87", 16, 1.3, 204.8, 48),
    "Orin NX 16 GB": Part("sm_87", 8, 0.918, 102.4, 48),
    "Orin Nano 8 GB": Part("sm_87", 8, 0.625, 68, 48),
    "H200": Part("sm_90", 132, 1.98, 4800, 64),
}
# Instructions that an SM does a clock, times 32 lanes: four schedulers; CUDA C++ Programming Guide,
# throughput of native arithmetic instructions (comparison, selection and integer: 64; special: 16).
LANES = {"issue": 128, "alu": 64, "special": 16}

# Numbers of its own that a trajectory loads or stores in a step of each kernel, and the schedule's,
# which all trajectories share. What is not used is not loaded: the car's cost has no inputs.
Case = collections.namedtuple("Case", "nx nz own shared")
CASES = {
    "scalar_setpoint": Case(
        1, 1, {"rollout": 2, "score": 2, "adjoint": 2}, {"rollout": 2, "adjoint": 1}),
    "double_pendulum_linear": Case(4, 8, {"rollout": 6, "score": 6, "adjoint": 6}, {}),
    "car_corrections": Case(4, 10, {"rollout": 6, "score": 4, "adjoint": 5}, {}),
    "dynamic_car": Case(
        6, 12, {"rollout": 8, "score": 8, "adjoint": 8}, {"rollout": 8, "adjoint": 6}),
}
KERNELS = ("rollout", "score", "adjoint")
UNIT_COLUMNS = ("fp32", "special", "alu", "imad", "uniform", "global", "local")


def run(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise ValueError(f"{program} failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def one_of(symbols, kernel):
    name = f"run_kernelINS0_{len(kernel)}{kernel.capitalize()}I"
    others = ("RungeKutta4", "SemiImplicitEuler")
    found = [s for s in symbols if name in s and not any(other in s for other in others)]
    if len(found) != 1:
        raise ValueError(f"{len(found)} kernels are called {kernel}")
    return found[0]


def read_kernels(cuobjdump, fatbin, case, architecture):
    """{kernel: (Kernel, registers)} of one robot."""
    code = read_listing(run(cuobjdump, "-sass", "-arch", architecture, fatbin).splitlines())
    usage = run(cuobjdump, "-res-usage", "-arch", architecture, fatbin)
    registers = {m[1]: int(m[2]) for m in re.finditer(r"Function (\S+):\s+REG:(\d+)", usage)}
    kernels = {}
    for kernel in KERNELS:
        symbol = one_of(code, kernel)
        own, shared = case.own[kernel], case.shared.get(kernel, 0)
        loads, stores = (shared, own) if kernel == "rollout" else (own + shared, 0)
        cleared = case.nz if kernel == "adjoint" else 0
        outside = 1 if kernel == "adjoint" else 0  # its stretches, of which chain rollout has one
        counted = count_kernel(code[symbol], loads, stores, cleared, outside)
        kernels[kernel] = counted, registers[symbol]
    return kernels


def bytes_per_step(case, kernel, counted):
    """Of a trajectory's own numbers: what all share is in a cache."""
    apart = counted.segment.accesses / STEPS + counted.trajectory.accesses / STEPS / SEGMENTS
    return 4 * (case.own[kernel] + apart)


def warps(part, registers):
    """That an SM holds: registers are given to a warp in 256s, of 65536."""
    each = -(-registers * 32 // 256) * 256
    return min(65536 // each // BLOCK_WARPS * BLOCK_WARPS, part.warps)


def ceilings(part, work, size):
    """{limit: G steps/s}."""
    counts = {"issue": work.instructions, **work.units}
    of = {limit: part.sms * part.ghz * lanes / counts[limit]
          for limit, lanes in LANES.items() if counts.get(limit)}
    return {**of, "memory": part.gb_per_s / size}


def in_turn(part, kernels):
    """G steps/s of kernels that run one after the other, and what binds each (i, a, s or m)."""
    seconds, binding = 0, ""
    for work, size in kernels:
        of = ceilings(part, work, size)
        limit = min(of, key=of.get)
        seconds += 1 / of[limit]
        binding += limit[0]
    return f"{1 / seconds:.2f} {binding}"


def of_gradient(kernels):
    """Rollout and score as one kernel, which has the samples in registers; the adjoint."""
    (rollout, stored), (score, _), adjoint = kernels.values()
    return [(rollout + score, stored), adjoint]


def recomputed(case, kernels):
    """Of what steps store only every 16th state: the adjoint simulates each stretch
    again. Loads and stores that are spared are not taken off the instructions."""
    kept = case.nx / STRETCH
    (rollout, _), (score, _), (adjoint, _) = kernels.values()
    stored, loaded = (kernels[k][1] + 4 * (kept - case.own[k]) for k in ("rollout", "adjoint"))
    return [(rollout + score, stored), (adjoint + rollout, loaded)]


def operations(robot):
    """{kernel: operations a step} of the case, counted by running it."""
    for figure in json.loads(OPERATIONS.read_text())["figures"]:
        of = figure["of"]
        if ((of["kernels"], of["chain"], of["steps_per_segment"]) == (robot, "rollout", STEPS)
                and of["plant_integrator"] in ("euler", "discrete")):
            return {k: {o: (n + figure[k]["trajectory"][o] / SEGMENTS) / STEPS
                        for o, n in figure[k]["segment"].items()} for k in KERNELS}
    raise ValueError(f"{OPERATIONS} has nothing of {robot}")


def count_rows(robot, architecture, kernels):
    part = next(p for p in PARTS.values() if p.architecture == architecture)
    for kernel, (of, registers) in kernels.items():
        work, ops = of.per_step(STEPS, SEGMENTS), operations(robot)[kernel]
        yield [robot, architecture, kernel, of.step.instructions, str(of.unrolled),
               of.segment.instructions, of.trajectory.instructions, work.instructions,
               *(work.units[unit] for unit in UNIT_COLUMNS),
               ops["add"] + ops["multiply"] + ops["multiply_add"], ops["divide"] + ops["root"],
               registers, f"{warps(part, registers)} of {part.warps}"]


def rate_rows(robot, case, works):
    for name, part in PARTS.items():
        kernels = works[part.architecture]
        work = sum((w for w, _ in of_gradient(kernels)), Work())
        size = sum(s for _, s in of_gradient(kernels))
        of = ceilings(part, work, size)
        yield [robot, name, work.instructions, size, f"{of['issue']:.2f}", f"{of['memory']:.2f}",
               in_turn(part, of_gradient(kernels)), in_turn(part, recomputed(case, kernels))]


def print_table(heads, rows):
    print("| " + " | ".join(heads) + " |\n" + "| --- " * len(heads) + "|")
    for row in rows:
        cells = (c if isinstance(c, str) else f"{c:.{c < 20:d}f}" for c in row)
        print("| " + " | ".join(cells) + " |")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fatbins", nargs="+", type=pathlib.Path)
    parser.add_argument("--cuobjdump", default="cuobjdump")
    arguments = parser.parse_args()
    counts, rates = [], []
    for fatbin in arguments.fatbins:
        robot = fatbin.stem.removesuffix("_float_cuda")
        if robot not in CASES:
            raise ValueError(f"no case for '{fatbin}'; there are {', '.join(CASES)}")
        case, works = CASES[robot], {}
        for architecture in sorted({part.architecture for part in PARTS.values()}):
            kernels = read_kernels(arguments.cuobjdump, fatbin, case, architecture)
            counts += count_rows(robot, architecture, kernels)
            works[architecture] = {k: (of.per_step(STEPS, SEGMENTS), bytes_per_step(case, k, of))
                                   for k, (of, _) in kernels.items()}
        rates += rate_rows(robot, case, works)
    print("Instructions of a pass through each part, and a trajectory-step:\n")
    print_table(["bundle", "for", "kernel", "step", "unrolled", "segment", "trajectory", "a step",
                 *UNIT_COLUMNS, "products, sums", "divisions, roots", "registers", "warps"], counts)
    print("G trajectory-steps/s at most; what binds each kernel: issue, alu, special, memory:\n")
    print_table(["bundle", "part", "instructions a step", "bytes a step", "issue", "memory",
                 "rollout, adjoint in turn", f"stretches of {STRETCH} recomputed"], rates)


if __name__ == "__main__":
    try:
        main()
    except (ValueError, OSError) as problem:
        sys.exit(f"gpu_rates: {problem}")
