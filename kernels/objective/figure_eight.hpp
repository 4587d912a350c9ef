// The figure-eight task: two circles of one radius side by side, driven in one lap.
#pragma once

#include "kernels/objective/path_task.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct FigureEight : PathTask<FigureEight> {
  template <class Real>
  struct Settings {
    Real radius;                  // m, of each circle; centres at (±radius, 0)
    Real lap;                     // s
    Real radial, speed, heading;  // weights: 1/m², s²/m², 1/rad²

    /// Speed that drives the lap in time, m/s.
    PHI_HD Real pace() const { return Real(pi_times_4) * radius / lap; }
  };

  /// The task at time t (s): right circle clockwise from the crossing, then left counter-clockwise.
  template <class Real, class S>
  PHI_HD static TaskPoint<Real> at(Real t, const Settings<S>& task) {
    const Real s = wrapped(t, task);
    const Real half = Real(task.lap) * Real(0.5);
    const mask_t<Real> right = s < half;
    const Real turn = Real(pi_times_4) / Real(task.lap);
    const Real arc = select(right, Real(pi) - turn * s, turn * (s - half));
    const Real side = select(right, Real(1), Real(-1));
    const Real speed = Real(task.pace()) * side;
    Real sin_arc, cos_arc;
    sincos(arc, sin_arc, cos_arc);
    return {Real(task.radius) * (side + cos_arc), Real(task.radius) * sin_arc, speed * sin_arc,
            -(speed * cos_arc)};
  }

  /// Distance of a position to the nearer circle, m.
  template <class Real, class S>
  PHI_HD static Real path_error(const Vec<Real, nx>& s, const Settings<S>& task) {
    const Real radius = Real(task.radius);
    return min(abs(hypot(s[0] - radius, s[1]) - radius), abs(hypot(s[0] + radius, s[1]) - radius));
  }

  /// Phase of the lap, in s on [0, lap], that a position belongs to near the time t.
  template <class Real, class S>
  PHI_HD static Real phase(Real x, Real y, Real t, const Settings<S>& task) {
    const Quadrant<Real> q(t, task);
    const mask_t<Real> upper = y > Real(0);
    const mask_t<Real> right = (upper & (q.first | q.second)) | ((!upper) & (q.second | q.third));
    const Real lap = Real(task.lap);
    const Real arc = atan2(y, x - select(right, Real(task.radius), Real(-task.radius)));
    const Real turned = lap * Real(0.25) * arc * Real(1 / pi);
    return select(right, lap * Real(0.25) - turned, select(upper, lap * Real(0.5), lap) + turned);
  }

  static constexpr double pi = pi_v<double>;
  static constexpr double pi_times_4 = 4 * pi;

 private:
  /// Time within the lap; the first lap is [0, lap], as the authors wrap.
  template <class Real, class S>
  PHI_HD static Real wrapped(Real t, const Settings<S>& task) {
    const Real lap = Real(task.lap);
    return select(t > lap, t - floor(t / lap) * lap, t);
  }

  /// Which quarter of the lap a time lies in: q = ⌈4t/lap⌉, 0 counting as 1.
  template <class Real>
  struct Quadrant {
    mask_t<Real> first, second, third;

    template <class S>
    PHI_HD Quadrant(Real t, const Settings<S>& task) {
      const Real q = wrapped(t, task) * Real(4) / Real(task.lap);
      first = q <= Real(1);
      second = (q > Real(1)) & (q <= Real(2));
      third = (q > Real(2)) & (q <= Real(3));
    }
  };

 public:
  /// Against the circle that the time and the side of the x axis call for, whose choice is held.
  template <class Real>
  struct Errors {
    Real from_centre, distance;   // m: x from the circle's centre; radius driven
    Real radial, speed, heading;  // m, m/s, rad

    template <class S>
    PHI_HD Errors(const Vec<Real, nx>& s, Real t, const Settings<S>& task) {
      const Quadrant<Real> q(t, task);
      const mask_t<Real> upper = s[1] > Real(0);
      const mask_t<Real> right = (upper & q.first) | q.second | ((!upper) & q.third);
      const Real side = select(right, Real(1), Real(-1));
      from_centre = s[0] - side * Real(task.radius);
      distance = hypot(from_centre, s[1]);
      radial = distance - Real(task.radius);
      speed = s[2] - Real(task.pace());
      const Real tangent = atan2(s[1], from_centre) - side * Real(0.5 * pi);
      heading = wrap_near(tangent, s[3]) - s[3];
    }

    /// The cotangent of the path's heading, across the line from the centre, 1/m.
    PHI_HD Real turned(Real heading_bar) const { return heading_bar / (distance * distance); }
  };
};

}  // namespace PHI_ISA
}  // namespace phigrad
