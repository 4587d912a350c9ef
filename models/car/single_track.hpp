// A car whose tyres slip, whose motor and servo take their time, as a plant for the policies of
// CarDynamics: they see x, y, v and heading of it. Numbers and sources: models/car/README.md.
#pragma once

#include "kernels/dynamics/integrators.hpp"
#include "models/car/dynamics.hpp"
#include "models/dynamic_car/dynamics.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct SingleTrackCar {
  using Body = DynamicCarDynamics;
  enum State { drive = Body::nx, steer_angle, nx };  // after the body's: m/s², rad
  static constexpr int nu = CarDynamics::nu;
  static constexpr int n_seen = CarDynamics::nx;
  static constexpr int sub_steps = 4;
  template <class Real>
  struct Params {
    typename Body::template Params<Real> body;
    Real drive_gain;     // m/s² a unit of throttle, at rest
    Real motor_damping;  // 1/s, drive that the motor loses a unit of speed
    Real drive_lag;      // s, time constant of the drive
    Real steer_gain;     // rad of the front wheel a unit of steer
    Real steer_limit;    // rad that it turns at most, either way
    Real steer_lag;      // s, time constant of the servo
  };
  template <class Real>
  struct Constants : Params<Real> {
    typename Body::template Constants<Real> body_constants;

    PHI_HD Constants(const Params<Real>& p) : Params<Real>(p), body_constants(p.body) {}
  };

  /// A step of the classical Runge-Kutta method over each of sub_steps parts of dt.
  template <class Real>
  PHI_HD static Vec<Real, nx> step(Vec<Real, nx> s, const Vec<Real, nu>& u,
                                   const Constants<identity_t<Real>>& p, scalar_t<Real> dt) {
    for (int i = 0; i < sub_steps; ++i) {
      s = RungeKutta4::step<Motion, Real>(s, u, p, dt / sub_steps);
    }
    return s;
  }

  /// The car that runs straight ahead with what is seen, its motor and servo at rest.
  template <class Real>
  PHI_HD static Vec<Real, nx> begin(const Vec<Real, n_seen>& seen,
                                    const Constants<identity_t<Real>>& /*p*/) {
    Vec<Real, nx> s{};
    s[Body::x] = seen[CarDynamics::x];
    s[Body::y] = seen[CarDynamics::y];
    s[Body::heading] = seen[CarDynamics::heading];
    s[Body::vx] = seen[CarDynamics::v];
    return s;
  }

  /// v is the length of the velocity, as the authors measure it.
  template <class Real>
  PHI_HD static Vec<Real, n_seen> observe(const Vec<Real, nx>& s) {
    Vec<Real, n_seen> seen;
    seen[CarDynamics::x] = s[Body::x];
    seen[CarDynamics::y] = s[Body::y];
    seen[CarDynamics::v] = hypot(s[Body::vx], s[Body::vy]);
    seen[CarDynamics::heading] = s[Body::heading];
    return seen;
  }

 private:
  struct Motion {
    static constexpr int nx = SingleTrackCar::nx;
    static constexpr int nu = SingleTrackCar::nu;
    template <class Real>
    using Constants = SingleTrackCar::Constants<Real>;

    template <class Real>
    PHI_HD static Vec<Real, nx> derivative(const Vec<Real, nx>& s, const Vec<Real, nu>& u,
                                           const Constants<Real>& p) {
      Vec<Real, Body::nx> body;
      PHI_UNROLL
      for (int i = 0; i < Body::nx; ++i) body[i] = s[i];
      const Vec<Real, Body::nu> driven = {{s[drive], s[steer_angle]}};
      const Vec<Real, Body::nx> moved = Body::derivative(body, driven, p.body_constants);
      Vec<Real, nx> rate;
      PHI_UNROLL
      for (int i = 0; i < Body::nx; ++i) rate[i] = moved[i];
      const Real wanted =
          fma(p.drive_gain, u[CarDynamics::throttle], -(p.motor_damping * s[Body::vx]));
      rate[drive] = (wanted - s[drive]) / p.drive_lag;
      const Real turned =
          clamp(p.steer_gain * u[CarDynamics::steer], -p.steer_limit, p.steer_limit);
      rate[steer_angle] = (turned - s[steer_angle]) / p.steer_lag;
      return rate;
    }
  };
};

}  // namespace PHI_ISA
}  // namespace phigrad
