// The Go1 above its own trot: a unicycle whose speed is the command (a map, not an ODE: v⁺ = u).
// Units and sources: models/go1/README.md.
#pragma once

#include "kernels/dynamics/vjp.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct Go1Dynamics {
  enum State { x, y, v, heading, nx };  // m, m, m/s, rad
  enum Input { speed, yaw_rate, nu };   // m/s, rad/s: the robot's high-level command
  template <class Real>
  struct Params {
    Real speed_gain;  // m/s of walking a m/s commanded
    Real yaw_gain;    // rad/s of turning a rad/s commanded
    Real yaw_bias;    // rad/s
  };

  /// x⁺ after dt seconds; the model of the authors is (1, 1, 0).
  template <class Real>
  PHI_HD static Vec<Real, nx> step(const Vec<Real, nx>& s, const Vec<Real, nu>& u,
                                   const Params<Real>& p, scalar_t<Real> dt) {
    Real sin_h, cos_h;
    sincos(s[heading], sin_h, cos_h);
    const Real walked = p.speed_gain * u[speed];
    const Real way = walked * Real(dt);
    return {{fma(way, cos_h, s[x]), fma(way, sin_h, s[y]), walked,
             fma(fma(p.yaw_gain, u[yaw_rate], p.yaw_bias), Real(dt), s[heading])}};
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
