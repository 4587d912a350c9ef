"""The figure-eight: where it is at a time, what a sample costs.

kernels/objective/figure_eight.hpp.
"""

import math


def make(m, case):
    """at(t) -> (x, y, vx, vy); stage(x, t) -> cost; stage_back(x, t) -> x_bar."""
    task, weights = case.config["task"], case.config["objective"]
    radius, lap = m.real(task["radius_m"]), m.real(task["lap_s"])
    turn, pace = m.real(4 * math.pi / task["lap_s"]), m.real(
        4 * math.pi * task["radius_m"] / task["lap_s"]
    )
    half_lap, per_quarter = m.real(task["lap_s"] / 2), m.real(4 / task["lap_s"])
    radial, speed, heading = (m.real(weights[key]) for key in ("radial", "speed", "heading"))
    zero, one, minus_one, two, three = (m.real(v) for v in (0, 1, -1, 2, 3))
    pi, two_pi, half_pi = m.real(math.pi), m.real(2 * math.pi), m.real(math.pi / 2)
    sin, cos, sqrt, atan2, floor, where = m.sin, m.cos, m.sqrt, m.atan2, m.floor, m.where

    @m.compiled
    def wrapped(t):
        return where(t > lap, t - floor(t / lap) * lap, t)

    @m.compiled
    def at(t):
        s = wrapped(t)
        right = s < half_lap
        arc = where(right, pi - turn * s, turn * (s - half_lap))
        side = where(right, one, minus_one)
        sine, cosine = sin(arc), cos(arc)
        v = pace * side
        return radius * (side + cosine), radius * sine, v * sine, -(v * cosine)

    @m.compiled
    def wrap_once(angle, reference):
        gap = angle - reference
        return where(gap > pi, angle - two_pi, where(gap < -pi, angle + two_pi, angle))

    @m.compiled
    def errors(x, t):
        """x from the centre, square, distance; errors in radius, speed, heading."""
        q = wrapped(t) * per_quarter
        above = where(x[1] > zero, one, minus_one)
        side = where(q <= one, above, where(q <= two, one, where(q <= three, -above, minus_one)))
        from_centre = x[0] - side * radius
        square = from_centre * from_centre + x[1] * x[1]
        distance = sqrt(square)
        tangent = atan2(x[1], from_centre) - side * half_pi
        return (
            from_centre,
            square,
            distance,
            distance - radius,
            x[2] - pace,
            wrap_once(tangent, x[3]) - x[3],
        )

    @m.compiled
    def stage(x, t):
        e = errors(x, t)
        return radial * e[3] * e[3] + speed * e[4] * e[4] + heading * e[5] * e[5]

    @m.compiled
    def stage_back(x, t):
        from_centre, square, distance, e_radial, e_speed, e_heading = errors(x, t)
        outward = two * radial * e_radial / distance
        turning = two * heading * e_heading
        along = turning / square
        return (
            outward * from_centre - along * x[1],
            outward * x[1] + along * from_centre,
            two * speed * e_speed,
            -turning,
        )

    return at, stage, stage_back, wrap_once
