"""A case to compare: the config, theta and inputs that `phigrad bench --dump DIR` leaves."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from loops.loop import Incomparable

KINDS = {
    ("scalar", "setpoint_feedback"): "scalar",
    ("double_pendulum", "linear_feedback"): "pendulum_feedback",
    ("double_pendulum", "setpoint_network"): "pendulum_network",
    ("car", "corrections"): "car",
}


@dataclass
class InputSet:
    states: np.ndarray  # [nx, B], start states
    times: np.ndarray  # [B], task times at the start, s
    mean_cost: float  # phigrad's
    gradient: np.ndarray  # [np], phigrad's, of the mean over B


@dataclass
class Case:
    name: str
    kind: str  # the module of loops/ with its equations
    batch: int
    steps: int
    steps_per_segment: int
    dt: float  # s
    config: dict  # resolved
    theta: np.ndarray  # [np]
    sets: list  # of InputSet


def read(directory):
    """The case in a dump directory, fp64. Incomparable for a system without equations here."""
    directory = Path(directory)
    about = json.loads((directory / "case.json").read_text())
    config = about["config"]
    key = (about["robot"], config["policy"]["type"])
    if key not in KINDS:
        raise Incomparable(f"no equations for {key} [case.json]; there are {list(KINDS)}")

    def numbers(name):
        return np.fromfile(directory / name, "<f8")

    sets = [
        InputSet(
            np.ascontiguousarray(numbers(s["states"]).reshape(about["batch"], about["nx"]).T),
            numbers(s["times"]),
            s["mean_cost"],
            numbers(s["gradient"]),
        )
        for s in about["sets"]
    ]
    return Case(
        about["name"],
        KINDS[key],
        about["batch"],
        about["steps"],
        about["steps_per_segment"],
        about["dt_s"],
        config,
        numbers(about["policy"]),
        sets,
    )
