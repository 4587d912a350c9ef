"""The car with its tracking law, corrected by theta times its scales: 4 of the setpoint, 6 of the
gains, the same in every segment. kernels/policy/{heads,planar_frame,spline_tracking}.hpp.

A plan holds the spline's coefficients c_x [3], c_y [3] and the corrected gains [6].
"""

import numpy as np

from . import car_law, car_step, figure_eight
from .loop import Loop, only, reals

GAINS = ("kx", "ky", "kv", "kphi", "ka", "kw")


def spline_fit(span):
    """[3, 4]: coefficients of c0 + c1 s + c2 s^2 from (p0, v0, p1, v1), least squares with
    positions weighted 10; kernels/policy/spline.hpp."""
    design = np.array([[1, 0, 0], [0, 1, 0], [1, span, span * span], [0, 1, 2 * span]])
    weight = np.diag([10.0, 1, 10, 1])
    return np.linalg.solve(design.T @ weight @ design, design.T @ weight)


def make(m, case):
    policy, controller = case.config["policy"], case.config["controller"]
    only(policy, timing="simulated")
    at, stage, stage_back, wrap_once = figure_eight.make(m, case)
    step, step_back = car_step.make(m, case)
    law, law_back = car_law.make(m, case, wrap_once)
    span = policy["segment_s"] - case.dt
    (f00, f01, f02, f03), (f10, f11, f12, f13), (f20, f21, f22, f23) = (
        reals(m, row) for row in spline_fit(span)
    )
    s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 = reals(m, policy["scales"])
    g0, g1, g2, g3, g4, g5 = reals(m, (controller["gains"][key] for key in GAINS))
    lead, two, zero = m.real(case.dt), m.real(2), m.real(0)
    setpoint_lead = m.real(span)
    earlier = m.real(span - case.dt * case.steps_per_segment)  # of the decision before

    @m.compiled
    def decide(theta, t, carried):
        d0, d1, d2, d3 = s0 * theta[0], s1 * theta[1], s2 * theta[2], s3 * theta[3]
        p = at(t + carried * earlier)
        p0, p1 = p[0] + carried * d0, p[1] + carried * d1
        p2, p3 = p[2] + carried * d2, p[3] + carried * d3
        z = at(t + setpoint_lead)
        z0, z1, z2, z3 = z[0] + d0, z[1] + d1, z[2] + d2, z[3] + d3
        return (
            f00 * p0 + f01 * p2 + f02 * z0 + f03 * z2,
            f10 * p0 + f11 * p2 + f12 * z0 + f13 * z2,
            f20 * p0 + f21 * p2 + f22 * z0 + f23 * z2,
            f00 * p1 + f01 * p3 + f02 * z1 + f03 * z3,
            f10 * p1 + f11 * p3 + f12 * z1 + f13 * z3,
            f20 * p1 + f21 * p3 + f22 * z1 + f23 * z3,
            g0 + s4 * theta[4],
            g1 + s5 * theta[5],
            g2 + s6 * theta[6],
            g3 + s7 * theta[7],
            g4 + s8 * theta[8],
            g5 + s9 * theta[9],
        )

    @m.compiled
    def decide_back(b, carried):
        p, v = f02 + carried * f00, f03 + carried * f01
        p1, v1 = f12 + carried * f10, f13 + carried * f11
        p2, v2 = f22 + carried * f20, f23 + carried * f21
        return (
            s0 * (p * b[0] + p1 * b[1] + p2 * b[2]),
            s1 * (p * b[3] + p1 * b[4] + p2 * b[5]),
            s2 * (v * b[0] + v1 * b[1] + v2 * b[2]),
            s3 * (v * b[3] + v1 * b[4] + v2 * b[5]),
            s4 * b[6],
            s5 * b[7],
            s6 * b[8],
            s7 * b[9],
            s8 * b[10],
            s9 * b[11],
        )

    @m.compiled
    def setpoint(c, s):
        return (
            c[0] + s * (c[1] + s * c[2]),
            c[3] + s * (c[4] + s * c[5]),
            c[1] + two * s * c[2],
            c[4] + two * s * c[5],
            two * c[2],
            two * c[5],
        )

    @m.compiled
    def gains(plan):
        return plan[6], plan[7], plan[8], plan[9], plan[10], plan[11]

    @m.compiled
    def advance(x, plan, since, t):
        u = law(x, setpoint(plan, since + lead), gains(plan))
        return step(x, u), stage(x, t)

    @m.compiled
    def back(x, plan, since, t, lam):
        s = since + lead
        d, k = setpoint(plan, s), gains(plan)
        x_bar, u_bar = step_back(x, law(x, d, k), lam)
        tracked, b, k_bar = law_back(x, d, k, u_bar)
        scored = stage_back(x, t)
        before = (
            x_bar[0] + tracked[0] + scored[0],
            x_bar[1] + tracked[1] + scored[1],
            x_bar[2] + tracked[2] + scored[2],
            x_bar[3] + tracked[3] + scored[3],
        )
        return before, (
            b[0],
            s * b[0] + b[2],
            s * s * b[0] + two * s * b[2] + two * b[4],
            b[1],
            s * b[1] + b[3],
            s * s * b[1] + two * s * b[3] + two * b[5],
            k_bar[0],
            k_bar[1],
            k_bar[2],
            k_bar[3],
            k_bar[4],
            k_bar[5],
        )

    @m.compiled
    def terminal(x):
        return zero * x[0]

    @m.compiled
    def terminal_back(x):
        return zero * x[0], zero * x[0], zero * x[0], zero * x[0]

    return Loop(
        4,
        12,
        case.steps // case.steps_per_segment,
        case.steps_per_segment,
        decide,
        decide_back,
        advance,
        back,
        terminal,
        terminal_back,
    )
