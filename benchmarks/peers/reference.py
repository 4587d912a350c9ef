"""Mean cost and gradient in fp64 by a plain loop over numpy arrays: what every peer is held to.

check.py holds it to the complex step of its own cost, and the peers that differentiate by
themselves (JAX, PyTorch) to an adjoint that is not its own.
"""

from types import SimpleNamespace

import loops
import numpy as np
from loops.pendulum_network import NetworkLoop, split

BLOCK = 4096  # trajectories at once: their arrays stay in the cache


def namespace():
    return SimpleNamespace(
        real=float,
        sin=np.sin,
        cos=np.cos,
        sqrt=np.sqrt,
        tanh=np.tanh,
        atan2=np.arctan2,
        floor=np.floor,
        where=np.where,
        compiled=lambda f: f,
        stack=np.stack,
        sum_columns=lambda a: a.sum(1, keepdims=True),
    )


def clock(case, loop):
    """(segment, step) of every step in order, with s since the rollout and the segment began."""
    for j in range(loop.segments):
        for k in range(loop.steps):
            yield j, k, (j * loop.steps + k) * case.dt, k * case.dt


def costs(case, loop, theta, states, times):
    """Cost of each trajectory [B], the states [T+1][nx] of [B], the plans [S]; any dtype."""
    network = isinstance(loop, NetworkLoop)
    weights = split(theta) if network else tuple(theta)
    x, cost, path, plans = tuple(states), 0, [], []
    for j, k, elapsed, since in clock(case, loop):
        if k == 0:
            plans.append(
                loop.decide(weights, x)
                if network
                else loop.decide(weights, times + elapsed, min(j, 1))
            )
        path.append(x)
        x, stage = loop.advance(x, plans[-1], since, times + elapsed)
        cost = cost + stage
    path.append(x)
    return cost if network else cost + loop.terminal(x), path, plans


def block_gradient(case, loop, theta, states, times):
    """Sums over the block: cost, gradient [np]."""
    network = isinstance(loop, NetworkLoop)
    cost, path, plans = costs(case, loop, theta, states, times)
    lam = tuple(0 * v for v in path[-1]) if network else loop.terminal_back(path[-1])
    weights, gradient, plan_bar = split(theta) if network else None, 0, None
    for j, k, elapsed, since in reversed(list(clock(case, loop))):
        x = path[j * loop.steps + k]
        lam, pulled = loop.back(x, plans[j], since, times + elapsed, lam)
        plan_bar = pulled if k == loop.steps - 1 else tuple(a + b for a, b in zip(plan_bar, pulled))
        if k > 0:
            continue
        if network:
            x_bar, bars = loop.decide_back(weights, x, plan_bar)
            lam = (lam[0] + x_bar[0], lam[1] + x_bar[1], lam[2], lam[3])
            gradient = gradient + np.concatenate([bar.ravel() for bar in bars])
        else:
            bars = loop.decide_back(plan_bar, min(j, 1))
            gradient = gradient + np.array([np.sum(bar) for bar in bars])
    return np.sum(cost), gradient


def gradient(case, one):
    """(mean cost, gradient [np] of the mean) of an InputSet."""
    loop = loops.of(case, namespace())
    cost, total = 0.0, np.zeros(len(case.theta))
    for first in range(0, case.batch, BLOCK):
        block = slice(first, first + BLOCK)
        part = block_gradient(case, loop, case.theta, one.states[:, block], one.times[block])
        cost, total = cost + part[0], total + part[1]
    return cost / case.batch, total / case.batch


def error(gradient_, wanted):
    """Relative in norm; not a number where the gradient is not."""
    return float(np.linalg.norm(np.asarray(gradient_, float) - wanted) / np.linalg.norm(wanted))
