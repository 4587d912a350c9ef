// The double pendulum's tracking controller: u = −(K + ΔK)(x − setpoint), four entries of ΔK free.
// Decision z: setpoint [4] (rad, rad, rad/s, rad/s), then ΔK11, ΔK22, ΔK13, ΔK24.
#pragma once

#include "kernels/policy/trackers.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct CorrectedFeedback : DirectPlan<4, 2, 8> {
  static constexpr int n_schedule = 0;
  template <class Real>
  struct Settings {
    Real gain[8];  // nominal K [2, 4], row-major; N m/rad, N m s/rad
  };

  template <class Real, class S>
  PHI_HD static Vec<Real, nu> act(const Vec<Real, nx>& x, const Vec<Real, nm>& m,
                                  const Instant<S, Real>& /*now*/, const Settings<S>& settings) {
    const Mat<Real, nu, nx> K = gains(m, settings);
    Vec<Real, nu> u;
    for (int i = 0; i < nu; ++i) {
      u[i] = K(i, 0) * (m[0] - x[0]);
      for (int j = 1; j < nx; ++j) u[i] = fma(K(i, j), m[j] - x[j], u[i]);
    }
    return u;
  }

  template <class Real, class S>
  PHI_HD static void act_vjp(const Vec<Real, nx>& x, const Vec<Real, nm>& m,
                             const Instant<S, Real>& /*now*/, const Settings<S>& settings,
                             const Vec<Real, nu>& u_bar, Vec<Real, nx>& x_bar,
                             Vec<Real, nm>& m_bar) {
    const Mat<Real, nu, nx> K = gains(m, settings);
    for (int j = 0; j < nx; ++j) {
      const Real pulled = fma(K(1, j), u_bar[1], K(0, j) * u_bar[0]);
      m_bar[j] = m_bar[j] + pulled;
      x_bar[j] = x_bar[j] - pulled;
    }
    for (int j = 0; j < nx; ++j) {
      m_bar[nx + j] = fma(m[j] - x[j], u_bar[own_joint(j)], m_bar[nx + j]);
    }
  }

 private:
  /// The joint whose angle or rate state j is: ΔK is free there, and 0 elsewhere.
  PHI_HD static constexpr int own_joint(int j) { return j % nu; }

  template <class Real, class S>
  PHI_HD static Mat<Real, nu, nx> gains(const Vec<Real, nm>& m, const Settings<S>& settings) {
    Mat<Real, nu, nx> K;
    for (int i = 0; i < nu * nx; ++i) K.m[i] = Real(settings.gain[i]);
    for (int j = 0; j < nx; ++j) K(own_joint(j), j) = K(own_joint(j), j) + m[nx + j];
    return K;
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
