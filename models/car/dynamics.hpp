// A car on the plane: kinematic unicycle with a drive and a steering gain.
// Units and sources of the constants: models/car/README.md.
#pragma once

#include "kernels/dynamics/vjp.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct CarDynamics {
  enum State { x, y, v, heading, nx };  // m, m, m/s, rad
  enum Input { throttle, steer, nu };   // unitless, clamped by the controller
  template <class Real>
  struct Params {
    Real accel_gain;       // m/s² a unit of throttle
    Real drag_per_m;       // 1/m, v̇ loses drag_per_m v²
    Real turn_gain_per_m;  // rad/m a unit of steer
    Real turn_bias_per_m;  // rad/m
  };

  static constexpr bool euler_only = true;  // as the authors step it; no config asks for another

  /// ẋ of the car; the unit model of the authors is (1, 0, 1, 0).
  template <class Real>
  PHI_HD static Vec<Real, nx> derivative(const Vec<Real, nx>& s, const Vec<Real, nu>& u,
                                         const Params<Real>& p) {
    Real sin_h, cos_h;
    sincos(s[heading], sin_h, cos_h);
    return {{s[v] * cos_h, s[v] * sin_h,
             fma(p.accel_gain, u[throttle], -(p.drag_per_m * s[v] * s[v])),
             s[v] * fma(p.turn_gain_per_m, u[steer], p.turn_bias_per_m)}};
  }

  /// (∂ẋ/∂x)ᵀw, (∂ẋ/∂u)ᵀw.
  template <class Real>
  PHI_HD static Cotangent<Real, nx, nu> vjp(const Vec<Real, nx>& s, const Vec<Real, nu>& u,
                                            const Params<Real>& p, const Vec<Real, nx>& w) {
    Real sin_h, cos_h;
    sincos(s[heading], sin_h, cos_h);
    Cotangent<Real, nx, nu> c{};
    const Real curvature = fma(p.turn_gain_per_m, u[steer], p.turn_bias_per_m);
    const Real of_drag = -((p.drag_per_m + p.drag_per_m) * s[v]);
    c.x[v] = fma(cos_h, w[x], fma(sin_h, w[y], fma(of_drag, w[v], curvature * w[heading])));
    c.x[heading] = s[v] * fma(cos_h, w[y], -(sin_h * w[x]));
    c.u[throttle] = p.accel_gain * w[v];
    c.u[steer] = s[v] * p.turn_gain_per_m * w[heading];
    return c;
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
