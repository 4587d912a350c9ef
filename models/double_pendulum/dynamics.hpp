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
  template <class Real>
  struct Constants {
    Real length1;             // m
    Real moment1;             // kg m, (m1 + m2) l1
    Real coupling, inertia2;  // kg m², m2 l1 l2 and m2 l2²
    Real weight1, weight2;    // N m, g (m1 + m2) l1 and g m2 l2

    PHI_HD Constants(const Params<Real>& p) {
      length1 = p.length1;
      moment1 = (p.mass1 + p.mass2) * p.length1;
      coupling = p.mass2 * p.length1 * p.length2;
      inertia2 = p.mass2 * p.length2 * p.length2;
      weight1 = p.gravity * (p.mass1 + p.mass2) * p.length1;
      weight2 = p.gravity * p.mass2 * p.length2;
    }
  };

  static constexpr bool is_velocity(int i) { return i == rate1 || i == rate2; }

  /// q̈ = H⁻¹(u − C q̇ − G).
  template <class Real>
  PHI_HD static Vec<Real, nx> derivative(const Vec<Real, nx>& s, const Vec<Real, nu>& u,
                                         const Constants<identity_t<Real>>& p) {
    const Terms<Real> t(s, p);
    const Vec<Real, 2> accel = t.solve(t.left_of(u));
    return {{s[rate1], s[rate2], accel[0], accel[1]}};
  }

  /// (∂ẋ/∂x)ᵀw, (∂ẋ/∂u)ᵀw, with μ = H⁻¹ w of the accelerations.
  template <class Real>
  PHI_HD static Cotangent<Real, nx, nu> vjp(const Vec<Real, nx>& s, const Vec<Real, nu>& u,
                                            const Constants<identity_t<Real>>& p,
                                            const Vec<Real, nx>& w) {
    const Terms<Real> t(s, p);
    const Vec<Real, 2> a = t.solve(t.left_of(u));
    const Vec<Real, 2> mu = t.solve({{w[rate1], w[rate2]}});
    const Real q1 = s[rate1];
    const Real q2 = s[rate2];
    const Real weight12 = p.weight2 * t.cos12;
    const Real weight11 = fma(p.weight1, t.cos1, weight12);
    const Real of_sin = fma(mu[0], a[0] + a[0] + a[1], mu[1] * a[0]);
    const Real of_cos = fma(mu[0] * t.rates, q2, -(mu[1] * q1 * q1));
    const Real twice = t.coupling_sin + t.coupling_sin;

    Cotangent<Real, nx, nu> c;
    c.u = {{mu[0], mu[1]}};
    c.x[angle1] = -fma(mu[0], weight11, mu[1] * weight12);
    c.x[angle2] =
        fma(t.coupling_sin, of_sin, fma(t.coupling_cos, of_cos, -((mu[0] + mu[1]) * weight12)));
    c.x[rate1] = fma(twice, fma(mu[0], q2, -(mu[1] * q1)), w[angle1]);
    c.x[rate2] = fma(twice * mu[0], q1 + q2, w[angle2]);
    return c;
  }

  /// The joint torques G(x) that hold the pendulum still.
  template <class Real>
  PHI_HD static Vec<Real, nu> gravity_torque(const Vec<Real, nx>& s,
                                             const Constants<identity_t<Real>>& p) {
    const Terms<Real> t(s, p);
    return {{t.weight[0], t.weight[1]}};
  }

 private:
  /// H, C q̇ and G at one state.
  template <class Real>
  struct Terms {
    Real cos1, cos12;
    Real coupling_sin, coupling_cos;  // m2 l1 l2 sin θ2 and cos θ2, kg m²
    Real rates;                       // 2 θ̇1 + θ̇2, rad/s
    Real h11, h12, h22;               // inertia, kg m²
    Vec<Real, 2> coriolis, weight;    // N m

    PHI_HD Terms(const Vec<Real, nx>& s, const Constants<Real>& p) {
      Real sin1, sin2, cos2;
      sincos(s[angle1], sin1, cos1);
      sincos(s[angle2], sin2, cos2);
      const Real sin12 = fma(sin1, cos2, cos1 * sin2);
      cos12 = fma(cos1, cos2, -(sin1 * sin2));
      coupling_sin = p.coupling * sin2;
      coupling_cos = p.coupling * cos2;
      h22 = p.inertia2;
      h12 = h22 + coupling_cos;
      h11 = fma(p.moment1, p.length1, h12 + coupling_cos);
      const Real q1 = s[rate1];
      const Real q2 = s[rate2];
      rates = q1 + q1 + q2;
      coriolis = {{-(coupling_sin * rates * q2), coupling_sin * q1 * q1}};
      const Real second = p.weight2 * sin12;
      weight = {{fma(p.weight1, sin1, second), second}};
    }

    /// u − C q̇ − G
    PHI_HD Vec<Real, 2> left_of(const Vec<Real, nu>& u) const {
      return {{u[torque1] - coriolis[0] - weight[0], u[torque2] - coriolis[1] - weight[1]}};
    }

    /// H⁻¹ r
    PHI_HD Vec<Real, 2> solve(const Vec<Real, 2>& r) const {
      const Real inverse = Real(1) / fma(h11, h22, -(h12 * h12));
      return {{fma(h22, r[0], -(h12 * r[1])) * inverse, fma(h11, r[1], -(h12 * r[0])) * inverse}};
    }
  };
};

}  // namespace PHI_ISA
}  // namespace phigrad
