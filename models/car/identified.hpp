// The JetRacer as least squares on its recordings find it, a plant. Numbers: models/car/README.md.
#pragma once

#include "kernels/math/elementary.hpp"
#include "models/car/dynamics.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// CarDynamics with what throttle must overcome before the car moves, and which stops it, but does
/// not push it backwards.
struct IdentifiedCar {
  static constexpr int nx = CarDynamics::nx;
  static constexpr int nu = CarDynamics::nu;
  template <class Real>
  struct Params {
    Real accel_gain;       // m/s² a unit of throttle
    Real resistance;       // m/s², what the car loses at any speed
    Real drag_per_m;       // 1/m, v̇ loses drag_per_m v²
    Real turn_gain_per_m;  // rad/m a unit of steer
    Real turn_bias_per_m;  // rad/m
  };

  static constexpr bool euler_only = true;

  template <class Real>
  PHI_HD static Vec<Real, nx> derivative(const Vec<Real, nx>& s, const Vec<Real, nu>& u,
                                         const Params<Real>& p) {
    Vec<Real, nx> rate =
        CarDynamics::derivative(s, u,
                                CarDynamics::Params<Real>{p.accel_gain, p.drag_per_m,
                                                          p.turn_gain_per_m, p.turn_bias_per_m});
    const Real slowed = rate[CarDynamics::v] - p.resistance;
    const mask_t<Real> stands = (s[CarDynamics::v] <= Real(0)) & (slowed < Real(0));
    rate[CarDynamics::v] = select(stands, Real(0), slowed);
    return rate;
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
