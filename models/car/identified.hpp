// The JetRacer as least squares on its recordings find it, a plant. Numbers: models/car/README.md.
#pragma once

#include "kernels/dynamics/integrators.hpp"
#include "models/car/dynamics.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// CarDynamics, stepped by Euler, with what throttle must overcome before the car moves: it stops
/// the car and does not push it backwards.
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

  template <class Real>
  PHI_HD static Vec<Real, nx> step(const Vec<Real, nx>& s, const Vec<Real, nu>& u,
                                   const Params<Real>& p, scalar_t<Real> dt) {
    constexpr int v = CarDynamics::v;
    const CarDynamics::Params<Real> rolling{p.accel_gain, p.drag_per_m, p.turn_gain_per_m,
                                            p.turn_bias_per_m};
    Vec<Real, nx> next = Euler::step<CarDynamics, Real>(s, u, rolling, dt);
    const Real slowed = fma(-p.resistance, Real(dt), next[v]);
    const Real least = min(s[v], Real(0));
    next[v] = select(slowed < least, least, slowed);
    return next;
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
