"""A closed loop as every peer runs it: `segments` times a decision, then `steps` steps.

The equations are written once, for a namespace `m` of functions (sin, cos, sqrt, tanh, atan2,
floor, where, real, compiled): arrays [B] of numpy, JAX and PyTorch, casadi's symbols, scalars of
numba. Tuples are of such values; `real` makes their constants.
"""

from typing import Callable, NamedTuple


class Incomparable(Exception):
    """A config of which there are no equations here: problem [place]; remedy."""


class Loop(NamedTuple):
    """Functions of one trajectory's numbers, or of arrays of them.

    decide(theta, t, carried) -> plan                    carried: 0 in the first segment, else 1
    decide_back(plan_bar, carried) -> theta_bar
    advance(x, plan, since, t) -> (x+, cost)             since: of the segment, s; t: of the task, s
    back(x, plan, since, t, lam) -> (lam, plan_bar)      lam: of the state after, then before
    terminal(x) -> cost, terminal_back(x) -> lam
    """

    nx: int
    n_plan: int
    segments: int
    steps: int
    decide: Callable
    decide_back: Callable
    advance: Callable
    back: Callable
    terminal: Callable
    terminal_back: Callable


def constant_decision(m):
    """decide and decide_back of a plan that is theta itself."""

    @m.compiled
    def decide(theta, t, carried):
        return theta

    @m.compiled
    def decide_back(plan_bar, carried):
        return plan_bar

    return decide, decide_back


def only(section, **wanted):
    """Refuses a config of which the peers' equations would be another system."""
    for key, value in wanted.items():
        if section.get(key, value) != value:
            raise Incomparable(f"no equations here for {section[key]!r} [{key}]; use {value!r}")


def reals(m, numbers):
    return tuple(m.real(v) for v in numbers)
