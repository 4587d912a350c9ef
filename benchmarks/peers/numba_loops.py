"""Rollout and hand-written adjoint for numba on the CPU: blocks of trajectories in parallel, the
innermost loops over the trajectories of a block, which LLVM turns into SIMD instructions.

All numbers of a block lie in one flat array with offsets known when it is compiled: the compiler
can tell that rows do not overlap without run-time checks, of which it makes only a few.
"""

import numba
import numpy as np
from numba_functions import FUSED
from numba_functions import jit as inlined


def reader(jit, count, stride):
    """read(a, at) -> (a[at], a[at + stride], …), `count` of them."""
    places = ", ".join(f"a[at + {i * stride}]" for i in range(count))
    return compiled_text(jit, f"def made(a, at):\n    return ({places},)\n")


def writer(jit, count, stride, add=False):
    """write(a, at, values): the opposite of reader; `add` adds."""
    lines = "".join(
        f"    a[at + {i * stride}] {'+=' if add else '='} v[{i}]\n" for i in range(count)
    )
    return compiled_text(jit, f"def made(a, at, v):\n{lines}")


def compiled_text(jit, text):
    scope = {}
    exec(text, scope)  # noqa: S102  numba has tuples of a fixed length only
    return jit(scope["made"])


def gradient(case, loop, width):
    """f(theta [np], states [nx, B], times [B], costs [B / width], bars [B / width, np]), all of
    float32: sums of each block. `width` divides B."""
    nx, n_plan, n_theta = loop.nx, loop.n_plan, len(case.theta)
    S, K = loop.segments, loop.steps
    path = 0  # [S K + 1, nx]
    plan = path + (S * K + 1) * nx * width  # [S, n_plan]
    plan_bar = plan + S * n_plan * width
    lam = plan_bar + n_plan * width
    theta_bar = lam + nx * width
    cost = theta_bar + n_theta * width
    size = cost + width
    read_x, write_x = reader(inlined, nx, width), writer(inlined, nx, width)
    read_plan, write_plan = reader(inlined, n_plan, width), writer(inlined, n_plan, width)
    add_plan, add_theta = writer(inlined, n_plan, width, True), writer(
        inlined, n_theta, width, True
    )
    theta_of = reader(inlined, n_theta, 1)
    decide, decide_back, advance, back = loop.decide, loop.decide_back, loop.advance, loop.back
    terminal, terminal_back = loop.terminal, loop.terminal_back
    dt, zero, one = np.float32(case.dt), np.float32(0), np.float32(1)
    segment_s = np.float32(case.dt * K)

    @numba.njit(parallel=True, fastmath=FUSED, error_model="numpy")
    def run(theta, states, times, costs, bars):
        parameters = theta_of(theta, 0)
        for block in numba.prange(len(times) // width):
            a = np.empty(size, np.float32)
            first = block * width
            for b in range(width):
                for i in range(nx):
                    a[path + i * width + b] = states[i, first + b]
            a[theta_bar:size] = zero
            for j in range(S):
                carried = one if j > 0 else zero
                at_plan = plan + j * n_plan * width
                elapsed = segment_s * np.float32(j)
                for b in range(width):
                    write_plan(
                        a, at_plan + b, decide(parameters, times[first + b] + elapsed, carried)
                    )
                for k in range(K):
                    at = path + (j * K + k) * nx * width
                    since = dt * np.float32(k)
                    for b in range(width):
                        t = times[first + b] + elapsed + since
                        x, stage = advance(read_x(a, at + b), read_plan(a, at_plan + b), since, t)
                        write_x(a, at + nx * width + b, x)
                        a[cost + b] += stage
            end = path + S * K * nx * width
            for b in range(width):
                x = read_x(a, end + b)
                a[cost + b] += terminal(x)
                write_x(a, lam + b, terminal_back(x))
            for j in range(S - 1, -1, -1):
                carried = one if j > 0 else zero
                at_plan = plan + j * n_plan * width
                elapsed = segment_s * np.float32(j)
                a[plan_bar:lam] = zero
                for k in range(K - 1, -1, -1):
                    at = path + (j * K + k) * nx * width
                    since = dt * np.float32(k)
                    for b in range(width):
                        t = times[first + b] + elapsed + since
                        before, pulled = back(
                            read_x(a, at + b),
                            read_plan(a, at_plan + b),
                            since,
                            t,
                            read_x(a, lam + b),
                        )
                        write_x(a, lam + b, before)
                        add_plan(a, plan_bar + b, pulled)
                for b in range(width):
                    add_theta(a, theta_bar + b, decide_back(read_plan(a, plan_bar + b), carried))
            costs[block] = np.sum(a[cost:size])
            for i in range(n_theta):
                bars[block, i] = np.sum(a[theta_bar + i * width : theta_bar + (i + 1) * width])

    return run
