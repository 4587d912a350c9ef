// Double pendulum with a torque at each joint: point masses, massless rods, no friction.
// Angles: θ1 from hanging down, θ2 relative to the first rod. models/double_pendulum/README.md.
#pragma once

#include "kernels/dynamics/vjp.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct DoublePendulumDynamics {
  enum State { angle1, angle2, rate1, rate2, nx };  // rad, rad, rad/s, rad/s
  enum Input { torque1, torque2, nu };              // N m
  template <class Real>
  struct Params {
    Real mass1, mass2;      // kg
    Real length1, length2;  // m
    Real gravity;           // m/s²
  };

  static constexpr bool is_velocity(int i) { return i == rate1 || i == rate2; }

  /// q̈ = H⁻¹(u − C q̇ − G).
  template <class Real>
  PHI_HD static Vec<Real, nx> derivative(const Vec<Real, nx>& s, const Vec<Real, nu>& u,
                                         const Params<Real>& p) {
    const Terms<Real> t(s, p);
    const Vec<Real, 2> accel = t.solve(
        {{u[torque1] - t.coriolis[0] - t.weight[0], u[torque2] - t.coriolis[1] - t.weight[1]}});
    return {{s[rate1], s[rate2], accel[0], accel[1]}};
  }

  /// (∂ẋ/∂x)ᵀw, (∂ẋ/∂u)ᵀw, with μ = H⁻¹ w of the accelerations.
  template <class Real>
  PHI_HD static Cotangent<Real, nx, nu> vjp(const Vec<Real, nx>& s, const Vec<Real, nu>& u,
                                            const Params<Real>& p, const Vec<Real, nx>& w) {
    const Terms<Real> t(s, p);
    const Vec<Real, 2> a = t.solve(
        {{u[torque1] - t.coriolis[0] - t.weight[0], u[torque2] - t.coriolis[1] - t.weight[1]}});
    const Vec<Real, 2> mu = t.solve({{w[rate1], w[rate2]}});
    const Real q1 = s[rate1];
    const Real q2 = s[rate2];
    const Real two = Real(2);
    const Real d_sin = t.coupling * t.sin2;
    const Real d_cos = t.coupling * t.cos2;
    const Real weight12 = p.gravity * p.mass2 * p.length2 * t.cos12;
    const Real weight11 = p.gravity * (p.mass1 + p.mass2) * p.length1 * t.cos1 + weight12;

    Cotangent<Real, nx, nu> c;
    c.u = {{mu[0], mu[1]}};
    c.x[angle1] = -(mu[0] * weight11 + mu[1] * weight12);
    c.x[angle2] = d_sin * (two * mu[0] * a[0] + mu[0] * a[1] + mu[1] * a[0]) +
                  d_cos * (mu[0] * (two * q1 + q2) * q2 - mu[1] * q1 * q1) -
                  (mu[0] + mu[1]) * weight12;
    c.x[rate1] = w[angle1] + two * d_sin * (mu[0] * q2 - mu[1] * q1);
    c.x[rate2] = w[angle2] + two * d_sin * mu[0] * (q1 + q2);
    return c;
  }

  /// The joint torques G(x) that hold the pendulum still.
  template <class Real>
  PHI_HD static Vec<Real, nu> gravity_torque(const Vec<Real, nx>& s, const Params<Real>& p) {
    const Terms<Real> t(s, p);
    return {{t.weight[0], t.weight[1]}};
  }

 private:
  /// H, C q̇ and G at one state.
  template <class Real>
  struct Terms {
    Real cos1, sin2, cos2, cos12;
    Real coupling;       // m2 l1 l2
    Real h11, h12, h22;  // inertia, kg m²
    Vec<Real, 2> coriolis, weight;

    PHI_HD Terms(const Vec<Real, nx>& s, const Params<Real>& p) {
      Real sin1, sin12;
      sincos(s[angle1], sin1, cos1);
      sincos(s[angle2], sin2, cos2);
      sin12 = sin1 * cos2 + cos1 * sin2;
      cos12 = cos1 * cos2 - sin1 * sin2;
      coupling = p.mass2 * p.length1 * p.length2;
      h22 = p.mass2 * p.length2 * p.length2;
      h12 = h22 + coupling * cos2;
      h11 = (p.mass1 + p.mass2) * p.length1 * p.length1 + h12 + coupling * cos2;
      const Real q1 = s[rate1];
      const Real q2 = s[rate2];
      coriolis = {{-coupling * (q1 + q1 + q2) * q2 * sin2, coupling * q1 * q1 * sin2}};
      const Real second = p.gravity * p.mass2 * p.length2 * sin12;
      weight = {{p.gravity * (p.mass1 + p.mass2) * p.length1 * sin1 + second, second}};
    }

    PHI_HD Vec<Real, 2> solve(const Vec<Real, 2>& r) const {
      const Real inverse = Real(1) / (h11 * h22 - h12 * h12);
      return {{(h22 * r[0] - h12 * r[1]) * inverse, (h11 * r[1] - h12 * r[0]) * inverse}};
    }
  };
};

}  // namespace PHI_ISA
}  // namespace phigrad
