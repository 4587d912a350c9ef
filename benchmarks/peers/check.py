"""The reference's gradient of every case against the complex step of its cost, fp64.

python benchmarks/peers/check.py; needs numpy alone, takes seconds. Exit 1 names the worst entry.
"""

import sys

import loops
import numpy as np
import reference
import synthetic

TOLERANCE = 1e-10  # relative to the gradient's norm
STEP = 1e-30
ENTRIES = 40  # of a network's gradient, drawn


def complex_namespace():
    """numpy's functions, analytic where numpy has none for complex arguments."""
    m = reference.namespace()

    def atan2(y, x):
        slope = (np.real(x) * np.imag(y) - np.real(y) * np.imag(x)) / (
            np.real(x) ** 2 + np.real(y) ** 2
        )
        return np.arctan2(np.real(y), np.real(x)) + 1j * slope

    def where(condition, yes, no):
        return np.where(condition, yes, no)

    m.atan2, m.where = atan2, where
    return m


def check(kind, batch, steps):
    """Worst error of an entry over the gradient's norm, and its index."""
    case = synthetic.make(kind, batch, steps, n_sets=1)
    one = case.sets[0]
    _, gradient = reference.gradient(case, one)
    size = np.linalg.norm(gradient)
    assert size > 1e-3, f"{kind}: a gradient of zero checks nothing"
    entries = np.arange(len(gradient))
    if len(entries) > ENTRIES:
        entries = np.random.default_rng(7).choice(entries, ENTRIES, replace=False)
        assert np.count_nonzero(gradient) > 0.9 * len(
            gradient
        ), f"{kind}: weights without a gradient"
    loop = loops.of(case, complex_namespace())
    worst, at = 0.0, -1
    for i in entries:
        theta = case.theta.astype(complex)
        theta[i] += 1j * STEP
        cost, _, _ = reference.costs(case, loop, theta, one.states, one.times)
        error = abs(np.mean(cost).imag / STEP - gradient[i]) / size
        if not error <= worst:
            worst, at = error, i
    return worst, at


def main():
    failed = 0
    for kind, batch, steps in (
        ("scalar", 5, 40),
        ("pendulum_feedback", 5, 60),
        ("car", 40, 60),
        ("pendulum_network", 3, 30),
    ):
        worst, at = check(kind, batch, steps)
        good = worst < TOLERANCE
        failed += not good
        print(
            f"{kind:18} largest error {worst:.1e} of the gradient's norm, entry {at}"
            + ("" if good else "  FAILED")
        )
    print(f"{4 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
