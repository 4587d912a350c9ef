"""The car's tracking law and its pull-back.

models/car/tracking_law.hpp, kernels/policy/planar_path.hpp.

A setpoint d is x, y, vx, vy, ax, ay; gains k are kx, ky, kv, kphi, ka, kw.
"""


def make(m, case, wrap_once):
    """law(x, d, k) -> u; law_back(x, d, k, u_bar) -> (x_bar, d_bar, k_bar)."""
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
            w0
            + accel_bar * (d[4] - accel * c) * inverse
            + turn * (d[5] * inverse - two * rate * c),
            w1
            + accel_bar * (d[5] - accel * s) * inverse
            - turn * (d[4] * inverse + two * rate * s),
            accel_bar * c - turn * s,
            accel_bar * s + turn * c,
        )
        k_bar = (
            (d[0] - x[0]) * w0,
            (d[1] - x[1]) * w1,
            (speed - x[2]) * u0,
            (heading - x[3]) * u1,
            accel * u0,
            rate * u1,
        )
        return x_bar, d_bar, k_bar

    return law, law_back
