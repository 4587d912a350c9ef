"""The double pendulum under u = -(K + dK)(x - setpoint), setpoint and dK from a 64-64 tanh network;
cost: squared distance of the tip to a point. models/double_pendulum/{frames,corrected_feedback,
end_effector}.hpp, kernels/policy/{heads,mlp}.hpp.

The network works on arrays [units, B] (casadi: [units, 1]): `m` has stack and the operator @ beside
what loop.py names. `weights` is W1, b1 [64, 1], W2, b2, W3, b3.
"""

from typing import Callable, NamedTuple

from gains import pendulum_gains

from . import pendulum
from .loop import only, reals


class NetworkLoop(NamedTuple):
    """As Loop, but decide(weights, x) -> plan, and decide_back(weights, x, plan_bar) ->
    (x_bar, weights_bar), the latter summed over the batch."""

    nx: int
    segments: int
    steps: int
    decide: Callable
    decide_back: Callable
    advance: Callable
    back: Callable


HIDDEN, INPUTS, OUTPUTS = 64, 4, 8
SHAPES = (
    (HIDDEN, INPUTS),
    (HIDDEN, 1),
    (HIDDEN, HIDDEN),
    (HIDDEN, 1),
    (OUTPUTS, HIDDEN),
    (OUTPUTS, 1),
)


def split(theta):
    """theta [np] of arrays into `weights`; W by rows, as kernels/policy/mlp.hpp has them."""
    weights, offset = [], 0
    for rows, columns in SHAPES:
        weights.append(theta[offset : offset + rows * columns].reshape(rows, columns))
        offset += rows * columns
    return weights


def scales(case):
    """Of the network's outputs, and nominal K [2, 4]."""
    policy = case.config["policy"]
    K = pendulum_gains(case.config)
    return (
        list(policy["setpoint_scales"]) + [policy["gain_scale"] * K[j % 2][j] for j in range(4)],
        K,
    )


def make(m, case):
    only(case.config["policy"], hidden=[HIDDEN, HIDDEN])
    scale, K = scales(case)
    scale = reals(m, scale)
    nominal = reals(m, list(case.config["policy"]["setpoint"]) + [0, 0, 0, 0])
    sin, cos, tanh = m.sin, m.cos, m.tanh

    def activations(weights, x):
        W1, b1, W2, b2, W3, b3 = weights
        inputs = m.stack([cos(x[0]), sin(x[0]), cos(x[1]), sin(x[1])])
        first = tanh(W1 @ inputs + b1)
        second = tanh(W2 @ first + b2)
        return inputs, first, second, tanh(W3 @ second + b3)

    def decide(weights, x):
        out = activations(weights, x)[3]
        return tuple(nominal[i] + scale[i] * out[i] for i in range(OUTPUTS))

    def decide_back(weights, x, plan_bar):
        W1, _, W2, _, W3, _ = weights
        inputs, first, second, out = activations(weights, x)
        delta3 = m.stack([scale[i] * plan_bar[i] for i in range(OUTPUTS)]) * (1 - out * out)
        delta2 = (W3.T @ delta3) * (1 - second * second)
        delta1 = (W2.T @ delta2) * (1 - first * first)
        i = W1.T @ delta1
        x_bar = i[1] * inputs[0] - i[0] * inputs[1], i[3] * inputs[2] - i[2] * inputs[3]
        weights_bar = [
            delta1 @ inputs.T,
            m.sum_columns(delta1),
            delta2 @ first.T,
            m.sum_columns(delta2),
            delta3 @ second.T,
            m.sum_columns(delta3),
        ]
        return x_bar, weights_bar

    advance, back = steps(m, case, K)
    return NetworkLoop(
        4,
        case.steps // case.steps_per_segment,
        case.steps_per_segment,
        decide,
        decide_back,
        advance,
        back,
    )


def steps(m, case, K):
    """advance and back of one step under a plan: setpoint [4], dK11, dK22, dK13, dK24."""
    step, step_back = pendulum.make(m, case)
    objective = case.config["objective"]
    plant = case.config["plant"]
    l1, l2 = m.real(plant["length1_m"]), m.real(plant["length2_m"])
    target0, target1 = reals(m, objective["target_m"])
    (k00, k01, k02, k03), (k10, k11, k12, k13) = (reals(m, row) for row in K)
    two = m.real(2)
    sin, cos = m.sin, m.cos

    @m.compiled
    def gaps(x, z):
        return z[0] - x[0], z[1] - x[1], z[2] - x[2], z[3] - x[3]

    @m.compiled
    def act(x, z):
        e = gaps(x, z)
        return (
            (k00 + z[4]) * e[0] + k01 * e[1] + (k02 + z[6]) * e[2] + k03 * e[3],
            k10 * e[0] + (k11 + z[5]) * e[1] + k12 * e[2] + (k13 + z[7]) * e[3],
        )

    @m.compiled
    def tip(x):
        s1, c1, s12, c12 = sin(x[0]), cos(x[0]), sin(x[0] + x[1]), cos(x[0] + x[1])
        return s1, c1, s12, c12, l1 * s1 + l2 * s12 - target0, -(l1 * c1) - l2 * c12 - target1

    @m.compiled
    def advance(x, z, since, t):
        p = tip(x)
        return step(x, act(x, z)), p[4] * p[4] + p[5] * p[5]

    @m.compiled
    def back(x, z, since, t, lam):
        e = gaps(x, z)
        x_bar, u = step_back(x, act(x, z), lam)
        s1, c1, s12, c12, dx, dy = tip(x)
        outer = two * l2 * (dx * c12 + dy * s12)
        inner = two * l1 * (dx * c1 + dy * s1)
        p0 = (k00 + z[4]) * u[0] + k10 * u[1]
        p1 = k01 * u[0] + (k11 + z[5]) * u[1]
        p2 = (k02 + z[6]) * u[0] + k12 * u[1]
        p3 = k03 * u[0] + (k13 + z[7]) * u[1]
        before = x_bar[0] + inner + outer - p0, x_bar[1] + outer - p1, x_bar[2] - p2, x_bar[3] - p3
        return before, (p0, p1, p2, p3, e[0] * u[0], e[1] * u[1], e[2] * u[0], e[3] * u[1])

    return advance, back
