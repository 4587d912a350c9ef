"""The double pendulum's step and its pull-back, explicit Euler.

models/double_pendulum/dynamics.hpp.

q'' = H^-1 (u - C q' - G); point masses, theta1 from hanging, theta2 relative.
"""

from .loop import only


def make(m, case):
    """step(x, u) -> x+ and step_back(x, u, lam) -> (x_bar, u_bar)."""
    plant = case.config["plant"]
    only(plant, integrator="euler")
    only(case.config["model"], mass_scale=1, length_scale=1, integrator="euler")
    m1, m2, l1, l2 = (plant[key] for key in ("mass1_kg", "mass2_kg", "length1_m", "length2_m"))
    coupling = m.real(m2 * l1 * l2)
    h22, h11_own = m.real(m2 * l2 * l2), m.real((m1 + m2) * l1 * l1)
    weight1, weight2 = (m.real(plant["gravity_m_per_s2"] * w) for w in ((m1 + m2) * l1, m2 * l2))
    dt, one, two = m.real(case.dt), m.real(1), m.real(2)
    sin, cos = m.sin, m.cos

    @m.compiled
    def terms(x, u):
        """cosines, the coupling's parts, H^-1, the accelerations."""
        s1, c1, s2, c2 = sin(x[0]), cos(x[0]), sin(x[1]), cos(x[1])
        s12, c12 = s1 * c2 + c1 * s2, c1 * c2 - s1 * s2
        d_sin, d_cos = coupling * s2, coupling * c2
        h12 = h22 + d_cos
        h11 = h11_own + h12 + d_cos
        inverse = one / (h11 * h22 - h12 * h12)
        i11, i12, i22 = h22 * inverse, h12 * inverse, h11 * inverse
        g2 = weight2 * s12
        r0 = u[0] + d_sin * (two * x[2] + x[3]) * x[3] - weight1 * s1 - g2
        r1 = u[1] - d_sin * x[2] * x[2] - g2
        return c1, c12, d_sin, d_cos, i11, i12, i22, i11 * r0 - i12 * r1, i22 * r1 - i12 * r0

    @m.compiled
    def step(x, u):
        t = terms(x, u)
        return x[0] + dt * x[2], x[1] + dt * x[3], x[2] + dt * t[7], x[3] + dt * t[8]

    @m.compiled
    def step_back(x, u, lam):
        c1, c12, d_sin, d_cos, i11, i12, i22, a0, a1 = terms(x, u)
        w2, w3 = dt * lam[2], dt * lam[3]
        mu0, mu1 = i11 * w2 - i12 * w3, i22 * w3 - i12 * w2
        q1, q2 = x[2], x[3]
        weight12 = weight2 * c12
        x_bar = (
            lam[0] - mu0 * (weight1 * c1 + weight12) - mu1 * weight12,
            lam[1]
            + d_sin * (mu0 * (two * a0 + a1) + mu1 * a0)
            + d_cos * (mu0 * (two * q1 + q2) * q2 - mu1 * q1 * q1)
            - (mu0 + mu1) * weight12,
            lam[2] + dt * lam[0] + two * d_sin * (mu0 * q2 - mu1 * q1),
            lam[3] + dt * lam[1] + two * d_sin * mu0 * (q1 + q2),
        )
        return x_bar, (mu0, mu1)

    return step, step_back
