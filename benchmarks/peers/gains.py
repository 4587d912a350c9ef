"""The double pendulum's tracking gains K [2, 4]: written in the config, or of its Riccati equation.

models/double_pendulum/controller.cpp; u = -K (x - setpoint), N m/rad and N m s/rad.
"""

import numpy as np
from loops.loop import Incomparable


def linearised(plant, mass_scale, length_scale, angles):
    """A [4, 4], B [4, 2] of the pendulum at rest where u balances gravity."""
    m1, m2 = plant["mass1_kg"] * mass_scale, plant["mass2_kg"] * mass_scale
    l1, l2 = plant["length1_m"] * length_scale, plant["length2_m"] * length_scale
    g = plant["gravity_m_per_s2"]
    h22 = m2 * l2 * l2
    h12 = h22 + m2 * l1 * l2 * np.cos(angles[1])
    h11 = (m1 + m2) * l1 * l1 + 2 * h12 - h22
    inverse = np.linalg.inv([[h11, h12], [h12, h22]])
    outer = g * m2 * l2 * np.cos(angles[0] + angles[1])
    stiffness = np.array([[g * (m1 + m2) * l1 * np.cos(angles[0]) + outer, outer], [outer, outer]])
    A, B = np.zeros((4, 4)), np.zeros((4, 2))
    A[:2, 2:] = np.eye(2)
    A[2:, :2] = -inverse @ stiffness
    B[2:] = inverse
    return A, B


def pendulum_gains(config):
    """K as rows of floats. Incomparable for a design that the peers do not make."""
    design = config["controller"]
    if design["type"] == "given":
        return np.asarray(design["gains"], float).reshape(2, 4).tolist()
    if design["type"] not in ("lqr_continuous", "lqr_discrete") or any(design["equilibrium"][2:]):
        raise Incomparable(
            f"no such gains here [controller.type {design['type']}]; use lqr_continuous at rest"
        )
    from scipy import linalg  # as JAX needs it, it is there

    A, B = linearised(
        config["plant"],
        design["model_mass_scale"],
        design["model_length_scale"],
        design["equilibrium"],
    )
    Q, R = np.diag(design["state_weights"]), np.diag(design["input_weights"])
    if design["type"] == "lqr_continuous":
        return (np.linalg.inv(R) @ B.T @ linalg.solve_continuous_are(A, B, Q, R)).tolist()
    dt = config["rollout"]["dt_s"]
    A, B = np.eye(4) + dt * A, dt * B
    P = linalg.solve_discrete_are(A, B, Q, R)
    return np.linalg.solve(R + B.T @ P @ B, B.T @ P @ A).tolist()
