"""Cases drawn here, without phigrad: what check.py and the development of a peer need."""

import math

import numpy as np
from case import Case, InputSet

PENDULUM = {
    "plant": {
        "mass1_kg": 0.1,
        "mass2_kg": 0.13,
        "length1_m": 1.0,
        "length2_m": 0.9,
        "gravity_m_per_s2": 1.0,
        "integrator": "euler",
    },
    "model": {"mass_scale": 1.0, "length_scale": 1.0, "integrator": "euler"},
    "controller": {"type": "given", "gains": [[7.0, 0.6, 3.1, 0.4], [0.5, 5.0, 0.3, 1.7]]},
    "rollout": {"dt_s": 0.01},
}

CONFIGS = {
    "scalar": {
        "plant": {"a": 1.02, "b": 0.9},
        "model": {"a_error": 0, "b_error": 0},
        "controller": {"type": "given", "gain": 0.15},
        "policy": {"type": "setpoint_feedback", "feed_forward": 0.1},
        "objective": {
            "goal": 0.3,
            "state_weight": 1.2,
            "input_weight": 0.2,
            "terminal_weight": 3.0,
        },
        "rollout": {"dt_s": 1.0},
    },
    "pendulum_feedback": PENDULUM
    | {
        "policy": {"type": "linear_feedback"},
        "objective": {
            "goal": [0.2, -0.1, 0.1, 0.05],
            "state_weights": [1, 1.1, 0.1, 0.2],
            "input_weights": [0.01, 0.02],
            "terminal_weights": [100, 90, 10, 12],
        },
    },
    "pendulum_network": PENDULUM
    | {
        "policy": {
            "type": "setpoint_network",
            "hidden": [64, 64],
            "setpoint": [math.pi, 0, 0, 0],
            "setpoint_scales": [math.pi, math.pi, 1, 1],
            "gain_scale": 0.5,
        },
        "objective": {"type": "end_effector", "target_m": [1.7, 0.765]},
    },
    "car": {
        "plant": {
            "accel_gain": 11.25,
            "drag_per_m": 0.55,
            "turn_gain_per_m": 6.5,
            "turn_bias_per_m": 0.1,
        },
        "model": {"scale": 1},
        "task": {"radius_m": 1.5, "lap_s": 5.5},
        "controller": {
            "gains": {"kx": 0.45, "ky": 0.45, "kv": 0.35, "kphi": 0.35, "ka": 0, "kw": 0},
            "limits": {"throttle": 0.75, "steer": 1},
        },
        "policy": {
            "type": "corrections",
            "segment_s": 0.22,
            "timing": "simulated",
            "scales": [1, 0.9, 1.1, 0.8, 0.25, 0.3, 0.2, 0.15, 0.1, 0.2],
        },
        "objective": {"radial": 1, "speed": 1 / 30, "heading": 1 / 3},
        "rollout": {"dt_s": 0.02},
    },
}


def theta_of(kind, config, random):
    if kind == "scalar":
        return np.array([0.7])
    if kind == "pendulum_feedback":
        return np.array(config["controller"]["gains"]).ravel()
    if kind == "car":
        return random.uniform(-0.1, 0.1, 10)
    parts = []
    for rows, columns in ((64, 4), (64, 64), (8, 64)):
        bound = math.sqrt(6 / (rows + columns)) * (0.3 if rows == 8 else 1)
        parts += [random.uniform(-bound, bound, rows * columns), random.uniform(-0.1, 0.1, rows)]
    return np.concatenate(parts)


def start(kind, random, batch):
    """States [nx, B] and times [B], s."""
    if kind == "scalar":
        return random.uniform(-1, 1, (1, batch)), np.zeros(batch)
    if kind != "car":
        centre, width = (
            (0, (0.6, 0.1, 0.1, 0.1))
            if kind == "pendulum_feedback"
            else (1.96, (0.39, 0.1, 0.1, 0.1))
        )
        states = random.uniform(-1, 1, (4, batch)) * np.array(width)[:, None]
        states[0] += centre
        return states, np.zeros(batch)
    times = random.uniform(0, 5.5, batch)
    right, turn = times < 2.75, 4 * math.pi / 5.5
    arc = np.where(right, math.pi - turn * times, turn * (times - 2.75))
    side = np.where(right, 1.0, -1.0)
    speed = turn * 1.5
    heading = np.arctan2(-side * np.cos(arc), side * np.sin(arc))
    states = np.stack(
        [1.5 * (side + np.cos(arc)), 1.5 * np.sin(arc), np.full(batch, speed), heading]
    )
    return states + random.uniform(-0.01, 0.01, (4, batch)), times


def make(kind, batch, steps, n_sets=4, seed=1):
    """A case of that kind with drawn inputs; phigrad's own results are not known."""
    random = np.random.default_rng(seed)
    config = CONFIGS[kind]
    theta = theta_of(kind, config, random)
    sets = [
        InputSet(*start(kind, random, batch), math.nan, np.full(len(theta), math.nan))
        for _ in range(n_sets)
    ]
    per_segment = 10 if kind == "car" else 1
    return Case(
        kind, kind, batch, steps, per_segment, config["rollout"]["dt_s"], config, theta, sets
    )
