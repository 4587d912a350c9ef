// What the tasks of the planar robots have in common: a path that is driven in laps, and what it
// costs to be off it.
#pragma once

#include "kernels/dynamics/vjp.hpp"
#include "kernels/math/elementary.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// A point that moves along the task.
template <class Real>
struct TaskPoint {
  Real x, y;    // m
  Real vx, vy;  // m/s
};

/// The cost of a planar robot with the state (x, y, v, heading). Task derives from it and names
/// Settings, with the weights radial (1/m²), speed (s²/m²) and heading (1/rad²); Errors(state,
/// time, settings): radial, speed and heading, from_centre and distance, of which radial depends
/// (m: x from the centre that the path bends about, and the radius driven), and turned(); at(t,
/// settings), path_error(state, settings), phase(x, y, t, settings).
template <class Task>
struct PathTask {
  static constexpr int nx = 4;
  static constexpr int nu = 2;
  static constexpr bool has_path = true;

  /// Weighted squares of the errors.
  template <class Real, class Settings>
  PHI_HD static Real stage(const Vec<Real, nx>& s, const Vec<Real, nu>& /*u*/, Real t,
                           const Settings& task) {
    const typename Task::template Errors<Real> e(s, t, task);
    return fma(
        e.radial * e.radial, Real(task.radial),
        fma(e.speed * e.speed, Real(task.speed), e.heading * e.heading * Real(task.heading)));
  }

  /// Gradient of `stage`; the choice of the wrap is held.
  template <class Real, class Settings>
  PHI_HD static Cotangent<Real, nx, nu> stage_gradient(const Vec<Real, nx>& s,
                                                       const Vec<Real, nu>& /*u*/, Real t,
                                                       const Settings& task) {
    const typename Task::template Errors<Real> e(s, t, task);
    const Real radial = (e.radial + e.radial) * Real(task.radial) / e.distance;
    const Real heading = (e.heading + e.heading) * Real(task.heading);
    const Real tangential = e.turned(heading);
    Cotangent<Real, nx, nu> g{};
    g.x[0] = fma(radial, e.from_centre, -(tangential * s[1]));
    g.x[1] = fma(radial, s[1], tangential * e.from_centre);
    g.x[2] = (e.speed + e.speed) * Real(task.speed);
    g.x[3] = -heading;
    return g;
  }

  template <class Real, class Settings>
  PHI_HD static Real terminal(const Vec<Real, nx>&, Real, const Settings&) {
    return Real(0);
  }
  template <class Real, class Settings>
  PHI_HD static Vec<Real, nx> terminal_gradient(const Vec<Real, nx>&, Real, const Settings&) {
    return {};
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
