"""numba on a GPU: the loop over time in the kernel, a thread a trajectory, the hand-written adjoint
with lambda and the sums in registers, states in global memory [row][trajectory]; then a block a row
of sums.

Without a kernel for the network, whose weights no thread can hold: that case has no row.
NUMBA_ENABLE_CUDASIM=1 runs it on a machine without a GPU, slowly.
"""

import math
from types import SimpleNamespace

import loops
import numba
import numpy as np
from numba import cuda
from numba_loops import compiled_text
from variant import Runner, Variant, single

THREADS = (64, 128, 256)  # a block
SUMMING = 256  # threads that sum a row
real = np.float32


def device_function(function):
    return cuda.jit(function, device=True)


def namespace():
    @device_function
    def where(condition, yes, no):
        return yes if condition else no

    @device_function
    def floor(x):
        return real(math.floor(x))

    return SimpleNamespace(
        real=real,
        sin=math.sin,
        cos=math.cos,
        sqrt=math.sqrt,
        tanh=math.tanh,
        atan2=math.atan2,
        floor=floor,
        where=where,
        compiled=device_function,
    )


def reader(count):
    """read(a, row, b) -> (a[row, b], a[row + 1, b], …)."""
    places = ", ".join(f"a[row + {i}, b]" for i in range(count))
    return compiled_text(device_function, f"def made(a, row, b):\n    return ({places},)\n")


def writer(count):
    lines = "".join(f"    a[row + {i}, b] = v[{i}]\n" for i in range(count))
    return compiled_text(device_function, f"def made(a, row, b, v):\n{lines}")


def of_all(count, what):
    """sum(p, q) -> (p[0] + q[0], …), or `count` numbers that are the expression `what`."""
    return compiled_text(
        device_function,
        f"def made(p, q):\n    return ({', '.join(what.format(i=i) for i in range(count))},)\n",
    )


def trajectory_kernel(case, loop):
    """kernel(theta, states [nx, B], times [B], path [S K nx, B], plans [S n_plan, B],
    sums [1 + np, B])."""
    nx, n_plan, n_theta, S, K = loop.nx, loop.n_plan, len(case.theta), loop.segments, loop.steps
    read_x, write_x, read_plan, write_plan = reader(nx), writer(nx), reader(n_plan), writer(n_plan)
    theta_of = compiled_text(
        device_function,
        f"def made(a):\n    return ({', '.join(f'a[{i}]' for i in range(n_theta))},)\n",
    )
    write_theta, add_plan, add_theta = (
        writer(n_theta),
        of_all(n_plan, "p[{i}] + q[{i}]"),
        of_all(n_theta, "p[{i}] + q[{i}]"),
    )
    no_plan, no_theta = of_all(n_plan, "q"), of_all(n_theta, "q")
    decide, decide_back, advance, back = loop.decide, loop.decide_back, loop.advance, loop.back
    terminal, terminal_back = loop.terminal, loop.terminal_back
    dt, segment_s, zero, one = real(case.dt), real(case.dt * K), real(0), real(1)

    @cuda.jit
    def run(theta, states, times, path, plans, sums):
        b = cuda.grid(1)
        if b >= times.shape[0]:
            return
        parameters, x, cost = theta_of(theta), read_x(states, 0, b), zero
        for j in range(S):
            t = times[b] + segment_s * real(j)
            plan = decide(parameters, t, one if j > 0 else zero)
            write_plan(plans, j * n_plan, b, plan)
            for k in range(K):
                since = dt * real(k)
                write_x(path, (j * K + k) * nx, b, x)
                x, stage = advance(x, plan, since, t + since)
                cost += stage
        sums[0, b] = cost + terminal(x)
        lam, bars = terminal_back(x), no_theta(zero, zero)
        for j in range(S - 1, -1, -1):
            t = times[b] + segment_s * real(j)
            plan, plan_bar = read_plan(plans, j * n_plan, b), no_plan(zero, zero)
            for k in range(K - 1, -1, -1):
                since = dt * real(k)
                lam, pulled = back(read_x(path, (j * K + k) * nx, b), plan, since, t + since, lam)
                plan_bar = add_plan(plan_bar, pulled)
            bars = add_theta(bars, decide_back(plan_bar, one if j > 0 else zero))
        write_theta(sums, 1, b, bars)

    return run


@cuda.jit
def sum_rows(sums, means):
    """means [rows] of sums [rows, B], a block a row, in a fixed order."""
    partial = cuda.shared.array(SUMMING, numba.float32)
    row, thread = cuda.blockIdx.x, cuda.threadIdx.x
    total = real(0)
    for b in range(thread, sums.shape[1], SUMMING):
        total += sums[row, b]
    partial[thread] = total
    half = SUMMING // 2
    while half > 0:
        cuda.syncthreads()
        if thread < half:
            partial[thread] += partial[thread + half]
        half //= 2
    if thread == 0:
        means[row] = partial[0] / real(sums.shape[1])


class CudaRunner(Runner):
    def __init__(self, case, threads):
        loop = loops.of(case, namespace())
        self.kernel = trajectory_kernel(case, loop)
        self.grid = (case.batch + threads - 1) // threads, threads
        self.theta = cuda.to_device(single(case.theta))
        self.sets = [
            (cuda.to_device(single(one.states)), cuda.to_device(single(one.times)))
            for one in case.sets
        ]

        def rows(count):
            return cuda.device_array((count, case.batch), np.float32)

        self.path, self.plans = rows(case.steps * loop.nx), rows(loop.segments * loop.n_plan)
        self.sums, self.means = rows(1 + len(case.theta)), cuda.device_array(
            1 + len(case.theta), np.float32
        )

    def load(self, i):
        self.arguments = self.sets[i]

    def run(self):
        self.kernel[self.grid](self.theta, *self.arguments, self.path, self.plans, self.sums)
        sum_rows[len(self.means), SUMMING](self.sums, self.means)
        cuda.synchronize()

    def result(self):
        means = self.means.copy_to_host()
        return float(means[0]), means[1:].astype(float)


def versions():
    return {"numba": numba.__version__}


def variants(case, device):
    if case.kind == "pendulum_network":
        return []
    return [
        Variant(f"{n} threads a block", "tuned", str(n), lambda n=n: CudaRunner(case, n))
        for n in THREADS
    ]
