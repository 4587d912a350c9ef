// The network's view of a planar robot on its task, as the authors run it on the figure-eight.
#pragma once

#include "kernels/objective/figure_eight.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Inputs: x, y, v cos φ, v sin φ, cos and sin of the phase of the lap estimated from the position.
/// Nominal decision: the task `lead` ahead of the refresh, no gain corrections.
template <int NGains, class Task = FigureEight>
struct PlanarFrame {
  static constexpr int nx = 4;
  static constexpr int n_in = 6;
  static constexpr int nz = 4 + NGains;
  template <class Real>
  struct Settings {
    typename Task::template Settings<Real> task;
    Real setpoint_lead;  // s
  };

  template <class Real, class S>
  PHI_HD static Vec<Real, n_in> inputs(const Vec<Real, nx>& x, Real t, const Settings<S>& s) {
    Real sin_heading, cos_heading, sin_phase, cos_phase;
    sincos(x[3], sin_heading, cos_heading);
    const Real turn = Real(2 * FigureEight::pi) / Real(s.task.lap);
    sincos(turn * Task::phase(x[0], x[1], t, s.task), sin_phase, cos_phase);
    return {{x[0], x[1], x[2] * cos_heading, x[2] * sin_heading, cos_phase, sin_phase}};
  }

  template <class Real, class S>
  PHI_HD static Vec<Real, nz> nominal(Real t, const Settings<S>& s) {
    return on_task(Real(t + Real(s.setpoint_lead)), s);
  }

  template <class S>
  PHI_HD static S lap(const Settings<S>& s) {
    return s.task.lap;
  }

  /// Before the first decision the setpoint is the task itself.
  template <class Real, class S>
  PHI_HD static Vec<Real, nz> before(const Vec<Real, nx>& /*x*/, Real t, const Settings<S>& s) {
    return on_task(t, s);
  }

 private:
  template <class Real, class S>
  PHI_HD static Vec<Real, nz> on_task(Real t, const Settings<S>& s) {
    const TaskPoint<Real> p = Task::at(t, s.task);
    Vec<Real, nz> z{};
    z[0] = p.x;
    z[1] = p.y;
    z[2] = p.vx;
    z[3] = p.vy;
    return z;
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
