// The car's tracking controller: throttle and steer from a planar setpoint and six gains.
#pragma once

#include "kernels/policy/planar_path.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct CarTrackingLaw {
  enum Gain { kx, ky, kv, kphi, ka, kw, n_gains };
  static constexpr int nx = 4;
  static constexpr int nu = 2;
  template <class Real>
  struct Settings {
    Real throttle_limit, steer_limit;  // unitless
  };

  /// u [2] at the state s [4] (x, y, v, heading).
  template <class Real, class S>
  PHI_HD static Vec<Real, nu> command(const Vec<Real, nx>& s, const PlanarSetpoint<Real>& d,
                                      const Vec<Real, n_gains>& k, const Settings<S>& limits) {
    const Raw<Real> raw(s, d, k);
    return {{clamp(raw.throttle, Real(-limits.throttle_limit), Real(limits.throttle_limit)),
             clamp(raw.steer, Real(-limits.steer_limit), Real(limits.steer_limit))}};
  }

  /// Adds the pull-backs of the cotangent u_bar to s_bar, d_bar and k_bar.
  template <class Real, class S>
  PHI_HD static void pull_back(const Vec<Real, nx>& s, const PlanarSetpoint<Real>& d,
                               const Vec<Real, n_gains>& k, const Settings<S>& limits,
                               const Vec<Real, nu>& u_bar, Vec<Real, nx>& s_bar,
                               PlanarSetpoint<Real>& d_bar, Vec<Real, n_gains>& k_bar) {
    const Raw<Real> raw(s, d, k);
    const Real throttle_bar = clamp_bar(u_bar[0], raw.throttle, Real(limits.throttle_limit));
    const Real steer_bar = clamp_bar(u_bar[1], raw.steer, Real(limits.steer_limit));
    const PolarVelocity<Real>& wanted = raw.wanted;

    k_bar[ka] = fma(raw.forward.accel, throttle_bar, k_bar[ka]);
    k_bar[kv] = fma(wanted.speed - s[2], throttle_bar, k_bar[kv]);
    k_bar[kw] = fma(raw.forward.turn_rate, steer_bar, k_bar[kw]);
    k_bar[kphi] = fma(wanted.heading - s[3], steer_bar, k_bar[kphi]);
    s_bar[2] = fma(-k[kv], throttle_bar, s_bar[2]);
    s_bar[3] = fma(-k[kphi], steer_bar, s_bar[3]);
    raw.forward.pull_back(d, k[ka] * throttle_bar, k[kw] * steer_bar, d_bar);

    const Vec<Real, 2> w = wanted.pull_back(k[kv] * throttle_bar, k[kphi] * steer_bar);
    k_bar[kx] = fma(d.x - s[0], w[0], k_bar[kx]);
    k_bar[ky] = fma(d.y - s[1], w[1], k_bar[ky]);
    s_bar[0] = fma(-k[kx], w[0], s_bar[0]);
    s_bar[1] = fma(-k[ky], w[1], s_bar[1]);
    d_bar.x = fma(k[kx], w[0], d_bar.x);
    d_bar.y = fma(k[ky], w[1], d_bar.y);
    d_bar.vx = d_bar.vx + w[0];
    d_bar.vy = d_bar.vy + w[1];
  }

 private:
  /// The law before its clamps.
  template <class Real>
  struct Raw {
    PathFeedForward<Real> forward;
    PolarVelocity<Real> wanted;
    Real throttle, steer;

    PHI_HD Raw(const Vec<Real, nx>& s, const PlanarSetpoint<Real>& d, const Vec<Real, n_gains>& k)
        : forward(d), wanted(fma(k[kx], d.x - s[0], d.vx), fma(k[ky], d.y - s[1], d.vy), s[3]) {
      throttle = fma(k[ka], forward.accel, k[kv] * (wanted.speed - s[2]));
      steer = fma(k[kw], forward.turn_rate, k[kphi] * (wanted.heading - s[3]));
    }
  };
};

}  // namespace PHI_ISA
}  // namespace phigrad
