"""The car with its tracking law, corrected by theta: 4 of the setpoint, 6 of the gains, the same in
every segment. models/car/dynamics.hpp, models/car/tracking_law.hpp,
kernels/policy/spline_tracking.hpp, kernels/policy/planar_path.hpp.

A plan holds the spline's coefficients c_x [3], c_y [3] and the corrected gains [6].
"""
import numpy as np

from . import figure_eight
from .loop import Loop, only, reals

GAINS = ("kx", "ky", "kv", "kphi", "ka", "kw")


def spline_fit(span):
    """[3, 4]: coefficients of c0 + c1 s + c2 s^2 from (p0, v0, p1, v1), least squares with
    positions weighted 10; kernels/policy/spline.hpp."""
    design = np.array([[1, 0, 0], [0, 1, 0], [1, span, span * span], [0, 1, 2 * span]])
    weight = np.diag([10.0, 1, 10, 1])
    return np.linalg.solve(design.T @ weight @ design, design.T @ weight)


def step_of(m, case):
    """step(x, u) -> x+, step_back(x, u, lam) -> (x_bar, u_bar); explicit Euler."""
    config = case.config
    only(config["model"], scale=1)
    if config["model"].get("parameters") is not None:
        only(config["model"]["parameters"], **config["plant"])
    keys = ("accel_gain", "drag_per_m", "turn_gain_per_m", "turn_bias_per_m")
    accel, drag, turn, bias = reals(m, (config["plant"][key] for key in keys))
    dt, two = m.real(case.dt), m.real(2)
    sin, cos = m.sin, m.cos

    @m.compiled
    def step(x, u):
        along = dt * x[2]
        return (
            x[0] + along * cos(x[3]),
            x[1] + along * sin(x[3]),
            x[2] + dt * (accel * u[0] - drag * x[2] * x[2]),
            x[3] + along * (turn * u[1] + bias),
        )

    @m.compiled
    def step_back(x, u, lam):
        sine, cosine = sin(x[3]), cos(x[3])
        w0, w1, w2, w3 = dt * lam[0], dt * lam[1], dt * lam[2], dt * lam[3]
        x_bar = (
            lam[0],
            lam[1],
            lam[2] + cosine * w0 + sine * w1 - two * drag * x[2] * w2 + (turn * u[1] + bias) * w3,
            lam[3] + x[2] * (cosine * w1 - sine * w0),
        )
        return x_bar, (accel * w2, x[2] * turn * w3)

    return step, step_back


def law_of(m, case, wrap_once):
    """law(x, d, k) -> u; law_back(x, d, k, u_bar) -> (x_bar, d_bar, k_bar). d: x, y, vx, vy, ax, ay."""
    limits = case.config["controller"]["limits"]
    limit0, limit1 = m.real(limits["throttle"]), m.real(limits["steer"])
    zero, one, two = m.real(0), m.real(1), m.real(2)
    sqrt, atan2, where = m.sqrt, m.atan2, m.where

    @m.compiled
    def forward(d):
        """Inverse speed, direction, acceleration and turn rate of the setpoint's path."""
        inverse = one / sqrt(d[2] * d[2] + d[3] * d[3])
        c, s = d[2] * inverse, d[3] * inverse
        return inverse, c, s, c * d[4] + s * d[5], (d[5] * c - d[4] * s) * inverse

    @m.compiled
    def wanted(x, d, k):
        """Velocity, square of the speed, speed, heading."""
        vx, vy = d[2] + k[0] * (d[0] - x[0]), d[3] + k[1] * (d[1] - x[1])
        square = vx * vx + vy * vy
        return vx, vy, square, sqrt(square), wrap_once(atan2(vy, vx), x[3])

    @m.compiled
    def clamp(value, limit):
        return where(value > limit, limit, where(value < -limit, -limit, value))

    @m.compiled
    def within(bar, value, limit):
        return where(value > limit, zero, where(value < -limit, zero, bar))

    @m.compiled
    def law(x, d, k):
        f, w = forward(d), wanted(x, d, k)
        throttle = k[4] * f[3] + k[2] * (w[3] - x[2])
        steer = k[5] * f[4] + k[3] * (w[4] - x[3])
        return clamp(throttle, limit0), clamp(steer, limit1)

    @m.compiled
    def law_back(x, d, k, u_bar):
        inverse, c, s, accel, rate = forward(d)
        vx, vy, square, speed, heading = wanted(x, d, k)
        u0 = within(u_bar[0], k[4] * accel + k[2] * (speed - x[2]), limit0)
        u1 = within(u_bar[1], k[5] * rate + k[3] * (heading - x[3]), limit1)
        radial, tangential = k[2] * u0 / speed, k[3] * u1 / square
        w0, w1 = radial * vx - tangential * vy, radial * vy + tangential * vx
        accel_bar, turn = k[4] * u0, k[5] * u1 * inverse
        x_bar = -k[0] * w0, -k[1] * w1, -k[2] * u0, -k[3] * u1
        d_bar = (
            k[0] * w0,
            k[1] * w1,
            w0 + accel_bar * (d[4] - accel * c) * inverse + turn * (d[5] * inverse - two * rate * c),
            w1 + accel_bar * (d[5] - accel * s) * inverse - turn * (d[4] * inverse + two * rate * s),
            accel_bar * c - turn * s,
            accel_bar * s + turn * c,
        )
        k_bar = ((d[0] - x[0]) * w0, (d[1] - x[1]) * w1, (speed - x[2]) * u0, (heading - x[3]) * u1,
                 accel * u0, rate * u1)  # fmt: skip
        return x_bar, d_bar, k_bar

    return law, law_back


def make(m, case):
    policy, controller = case.config["policy"], case.config["controller"]
    only(policy, timing="simulated")
    at, stage, stage_back, wrap_once = figure_eight.make(m, case)
    step, step_back = step_of(m, case)
    law, law_back = law_of(m, case, wrap_once)
    span = policy["segment_s"] - case.dt
    (f00, f01, f02, f03), (f10, f11, f12, f13), (f20, f21, f22, f23) = (
        reals(m, row) for row in spline_fit(span)
    )
    g0, g1, g2, g3, g4, g5 = reals(m, (controller["gains"][key] for key in GAINS))
    lead, two, zero = m.real(case.dt), m.real(2), m.real(0)
    setpoint_lead = m.real(span)
    earlier = m.real(span - case.dt * case.steps_per_segment)  # of the decision before

    @m.compiled
    def decide(theta, t, carried):
        p = at(t + carried * earlier)
        p0, p1 = p[0] + carried * theta[0], p[1] + carried * theta[1]
        p2, p3 = p[2] + carried * theta[2], p[3] + carried * theta[3]
        z = at(t + setpoint_lead)
        z0, z1, z2, z3 = z[0] + theta[0], z[1] + theta[1], z[2] + theta[2], z[3] + theta[3]
        return (
            f00 * p0 + f01 * p2 + f02 * z0 + f03 * z2,
            f10 * p0 + f11 * p2 + f12 * z0 + f13 * z2,
            f20 * p0 + f21 * p2 + f22 * z0 + f23 * z2,
            f00 * p1 + f01 * p3 + f02 * z1 + f03 * z3,
            f10 * p1 + f11 * p3 + f12 * z1 + f13 * z3,
            f20 * p1 + f21 * p3 + f22 * z1 + f23 * z3,
            g0 + theta[4], g1 + theta[5], g2 + theta[6], g3 + theta[7], g4 + theta[8], g5 + theta[9],
        )  # fmt: skip

    @m.compiled
    def decide_back(b, carried):
        p, v = f02 + carried * f00, f03 + carried * f01
        p1, v1 = f12 + carried * f10, f13 + carried * f11
        p2, v2 = f22 + carried * f20, f23 + carried * f21
        return (
            p * b[0] + p1 * b[1] + p2 * b[2],
            p * b[3] + p1 * b[4] + p2 * b[5],
            v * b[0] + v1 * b[1] + v2 * b[2],
            v * b[3] + v1 * b[4] + v2 * b[5],
            b[6], b[7], b[8], b[9], b[10], b[11],
        )  # fmt: skip

    @m.compiled
    def setpoint(c, s):
        return (
            c[0] + s * (c[1] + s * c[2]), c[3] + s * (c[4] + s * c[5]),
            c[1] + two * s * c[2], c[4] + two * s * c[5], two * c[2], two * c[5],
        )  # fmt: skip

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
            b[0], s * b[0] + b[2], s * s * b[0] + two * s * b[2] + two * b[4],
            b[1], s * b[1] + b[3], s * s * b[1] + two * s * b[3] + two * b[5],
            k_bar[0], k_bar[1], k_bar[2], k_bar[3], k_bar[4], k_bar[5],
        )  # fmt: skip

    @m.compiled
    def terminal(x):
        return zero * x[0]

    @m.compiled
    def terminal_back(x):
        return zero * x[0], zero * x[0], zero * x[0], zero * x[0]

    return Loop(4, 12, case.steps // case.steps_per_segment, case.steps_per_segment,
                decide, decide_back, advance, back, terminal, terminal_back)  # fmt: skip
