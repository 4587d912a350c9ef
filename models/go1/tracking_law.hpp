// The quadruped's tracking controller: forward speed and yaw rate from a planar setpoint.
#pragma once

#include "kernels/policy/planar_path.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct Go1TrackingLaw {
  enum Gain { kx, ky, kvx, kphi, kvy, kw, n_gains };
  static constexpr int nx = 4;
  static constexpr int nu = 2;
  template <class Real>
  struct Settings {
    Real speed_limit, yaw_rate_limit;  // m/s, rad/s
  };

  /// u [2] at the state s [4] (x, y, v, heading).
  template <class Real, class S>
  PHI_HD static Vec<Real, nu> command(const Vec<Real, nx>& s, const PlanarSetpoint<Real>& d,
                                      const Vec<Real, n_gains>& k, const Settings<S>& limits) {
    const Raw<Real> raw(s, d, k);
    return {{clamp(raw.wanted.speed, Real(-limits.speed_limit), Real(limits.speed_limit)),
             clamp(raw.yaw_rate, Real(-limits.yaw_rate_limit), Real(limits.yaw_rate_limit))}};
  }

  /// Adds the pull-backs of the cotangent u_bar to s_bar, d_bar and k_bar.
  template <class Real, class S>
  PHI_HD static void pull_back(const Vec<Real, nx>& s, const PlanarSetpoint<Real>& d,
                               const Vec<Real, n_gains>& k, const Settings<S>& limits,
                               const Vec<Real, nu>& u_bar, Vec<Real, nx>& s_bar,
                               PlanarSetpoint<Real>& d_bar, Vec<Real, n_gains>& k_bar) {
    const Raw<Real> raw(s, d, k);
    const Real speed_bar = clamp_bar(u_bar[0], raw.wanted.speed, Real(limits.speed_limit));
    const Real yaw_bar = clamp_bar(u_bar[1], raw.yaw_rate, Real(limits.yaw_rate_limit));

    k_bar[kw] = fma(raw.forward.turn_rate, yaw_bar, k_bar[kw]);
    k_bar[kphi] = fma(raw.wanted.heading - s[3], yaw_bar, k_bar[kphi]);
    s_bar[3] = fma(-k[kphi], yaw_bar, s_bar[3]);
    raw.forward.pull_back(d, Real(0), k[kw] * yaw_bar, d_bar);

    const Vec<Real, 2> w = raw.wanted.pull_back(speed_bar, k[kphi] * yaw_bar);
    k_bar[kx] = fma(d.x - s[0], w[0], k_bar[kx]);
    k_bar[ky] = fma(d.y - s[1], w[1], k_bar[ky]);
    k_bar[kvx] = fma(d.vx, w[0], k_bar[kvx]);
    k_bar[kvy] = fma(d.vy, w[1], k_bar[kvy]);
    s_bar[0] = fma(-k[kx], w[0], s_bar[0]);
    s_bar[1] = fma(-k[ky], w[1], s_bar[1]);
    d_bar.x = fma(k[kx], w[0], d_bar.x);
    d_bar.y = fma(k[ky], w[1], d_bar.y);
    d_bar.vx = fma(k[kvx], w[0], d_bar.vx);
    d_bar.vy = fma(k[kvy], w[1], d_bar.vy);
  }

 private:
  /// The law before its clamps.
  template <class Real>
  struct Raw {
    PathFeedForward<Real> forward;
    PolarVelocity<Real> wanted;
    Real yaw_rate;

    PHI_HD Raw(const Vec<Real, nx>& s, const PlanarSetpoint<Real>& d, const Vec<Real, n_gains>& k)
        : forward(d),
          wanted(fma(k[kvx], d.vx, k[kx] * (d.x - s[0])), fma(k[kvy], d.vy, k[ky] * (d.y - s[1])),
                 s[3]) {
      yaw_rate = fma(k[kw], forward.turn_rate, k[kphi] * (wanted.heading - s[3]));
    }
  };
};

}  // namespace PHI_ISA
}  // namespace phigrad
