"""The double pendulum under u = -theta x, theta [2, 4] by rows; quadratic cost.

kernels/policy/trackers.hpp (LinearFeedback), kernels/objective/quadratic.hpp. One segment holds
the whole rollout: the decision is theta.
"""

from . import pendulum
from .loop import Loop, constant_decision, reals


def make(m, case):
    step, step_back = pendulum.make(m, case)
    objective = case.config["objective"]
    g0, g1, g2, g3 = reals(m, objective["goal"])
    q0, q1, q2, q3 = reals(m, objective["state_weights"])
    e0, e1, e2, e3 = reals(m, objective["terminal_weights"])
    r0, r1 = reals(m, objective["input_weights"])
    half = m.real(0.5)
    decide, decide_back = constant_decision(m)

    @m.compiled
    def act(x, k):
        return (
            -(k[0] * x[0] + k[1] * x[1] + k[2] * x[2] + k[3] * x[3]),
            -(k[4] * x[0] + k[5] * x[1] + k[6] * x[2] + k[7] * x[3]),
        )

    @m.compiled
    def squares(x, w0, w1, w2, w3):
        d0, d1, d2, d3 = x[0] - g0, x[1] - g1, x[2] - g2, x[3] - g3
        return w0 * d0 * d0 + w1 * d1 * d1 + w2 * d2 * d2 + w3 * d3 * d3

    @m.compiled
    def advance(x, plan, since, t):
        u = act(x, plan)
        cost = r0 * u[0] * u[0] + r1 * u[1] * u[1] + squares(x, q0, q1, q2, q3)
        return step(x, u), half * cost

    @m.compiled
    def back(x, plan, since, t, lam):
        u = act(x, plan)
        x_bar, pulled = step_back(x, u, lam)
        u0, u1 = pulled[0] + r0 * u[0], pulled[1] + r1 * u[1]
        before = (
            x_bar[0] + q0 * (x[0] - g0) - plan[0] * u0 - plan[4] * u1,
            x_bar[1] + q1 * (x[1] - g1) - plan[1] * u0 - plan[5] * u1,
            x_bar[2] + q2 * (x[2] - g2) - plan[2] * u0 - plan[6] * u1,
            x_bar[3] + q3 * (x[3] - g3) - plan[3] * u0 - plan[7] * u1,
        )
        return before, (
            -x[0] * u0,
            -x[1] * u0,
            -x[2] * u0,
            -x[3] * u0,
            -x[0] * u1,
            -x[1] * u1,
            -x[2] * u1,
            -x[3] * u1,
        )

    @m.compiled
    def terminal(x):
        return half * squares(x, e0, e1, e2, e3)

    @m.compiled
    def terminal_back(x):
        return e0 * (x[0] - g0), e1 * (x[1] - g1), e2 * (x[2] - g2), e3 * (x[3] - g3)

    return Loop(4, 8, 1, case.steps, decide, decide_back, advance, back, terminal, terminal_back)
