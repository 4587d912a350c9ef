"""Rollout, mean cost and gradient in PyTorch, batch last: chunks of steps compiled, with the
hand-written adjoint; and eager autograd, as most people write it.

Each returns f(theta [np], states [nx] of [B], times [B]) -> (mean cost, gradient [np]).
"""

from types import SimpleNamespace

import torch
from loops.pendulum_network import NetworkLoop, split


def namespace():
    return SimpleNamespace(
        real=float,
        sin=torch.sin,
        cos=torch.cos,
        sqrt=torch.sqrt,
        tanh=torch.tanh,
        atan2=torch.atan2,
        floor=torch.floor,
        where=torch.where,
        compiled=lambda f: f,
        stack=torch.stack,
        sum_columns=lambda a: a.sum(1, keepdim=True),
    )


def is_network(loop):
    return isinstance(loop, NetworkLoop)


def add(a, b):
    return tuple(p + q for p, q in zip(a, b))


def chunk_sizes(loop, wanted):
    """Those of the wanted numbers of steps that make up a segment."""
    return [size for size in wanted if loop.steps % size == 0]


def hand_gradient(case, loop, chunk, compiled, device):
    """`compiled` is torch.compile or a plain call; a chunk of steps is one compiled function."""
    network = is_network(loop)
    clock = torch.arange(loop.steps, dtype=torch.float64, device=device) * case.dt
    since = clock.float().split(chunk)
    elapsed = (
        torch.arange(loop.segments, dtype=torch.float64, device=device) * loop.steps * case.dt
    ).float()
    carried = (torch.arange(loop.segments, device=device) > 0).float()

    @compiled
    def forward(x, cost, plan, t, since):
        path = []
        for s in since:
            path.append(x)
            x, stage = loop.advance(x, plan, s, t + s)
            cost = cost + stage
        return x, cost, path

    @compiled
    def backward(path, plan, t, since, lam, plan_bar):
        for s, x in zip(reversed(since), reversed(path)):
            lam, pulled = loop.back(x, plan, s, t + s, lam)
            plan_bar = add(plan_bar, pulled)
        return lam, plan_bar

    @compiled
    def decide(parameters, x, t, carried):
        return loop.decide(parameters, x) if network else loop.decide(parameters, t, carried)

    @compiled
    def decide_back(parameters, x, plan_bar, carried, lam, bars):
        if not network:
            return lam, add(bars, loop.decide_back(plan_bar, carried))
        x_bar, pulled = loop.decide_back(parameters, x, plan_bar)
        return (lam[0] + x_bar[0], lam[1] + x_bar[1], lam[2], lam[3]), add(bars, pulled)

    since = [part.unbind() for part in since]

    def gradient(theta, states, times):
        parameters = split(theta) if network else theta.unbind()
        x, cost, paths, plans = states, torch.zeros_like(times), [], []
        for j in range(loop.segments):
            t = times + elapsed[j]
            plans.append(decide(parameters, x, t, carried[j]))
            paths.append([])
            for part in since:
                x, cost, path = forward(x, cost, plans[-1], t, part)
                paths[-1].append(path)
        if not network:
            cost = cost + loop.terminal(x)
        lam = tuple(torch.zeros_like(v) for v in x) if network else loop.terminal_back(x)
        bars = (
            tuple(torch.zeros_like(p) for p in parameters)
            if network
            else (torch.zeros_like(times),) * len(parameters)
        )
        for j in reversed(range(loop.segments)):
            t = times + elapsed[j]
            plan_bar = tuple(torch.zeros_like(times) for _ in plans[j])
            for part, path in zip(reversed(since), reversed(paths[j])):
                lam, plan_bar = backward(path, plans[j], t, part, lam, plan_bar)
            lam, bars = decide_back(parameters, paths[j][0][0], plan_bar, carried[j], lam, bars)
        if network:
            return cost.mean(), torch.cat([b.reshape(-1) for b in bars]) / len(times)
        return cost.mean(), torch.stack([b.mean() for b in bars])

    return torch.no_grad()(gradient)


def usual_gradient(case, loop):
    """Eager, autograd through the loop."""
    network = is_network(loop)

    def gradient(theta, states, times):
        theta = theta.detach().requires_grad_()
        parameters = split(theta) if network else theta.unbind()
        x, cost = states, torch.zeros_like(times)
        for j in range(loop.segments):
            t = times + j * loop.steps * case.dt
            plan = (
                loop.decide(parameters, x) if network else loop.decide(parameters, t, float(j > 0))
            )
            for k in range(loop.steps):
                x, stage = loop.advance(x, plan, k * case.dt, t + k * case.dt)
                cost = cost + stage
        cost = (cost if network else cost + loop.terminal(x)).mean()
        return cost.detach(), torch.autograd.grad(cost, theta)[0]

    return gradient
