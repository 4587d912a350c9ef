// The tracker of the planar robots: a quadratic spline from the previous corrected setpoint to the
// present one, tracked by the robot's law with corrected gains.
// Decision z: setpoint (x, y, vx, vy), then one correction a gain.
#pragma once

#include "kernels/policy/planar_path.hpp"
#include "kernels/policy/trackers.hpp"

namespace phigrad {
inline namespace PHI_ISA {

template <class Law>
struct SplineTracking {
  static constexpr int nx = Law::nx;
  static constexpr int nu = Law::nu;
  static constexpr int nz = 4 + Law::n_gains;
  static constexpr int nm = 6 + Law::n_gains;  // c_x [3], c_y [3], corrected gains
  static constexpr int n_schedule = 0;
  static constexpr bool has_setpoint_command = true;
  static constexpr bool plan_is_decision = false;
  template <class Real>
  struct Settings {
    Real fit[12];             // [3, 4] of spline_fit, row-major
    Real lead;                // s: the setpoint tracked is the spline's `lead` ahead of now
    Real gain[Law::n_gains];  // nominal
    typename Law::template Settings<Real> law;
  };

  template <class Real, class S>
  PHI_HD static Vec<Real, nm> plan(const Vec<Real, nz>& before, const Vec<Real, nz>& z,
                                   const Settings<S>& settings) {
    Vec<Real, nm> m;
    PHI_UNROLL
    for (int axis = 0; axis < 2; ++axis) {
      PHI_UNROLL
      for (int i = 0; i < 3; ++i) {
        const S* fit = settings.fit + 4 * i;
        const Real from = fma(Real(fit[1]), before[2 + axis], Real(fit[0]) * before[axis]);
        m[3 * axis + i] = fma(Real(fit[3]), z[2 + axis], fma(Real(fit[2]), z[axis], from));
      }
    }
    PHI_UNROLL
    for (int i = 0; i < Law::n_gains; ++i) m[6 + i] = Real(settings.gain[i]) + z[4 + i];
    return m;
  }

  template <class Real, class S>
  PHI_HD static void plan_vjp(const Vec<Real, nm>& m_bar, const Settings<S>& settings,
                              Vec<Real, nz>& before_bar, Vec<Real, nz>& z_bar) {
    PHI_UNROLL
    for (int axis = 0; axis < 2; ++axis) {
      PHI_UNROLL
      for (int i = 0; i < 3; ++i) {
        const S* fit = settings.fit + 4 * i;
        const Real c = m_bar[3 * axis + i];
        before_bar[axis] = fma(Real(fit[0]), c, before_bar[axis]);
        before_bar[2 + axis] = fma(Real(fit[1]), c, before_bar[2 + axis]);
        z_bar[axis] = fma(Real(fit[2]), c, z_bar[axis]);
        z_bar[2 + axis] = fma(Real(fit[3]), c, z_bar[2 + axis]);
      }
    }
    PHI_UNROLL
    for (int i = 0; i < Law::n_gains; ++i) z_bar[4 + i] = z_bar[4 + i] + m_bar[6 + i];
  }

  template <class Real, class S>
  PHI_HD static Vec<Real, nu> act(const Vec<Real, nx>& x, const Vec<Real, nm>& m,
                                  const Instant<S, Real>& now, const Settings<S>& settings) {
    return Law::command(x, setpoint(m, now.since_refresh + Real(settings.lead)), gains(m),
                        settings.law);
  }

  template <class Real, class S>
  PHI_HD static void act_vjp(const Vec<Real, nx>& x, const Vec<Real, nm>& m,
                             const Instant<S, Real>& now, const Settings<S>& settings,
                             const Vec<Real, nu>& u_bar, Vec<Real, nx>& x_bar,
                             Vec<Real, nm>& m_bar) {
    const Real s = now.since_refresh + Real(settings.lead);
    PlanarSetpoint<Real> d_bar{};
    Vec<Real, Law::n_gains> k_bar{};
    Law::pull_back(x, setpoint(m, s), gains(m), settings.law, u_bar, x_bar, d_bar, k_bar);
    const Real twice = s + s;
    const Real square = s * s;
    m_bar[0] = m_bar[0] + d_bar.x;
    m_bar[1] = m_bar[1] + fma(s, d_bar.x, d_bar.vx);
    m_bar[2] = m_bar[2] + fma(square, d_bar.x, fma(twice, d_bar.vx, Real(2) * d_bar.ax));
    m_bar[3] = m_bar[3] + d_bar.y;
    m_bar[4] = m_bar[4] + fma(s, d_bar.y, d_bar.vy);
    m_bar[5] = m_bar[5] + fma(square, d_bar.y, fma(twice, d_bar.vy, Real(2) * d_bar.ay));
    PHI_UNROLL
    for (int i = 0; i < Law::n_gains; ++i) m_bar[6 + i] = m_bar[6 + i] + k_bar[i];
  }

  /// The command to track a given setpoint (x, y, vx, vy, ax, ay) with the gain corrections of z:
  /// what a log that records its setpoints allows to check.
  template <class Real, class S>
  PHI_HD static Vec<Real, nu> command(const Vec<Real, nx>& x, const Vec<Real, 6>& d,
                                      const Vec<Real, nz>& z, const Settings<S>& settings) {
    Vec<Real, Law::n_gains> k;
    PHI_UNROLL
    for (int i = 0; i < Law::n_gains; ++i) k[i] = Real(settings.gain[i]) + z[4 + i];
    return Law::command(x, PlanarSetpoint<Real>{d[0], d[1], d[2], d[3], d[4], d[5]}, k,
                        settings.law);
  }

 private:
  template <class Real>
  PHI_HD static PlanarSetpoint<Real> setpoint(const Vec<Real, nm>& m, Real s) {
    const Real two = Real(2);
    const Real twice = two * s;
    return {fma(s, fma(s, m[2], m[1]), m[0]),
            fma(s, fma(s, m[5], m[4]), m[3]),
            fma(twice, m[2], m[1]),
            fma(twice, m[5], m[4]),
            two * m[2],
            two * m[5]};
  }

  template <class Real>
  PHI_HD static Vec<Real, Law::n_gains> gains(const Vec<Real, nm>& m) {
    Vec<Real, Law::n_gains> k;
    PHI_UNROLL
    for (int i = 0; i < Law::n_gains; ++i) k[i] = m[6 + i];
    return k;
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
