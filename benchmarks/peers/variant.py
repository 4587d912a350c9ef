"""One way of writing a case with a peer library."""

from typing import Callable, NamedTuple

import numpy as np


class Runner:
    """A built variant. load(i) puts input set i where the library wants it and is not timed;
    run() is, and returns when the result is there; result() -> (mean cost, gradient [np]) of the
    last run."""

    def load(self, i):
        raise NotImplementedError

    def run(self):
        raise NotImplementedError

    def result(self):
        raise NotImplementedError


class Variant(NamedTuple):
    name: str
    row: str  # "tuned": the best of these is reported; "usual": as most people write it
    family: str  # of one family a sweep tries the next only while the last was not far slower
    make: Callable[[], Runner]


def single(array):
    return np.ascontiguousarray(array, np.float32)
