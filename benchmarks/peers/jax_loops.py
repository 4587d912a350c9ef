"""Rollout, mean cost and gradient in JAX, batch last: by autodiff of a scan, by the hand-written
adjoint, by an associative scan of the adjoint over time.

Each `…_gradient(case, loop, …)` returns f(theta, states [nx] of [B], times [B]) -> (mean cost,
gradient [np]), fp32, to be jitted whole.
"""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from loops.pendulum_network import NetworkLoop, split


def namespace():
    return SimpleNamespace(
        real=float,
        sin=jnp.sin,
        cos=jnp.cos,
        sqrt=jnp.sqrt,
        tanh=jnp.tanh,
        atan2=jnp.arctan2,
        floor=jnp.floor,
        where=jnp.where,
        compiled=lambda f: f,
        stack=jnp.stack,
        sum_columns=lambda a: a.sum(1, keepdims=True),
    )


def is_network(loop):
    return isinstance(loop, NetworkLoop)


def segment_clock(case, loop):
    """(elapsed [S], carried [S]) of the segments, since [K] of their steps; rounded once."""
    j, k = np.arange(loop.segments), np.arange(loop.steps)
    single = np.float32
    return (
        jnp.asarray((j * loop.steps * case.dt).astype(single)),
        jnp.asarray((j > 0).astype(single)),
    ), jnp.asarray((k * case.dt).astype(single))


def scan_once(body, carry, xs, length, unroll, reverse=False):
    """lax.scan, or the body itself where there is one step."""
    if length > 1:
        return lax.scan(body, carry, xs, reverse=reverse, unroll=min(unroll, length))
    carry, y = body(carry, jax.tree.map(lambda a: a[0], xs))
    return carry, jax.tree.map(lambda a: a[None], y)


def decider(loop, parameters, x, t, carried):
    return loop.decide(parameters, x) if is_network(loop) else loop.decide(parameters, t, carried)


def parameters_of(loop, theta, batch):
    """Weights of the network, or every parameter spread over the batch: then the scan's transpose
    adds arrays, and one reduction ends it."""
    return split(theta) if is_network(loop) else tuple(jnp.broadcast_to(p, (batch,)) for p in theta)


def mean_cost(case, loop, unroll, remat):
    segments, since = segment_clock(case, loop)

    def total(theta, states, times):
        parameters = parameters_of(loop, theta, times.shape[0])

        def segment(carry, now):
            elapsed, carried = now
            t = times + elapsed
            plan = decider(loop, parameters, carry[0], t, carried)

            def step(carry, s):
                x, cost = loop.advance(carry[0], plan, s, t + s)
                return (x, carry[1] + cost), None

            body = jax.checkpoint(step) if remat and not is_network(loop) else step
            return scan_once(body, carry, since, loop.steps, unroll)[0], None

        body = jax.checkpoint(segment) if remat and is_network(loop) else segment
        (x, cost), _ = scan_once(
            body, (tuple(states), jnp.zeros_like(times)), segments, loop.segments, unroll
        )
        return jnp.mean(cost if is_network(loop) else cost + loop.terminal(x))

    return total


def autodiff_gradient(case, loop, unroll, remat):
    return jax.value_and_grad(mean_cost(case, loop, unroll, remat))


def forward(case, loop, parameters, states, times, unroll):
    """Final state, cost [B], states [S, K][nx] of [B], plans [S] of [B]."""
    segments, since = segment_clock(case, loop)

    def segment(carry, now):
        elapsed, carried = now
        t = times + elapsed
        plan = decider(loop, parameters, carry[0], t, carried)

        def step(carry, s):
            x, cost = loop.advance(carry[0], plan, s, t + s)
            return (x, carry[1] + cost), carry[0]

        carry, path = scan_once(step, carry, since, loop.steps, unroll)
        return carry, (path, plan)

    (x, cost), (path, plans) = scan_once(
        segment, (tuple(states), jnp.zeros_like(times)), segments, loop.segments, unroll
    )
    return x, cost, path, plans


def hand_gradient(case, loop, unroll):
    """The adjoint as phigrad has it, states stored, everything else computed again."""
    segments, since = segment_clock(case, loop)
    network = is_network(loop)

    def gradient(theta, states, times):
        parameters = parameters_of(loop, theta, times.shape[0])
        x, cost, path, plans = forward(case, loop, parameters, states, times, unroll)
        lam = jax.tree.map(jnp.zeros_like, x) if network else loop.terminal_back(x)
        zero = jax.tree.map(jnp.zeros_like, parameters)

        def segment(carry, now):
            (elapsed, carried), xs, plan = now
            lam, bars = carry
            t = times + elapsed

            def step(carry, now):
                s, x = now
                lam, pulled = loop.back(x, plan, s, t + s, carry[0])
                return (lam, jax.tree.map(jnp.add, carry[1], pulled)), None

            nothing = jax.tree.map(jnp.zeros_like, plan)
            (lam, plan_bar), _ = scan_once(
                step, (lam, nothing), (since, xs), loop.steps, unroll, reverse=True
            )
            if network:
                x_bar, pulled = loop.decide_back(parameters, tuple(a[0] for a in xs), plan_bar)
                lam = (lam[0] + x_bar[0], lam[1] + x_bar[1], lam[2], lam[3])
            else:
                pulled = loop.decide_back(plan_bar, carried)
            return (lam, jax.tree.map(jnp.add, bars, type(bars)(pulled))), None

        (_, bars), _ = scan_once(
            segment, (lam, zero), (segments, path, plans), loop.segments, unroll, reverse=True
        )
        if network:
            return jnp.mean(cost), jnp.concatenate([b.ravel() for b in bars]) / times.shape[0]
        return jnp.mean(cost + loop.terminal(x)), jnp.stack([jnp.mean(b) for b in bars])

    return gradient


def associative_gradient(case, loop, unroll):
    """The adjoint is affine in lambda: lambda_t = c_t + A_t^T lambda_{t+1}, all t at once, then a
    scan in log T depth over the pairs (A^T, c). For small batches of loops without a network."""
    segments, since = segment_clock(case, loop)

    def gradient(theta, states, times):
        batch = times.shape[0]
        parameters = parameters_of(loop, theta, batch)
        x, cost, path, plans = forward(case, loop, parameters, states, times, unroll)
        s = since[None, :, None]
        t = times + segments[0][:, None, None] + s
        plan = tuple(
            jnp.broadcast_to(p[:, None], (loop.segments, loop.steps, batch)) for p in plans
        )
        like = jnp.zeros_like(path[0])

        def back(lam):
            return loop.back(path, plan, s, t, lam)[0]

        # back is affine: its value at zero, and at each unit vector less that.
        offset = back((like,) * loop.nx)
        units = [back(tuple(like + (i == n) for i in range(loop.nx))) for n in range(loop.nx)]

        def flat(a):
            return jnp.broadcast_to(a, like.shape).reshape(-1, batch)

        columns = [jnp.stack([flat(u[i] - offset[i]) for i in range(loop.nx)]) for u in units]
        A = jnp.moveaxis(jnp.stack(columns, 1), 2, 0)  # [T, nx, nx, B]
        c = jnp.moveaxis(jnp.stack([flat(o) for o in offset]), 1, 0)  # [T, nx, B]

        def compose(later, earlier):
            A1, c1 = later
            A0, c0 = earlier
            return jnp.einsum("tijb,tjkb->tikb", A0, A1), c0 + jnp.einsum("tijb,tjb->tib", A0, c1)

        end = jnp.stack(loop.terminal_back(x))
        M, d = lax.associative_scan(compose, (A, c), reverse=True)
        lam = d + jnp.einsum("tijb,jb->tib", M, end)
        after = jnp.concatenate([lam[1:], end[None]])  # lambda of the state after each step
        after = tuple(after[:, i].reshape(like.shape) for i in range(loop.nx))
        pulled = loop.back(path, plan, s, t, after)[1]
        plan_bar = tuple(jnp.broadcast_to(p, like.shape).sum(1) for p in pulled)
        bars = loop.decide_back(plan_bar, segments[1][:, None])
        return jnp.mean(cost + loop.terminal(x)), jnp.stack([b.sum() for b in bars]) / batch

    return gradient


def usual_gradient(case, loop):
    """As most people write it: one trajectory, arrays of state, vmap over the batch, autodiff, a
    plain scan, nothing rematerialised."""
    segments, since = segment_clock(case, loop)

    def trajectory(theta, state, time):
        parameters = theta
        if is_network(loop):  # one trajectory's arrays have no column
            parameters = [w[:, 0] if w.shape[1] == 1 else w for w in split(theta)]

        def segment(carry, now):
            elapsed, carried = now
            t = time + elapsed
            x = carry[0]
            if is_network(loop):
                plan = jnp.stack(loop.decide(parameters, x))
            else:
                plan = jnp.stack(loop.decide(parameters, t, carried))

            def step(carry, s):
                x, cost = loop.advance(carry[0], plan, s, t + s)
                return (jnp.stack(x), carry[1] + cost), None

            return lax.scan(step, carry, since)[0], None

        (x, cost), _ = lax.scan(segment, (state, jnp.zeros(())), segments)
        return cost if is_network(loop) else cost + loop.terminal(x)

    def total(theta, states, times):
        return jnp.mean(jax.vmap(trajectory, (None, 0, 0))(theta, states, times))

    return jax.value_and_grad(total)
