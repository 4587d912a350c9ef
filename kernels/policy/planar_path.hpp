// A moving setpoint on the plane, and what every planar tracking law reads off it.
#pragma once

#include "kernels/math/elementary.hpp"
#include "kernels/math/vec.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Setpoint of a planar tracking law; also the cotangent of one.
template <class Real>
struct PlanarSetpoint {
  Real x, y;    // m
  Real vx, vy;  // m/s
  Real ax, ay;  // m/s²
};

/// Feed-forward along the setpoint's path: acceleration a = v̂·a and turn rate ω = (v × a)/‖v‖².
/// Not defined (not finite) for a setpoint that stands still.
template <class Real>
struct PathFeedForward {
  Real inverse_speed;  // s/m
  Real cos_path, sin_path;
  Real accel;      // m/s²
  Real turn_rate;  // rad/s

  PHI_HD explicit PathFeedForward(const PlanarSetpoint<Real>& d) {
    inverse_speed = Real(1) / hypot(d.vx, d.vy);
    cos_path = d.vx * inverse_speed;
    sin_path = d.vy * inverse_speed;
    accel = fma(cos_path, d.ax, sin_path * d.ay);
    turn_rate = fma(d.ay, cos_path, -(d.ax * sin_path)) * inverse_speed;
  }

  /// Adds to d_bar the pull-back of the cotangents of accel and turn_rate.
  PHI_HD void pull_back(const PlanarSetpoint<Real>& d, Real accel_bar, Real turn_bar,
                        PlanarSetpoint<Real>& d_bar) const {
    const Real turn = turn_bar * inverse_speed;
    d_bar.ax = fma(accel_bar, cos_path, fma(-turn, sin_path, d_bar.ax));
    d_bar.ay = fma(accel_bar, sin_path, fma(turn, cos_path, d_bar.ay));
    const Real two_rate = turn_rate + turn_rate;
    const Real along = accel_bar * inverse_speed;
    d_bar.vx = fma(along, fma(-accel, cos_path, d.ax),
                   fma(turn, fma(d.ay, inverse_speed, -(two_rate * cos_path)), d_bar.vx));
    d_bar.vy = fma(along, fma(-accel, sin_path, d.ay),
                   fma(-turn, fma(d.ax, inverse_speed, two_rate * sin_path), d_bar.vy));
  }
};

/// Speed and heading of a planar velocity (vx, vy); heading within π of `reference`.
template <class Real>
struct PolarVelocity {
  Real vx, vy, speed, heading;  // m/s, m/s, m/s, rad

  PHI_HD PolarVelocity(Real vx_, Real vy_, Real reference) : vx(vx_), vy(vy_) {
    speed = hypot(vx, vy);
    heading = wrap_near(atan2(vy, vx), reference);
  }

  /// (v̄x, v̄y) of the cotangents of speed and heading.
  PHI_HD Vec<Real, 2> pull_back(Real speed_bar, Real heading_bar) const {
    const Real radial = speed_bar / speed;
    const Real tangential = heading_bar / (speed * speed);
    return {{fma(radial, vx, -(tangential * vy)), fma(radial, vy, tangential * vx)}};
  }
};

/// The cotangent that passes a clamp of `raw` to ±limit: zero beyond.
template <class Real>
PHI_HD Real clamp_bar(Real bar, Real raw, Real limit) {
  return select((raw >= -limit) & (raw <= limit), bar, Real(0));
}

}  // namespace PHI_ISA
}  // namespace phigrad
