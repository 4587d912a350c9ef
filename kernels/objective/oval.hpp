// The oval task: two half circles and the straights between them, driven counter-clockwise.
#pragma once

#include "kernels/objective/path_task.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Its costs do not depend on the time: a position alone says where on the lap it is.
struct Oval : PathTask<Oval> {
  template <class Real>
  struct Settings {
    Real radius;                  // m, of the half circles; centres at (±straight/2, 0)
    Real straight;                // m
    Real lap;                     // s
    Real radial, speed, heading;  // weights: 1/m², s²/m², 1/rad²

    PHI_HD Real length() const { return Real(2 * pi) * radius + straight + straight; }
    /// Speed that drives the lap in time, m/s.
    PHI_HD Real pace() const { return length() / lap; }
  };

  /// The task at time t (s), from the lower straight's beginning.
  template <class Real, class S>
  PHI_HD static TaskPoint<Real> at(Real t, const Settings<S>& task) {
    const Real laps = t / Real(task.lap);
    const Real way = (laps - floor(laps)) * Real(task.length());
    const Real straight = Real(task.straight), radius = Real(task.radius);
    const Real bend = Real(pi) * radius;
    // The second half of the lap is the first, turned by half a turn.
    const mask_t<Real> second = way >= straight + bend;
    const Real gone = select(second, way - (straight + bend), way);
    const mask_t<Real> on_straight = gone < straight;
    const Real angle = max(gone - straight, Real(0)) / radius;
    Real sin_angle, cos_angle;
    sincos(angle, sin_angle, cos_angle);
    const Real side = select(second, Real(-1), Real(1));
    const Real half = straight * Real(0.5);
    const Real x = select(on_straight, gone - half, fma(radius, sin_angle, half));
    const Real speed = Real(task.pace()) * side;
    return {side * x, -(side * radius * cos_angle), speed * cos_angle, speed * sin_angle};
  }

  /// Distance of a position to the path, m.
  template <class Real, class S>
  PHI_HD static Real path_error(const Vec<Real, nx>& s, const Settings<S>& task) {
    return abs(hypot(from_centre(s[0], task), s[1]) - Real(task.radius));
  }

  /// Phase of the lap, in s on [0, lap], that a position belongs to.
  template <class Real, class S>
  PHI_HD static Real phase(Real x, Real y, Real /*t*/, const Settings<S>& task) {
    const Real straight = Real(task.straight), radius = Real(task.radius);
    const Real across = from_centre(x, task);
    // From the lower end of the right bend, counter-clockwise, on [0, 2π).
    const Real angle = atan2(y, across) + Real(0.5 * pi);
    const Real turned = select(angle < Real(0), angle + Real(2 * pi), angle);
    const mask_t<Real> right = across > Real(0), left = across<Real(0), upper = y> Real(0);
    const Real along = x + straight * Real(0.5);
    const Real bend = fma(turned, radius, straight);
    const Real on_straight =
        select(upper, straight + Real(pi) * radius + (straight - along), along);
    const Real way = select(right, bend, select(left, bend + straight, on_straight));
    return way / Real(task.pace());
  }

  static constexpr double pi = pi_v<double>;

 private:
  /// x from the centre of the bend that it is in; 0 between the bends.
  template <class Real, class S>
  PHI_HD static Real from_centre(Real x, const Settings<S>& task) {
    const Real half = Real(task.straight) * Real(0.5);
    return x - clamp(x, -half, half);
  }

 public:
  /// Against the nearest point.
  template <class Real>
  struct Errors {
    Real from_centre, distance;   // m: x from the bend's centre; radius driven
    Real radial, speed, heading;  // m, m/s, rad
    mask_t<Real> in_bend;

    template <class S>
    PHI_HD Errors(const Vec<Real, nx>& s, Real /*t*/, const Settings<S>& task) {
      from_centre = Oval::from_centre(s[0], task);
      in_bend = !(from_centre == Real(0));
      distance = hypot(from_centre, s[1]);
      radial = distance - Real(task.radius);
      speed = s[2] - Real(task.pace());
      const Real tangent = atan2(s[1], from_centre) + Real(0.5 * pi);
      heading = wrap_near(tangent, s[3]) - s[3];
    }

    /// The cotangent of the path's heading, across the line from the centre, 1/m.
    PHI_HD Real turned(Real heading_bar) const {
      return select(in_bend, heading_bar / (distance * distance), Real(0));
    }
  };
};

}  // namespace PHI_ISA
}  // namespace phigrad
