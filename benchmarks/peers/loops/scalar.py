"""x+ = a x + b u under u = u_ff + k (theta - x); cost 1/2 sum q (x - goal)^2 + r u^2.

models/scalar/dynamics.hpp, kernels/policy/trackers.hpp (SetpointFeedback),
kernels/objective/quadratic.hpp. One segment holds the whole rollout: the decision is theta.
"""

from .loop import Loop, constant_decision, only


def make(m, case):
    config = case.config
    only(config["model"], a_error=0, b_error=0)
    only(config["controller"], type="given")
    objective, policy = config["objective"], config["policy"]
    a, b = m.real(config["plant"]["a"]), m.real(config["plant"]["b"])
    k, u_ff = m.real(config["controller"]["gain"]), m.real(policy["feed_forward"])
    goal, q = m.real(objective["goal"]), m.real(objective["state_weight"])
    r, q_end = m.real(objective["input_weight"]), m.real(objective["terminal_weight"])
    half = m.real(0.5)
    decide, decide_back = constant_decision(m)

    @m.compiled
    def advance(x, plan, since, t):
        u = u_ff + k * (plan[0] - x[0])
        error = x[0] - goal
        return (a * x[0] + b * u,), half * (q * error * error + r * u * u)

    @m.compiled
    def back(x, plan, since, t, lam):
        u = u_ff + k * (plan[0] - x[0])
        pulled = k * (b * lam[0] + r * u)
        return (a * lam[0] + q * (x[0] - goal) - pulled,), (pulled,)

    @m.compiled
    def terminal(x):
        return half * q_end * (x[0] - goal) * (x[0] - goal)

    @m.compiled
    def terminal_back(x):
        return (q_end * (x[0] - goal),)

    return Loop(1, 1, 1, case.steps, decide, decide_back, advance, back, terminal, terminal_back)
