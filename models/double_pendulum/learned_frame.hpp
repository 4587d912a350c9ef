// What a learned model knows of the pendulum beforehand: that angles come round, and which states
// are the rates of which.
#pragma once

#include "kernels/dynamics/learned_model.hpp"
#include "models/double_pendulum/dynamics.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct PendulumFeatures {
  using Pendulum = DoublePendulumDynamics;
  static constexpr int nx = Pendulum::nx;
  static constexpr int nu = Pendulum::nu;
  static constexpr int n_features = 8;  // cos, sin of both angles, both rates, both torques
  static constexpr int n_rates = 2;     // the accelerations

  template <class Real>
  PHI_HD static Vec<Real, n_features> features(const Vec<Real, nx>& x, const Vec<Real, nu>& u) {
    Real sin1, cos1, sin2, cos2;
    sincos(x[Pendulum::angle1], sin1, cos1);
    sincos(x[Pendulum::angle2], sin2, cos2);
    return {{cos1, sin1, cos2, sin2, x[Pendulum::rate1], x[Pendulum::rate2], u[0], u[1]}};
  }
  template <class Real>
  PHI_HD static void features_vjp(const Vec<Real, n_features>& f,
                                  const Vec<Real, n_features>& f_bar,
                                  Cotangent<Real, nx, nu>& bar) {
    PHI_UNROLL
    for (int i = 0; i < 2; ++i) {
      const Real cosine = f[2 * i], sine = f[2 * i + 1];
      bar.x[i] = fma(cosine, f_bar[2 * i + 1], fma(-sine, f_bar[2 * i], bar.x[i]));
      bar.x[2 + i] = bar.x[2 + i] + f_bar[4 + i];
      bar.u[i] = bar.u[i] + f_bar[6 + i];
    }
  }

  template <class Real>
  PHI_HD static Vec<Real, nx> rates(const Vec<Real, nx>& x, const Vec<Real, n_rates>& learned) {
    return {{x[Pendulum::rate1], x[Pendulum::rate2], learned[0], learned[1]}};
  }
  template <class Real>
  PHI_HD static Vec<Real, n_rates> rates_vjp(const Vec<Real, nx>& w, Vec<Real, nx>& x_bar) {
    x_bar[Pendulum::rate1] = x_bar[Pendulum::rate1] + w[Pendulum::angle1];
    x_bar[Pendulum::rate2] = x_bar[Pendulum::rate2] + w[Pendulum::angle2];
    return {{w[Pendulum::rate1], w[Pendulum::rate2]}};
  }
};

using LearnedPendulum = LearnedModel<PendulumFeatures>;

}  // namespace PHI_ISA
}  // namespace phigrad
