// What the double pendulum's networks see, and what they correct.
#pragma once

#include "kernels/math/elementary.hpp"
#include "kernels/policy/trackers.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Inputs: cos θ1, sin θ1, cos θ2, sin θ2. Nominal decision: a constant setpoint, no gain
/// corrections.
struct PendulumSetpointFrame {
  static constexpr int nx = 4;
  static constexpr int n_in = 4;
  static constexpr int nz = 8;  // setpoint [4], corrections of K11, K22, K13, K24
  template <class Real>
  struct Settings {
    Real setpoint[4];  // rad, rad, rad/s, rad/s
  };

  template <class Real, class S>
  PHI_HD static Vec<Real, n_in> inputs(const Vec<Real, nx>& x, Real /*t*/, const Settings<S>&) {
    Vec<Real, n_in> in;
    sincos(x[0], in[1], in[0]);
    sincos(x[1], in[3], in[2]);
    return in;
  }

  template <class Real, class S>
  PHI_HD static Vec<Real, nz> nominal(Real /*t*/, const Settings<S>& s) {
    Vec<Real, nz> z{};
    for (int i = 0; i < nx; ++i) z[i] = Real(s.setpoint[i]);
    return z;
  }

  template <class Real, class S>
  PHI_HD static Vec<Real, nz> before(const Vec<Real, nx>& /*x*/, Real t, const Settings<S>& s) {
    return nominal(t, s);
  }
};

/// Inputs: cos θ1, sin θ1, cos θ2, sin θ2, θ̇1, θ̇2, cos and sin of 2πt/T. Nominal decision: a
/// constant torque.
struct PendulumTorqueFrame {
  static constexpr int nx = 4;
  static constexpr int n_in = 8;
  static constexpr int nz = 2;  // torques
  template <class Real>
  struct Settings {
    Real torque[2];  // N m
    Real duration;   // T, s
  };

  template <class Real, class S>
  PHI_HD static Vec<Real, n_in> inputs(const Vec<Real, nx>& x, Real t, const Settings<S>& s) {
    Vec<Real, n_in> in;
    sincos(x[0], in[1], in[0]);
    sincos(x[1], in[3], in[2]);
    in[4] = x[2];
    in[5] = x[3];
    sincos(t * (Real(2 * pi_v<S>) / Real(s.duration)), in[7], in[6]);
    return in;
  }

  template <class Real, class S>
  PHI_HD static Vec<Real, nz> nominal(Real /*t*/, const Settings<S>& s) {
    return {{Real(s.torque[0]), Real(s.torque[1])}};
  }

  template <class Real, class S>
  PHI_HD static Vec<Real, nz> before(const Vec<Real, nx>& /*x*/, Real t, const Settings<S>& s) {
    return nominal(t, s);
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
