"""casadi on the CPU: its expressions as C, compiled by gcc -O3 -march=native with the loops of
casadi_driver.c around them.
"""

import ctypes
import subprocess
import tempfile
from pathlib import Path

import casadi as ca
import casadi_functions
import numpy as np
from loops.pendulum_network import SHAPES, NetworkLoop
from variant import Runner, Variant, single

DRIVER = Path(__file__).with_name("casadi_driver.c")


def columns_first(theta, network):
    """theta as casadi has matrices: column by column."""
    return rearranged(theta, "F") if network else theta


def rearranged(theta, order):
    """A network's parameters from rows first to columns first ("F"), or back ("C")."""
    parts, at = [], 0
    for shape in SHAPES:
        part = theta[at : at + shape[0] * shape[1]]
        at += len(part)
        given = part.reshape(shape, order="C" if order == "F" else "F")
        parts.append(given.ravel(order=order))
    return np.concatenate(parts)


def library(case, loop, made, folder):
    """The shared library's gradient_of_mean."""
    folder = Path(folder)
    casadi_functions.write_c(made, folder / "generated.c")
    parts = [r * c for r, c in SHAPES] if isinstance(loop, NetworkLoop) else [len(case.theta)]
    sizes = {
        "NX": loop.nx,
        "N_PLAN": 8 if isinstance(loop, NetworkLoop) else loop.n_plan,
        "N_THETA": len(case.theta),
        "PARTS": len(parts),
        "PART_SIZES": "{" + ",".join(map(str, parts)) + "}",
        "SEGMENTS": loop.segments,
        "STEPS": loop.steps,
        "IW": max(f.sz_iw() for f in made) + 1,
        "W": max(f.sz_w() for f in made) + 1,
        "GENERATED": f'"{folder / "generated.c"}"',
    }
    target = folder / "gradient.so"
    subprocess.run(
        [
            "gcc",
            "-O3",
            "-march=native",
            "-fno-math-errno",  # IEEE arithmetic all the same: no branch about errno and traps
            "-fno-trapping-math",
            "-fopenmp",
            "-fPIC",
            "-shared",
            *(f"-D{k}={v}" for k, v in sizes.items()),
            str(DRIVER),
            "-o",
            str(target),
            "-lm",
        ],
        check=True,
    )
    return ctypes.CDLL(str(target)).gradient_of_mean


class CasadiRunner(Runner):
    def __init__(self, case):
        loop, made = casadi_functions.functions(case)
        self.network = isinstance(loop, NetworkLoop)
        with tempfile.TemporaryDirectory() as folder:
            self.function = library(case, loop, made, folder)
        self.theta = single(columns_first(case.theta, self.network))
        self.sets = [(single(one.states.T), single(one.times)) for one in case.sets]
        self.batch, self.dt = case.batch, ctypes.c_float(case.dt)
        self.cost, self.gradient = np.zeros(1), np.zeros(len(case.theta))

    def load(self, i):
        self.states, self.times = self.sets[i]

    def run(self):
        def at(array):
            return ctypes.c_void_p(array.ctypes.data)

        self.function(
            at(self.theta),
            at(self.states),
            at(self.times),
            self.batch,
            self.dt,
            at(self.cost),
            at(self.gradient),
        )

    def result(self):
        return float(self.cost[0]), (
            rearranged(self.gradient, "C") if self.network else self.gradient.copy()
        )


def versions():
    return {"casadi": ca.__version__}


def variants(case, device):
    return [Variant("gcc -O3", "tuned", "gcc -O3", lambda: CasadiRunner(case))]
