"""numba on the CPU, hand-written adjoint, blocks of several widths."""

import loops
import numba
import numba_functions
import numba_loops
import numpy as np
from variant import Runner, Variant, single

WIDTHS = (32, 64, 128, 256)  # trajectories a block


class NumbaRunner(Runner):
    def __init__(self, case, width):
        if case.kind == "pendulum_network":
            import numba_network  # its BLAS comes with SciPy

            self.function = numba_network.gradient(case, width)
        else:
            loop = loops.of(case, numba_functions.namespace())
            self.function = numba_loops.gradient(case, loop, width)
        self.theta = single(case.theta)
        self.sets = [(single(one.states), single(one.times)) for one in case.sets]
        self.batch = case.batch
        self.costs = np.zeros(case.batch // width, np.float32)
        self.bars = np.zeros((case.batch // width, len(case.theta)), np.float32)

    def load(self, i):
        self.arguments = self.sets[i]

    def run(self):
        self.function(self.theta, *self.arguments, self.costs, self.bars)
        self.output = self.costs.sum() / self.batch, self.bars.sum(0) / self.batch

    def result(self):
        return float(self.output[0]), self.output[1].astype(float)


def versions():
    return {"numba": numba.__version__}


def variants(case, device):
    widths = [w for w in WIDTHS if case.batch % w == 0] or [case.batch]
    return [
        Variant(
            f"blocks of {width}", "tuned", str(width), lambda width=width: NumbaRunner(case, width)
        )
        for width in widths
    ]
