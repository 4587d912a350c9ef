"""The car's step and its pull-back, explicit Euler: models/car/dynamics.hpp."""

from .loop import only, reals


def make(m, case):
    """step(x, u) -> x+, step_back(x, u, lam) -> (x_bar, u_bar)."""
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
