// Trackers: how the decision z of a segment becomes an input at every step. `plan` turns the
// previous and the present decision into the segment's memory; `act` runs at the fast rate; each
// has its pull-back. All are functions of the state that the robot itself measures.
#pragma once

#include "kernels/math/vec.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// What `act` knows beside the state and the memory.
template <class S, class Real>
struct Instant {
  Real since_refresh;  // s since the segment began
  const S* schedule;   // [n_schedule] of this step, the same for the whole batch; may be null
};

/// Defaults of a tracker whose memory is the decision itself, whatever was decided before: kernels
/// then read the plan where the decision lies.
template <int NX, int NU, int NZ>
struct DirectPlan {
  static constexpr int nx = NX;
  static constexpr int nu = NU;
  static constexpr int nz = NZ;
  static constexpr int nm = NZ;
  static constexpr bool has_setpoint_command = false;
  static constexpr bool plan_is_decision = true;

  template <class Real, class S>
  PHI_HD static const Vec<Real, nm>& plan(const Vec<Real, nz>& /*before*/, const Vec<Real, nz>& z,
                                          const S& /*settings*/) {
    return z;
  }
  template <class Real, class S>
  PHI_HD static void plan_vjp(const Vec<Real, nm>& m_bar, const S& /*settings*/,
                              Vec<Real, nz>& /*before_bar*/, Vec<Real, nz>& z_bar) {
    z_bar = z_bar + m_bar;
  }
};

/// u = z: open-loop inputs, or the output of a network that decides the inputs themselves.
template <int NX, int NU>
struct FeedForward : DirectPlan<NX, NU, NU> {
  static constexpr int n_schedule = 0;
  template <class Real>
  struct Settings {};

  template <class Real, class S, class Set>
  PHI_HD static Vec<Real, NU> act(const Vec<Real, NX>& /*x*/, const Vec<Real, NU>& m,
                                  const Instant<S, Real>& /*now*/, const Set& /*settings*/) {
    return m;
  }
  template <class Real, class S, class Set>
  PHI_HD static void act_vjp(const Vec<Real, NX>& /*x*/, const Vec<Real, NU>& /*m*/,
                             const Instant<S, Real>& /*now*/, const Set& /*settings*/,
                             const Vec<Real, NU>& u_bar, Vec<Real, NX>& /*x_bar*/,
                             Vec<Real, NU>& m_bar) {
    m_bar = m_bar + u_bar;
  }
};

/// u = u_ff + K (z − x) with u_ff [nu] and K [nu, nx] of each step from the schedule.
template <int NX, int NU>
struct SetpointFeedback : DirectPlan<NX, NU, NX> {
  static constexpr int n_schedule = NU + NU * NX;
  template <class Real>
  struct Settings {};

  template <class Real, class S, class Set>
  PHI_HD static Vec<Real, NU> act(const Vec<Real, NX>& x, const Vec<Real, NX>& m,
                                  const Instant<S, Real>& now, const Set& /*settings*/) {
    Vec<Real, NU> u;
    PHI_UNROLL
    for (int i = 0; i < NU; ++i) {
      u[i] = Real(now.schedule[i]);
      PHI_UNROLL
      for (int j = 0; j < NX; ++j) u[i] = fma(Real(gain(now, i, j)), m[j] - x[j], u[i]);
    }
    return u;
  }
  template <class Real, class S, class Set>
  PHI_HD static void act_vjp(const Vec<Real, NX>& /*x*/, const Vec<Real, NX>& /*m*/,
                             const Instant<S, Real>& now, const Set& /*settings*/,
                             const Vec<Real, NU>& u_bar, Vec<Real, NX>& x_bar,
                             Vec<Real, NX>& m_bar) {
    PHI_UNROLL
    for (int j = 0; j < NX; ++j) {
      Real pulled = Real(0);
      PHI_UNROLL
      for (int i = 0; i < NU; ++i) pulled = fma(Real(gain(now, i, j)), u_bar[i], pulled);
      m_bar[j] = m_bar[j] + pulled;
      x_bar[j] = x_bar[j] - pulled;
    }
  }

 private:
  template <class S, class Real>
  PHI_HD static S gain(const Instant<S, Real>& now, int i, int j) {
    return now.schedule[NU + i * NX + j];
  }
};

/// u = −K x with the gains K [nu, nx], row-major, as the decision.
template <int NX, int NU>
struct LinearFeedback : DirectPlan<NX, NU, NU * NX> {
  static constexpr int n_schedule = 0;
  template <class Real>
  struct Settings {};

  template <class Real, class S, class Set>
  PHI_HD static Vec<Real, NU> act(const Vec<Real, NX>& x, const Vec<Real, NU * NX>& m,
                                  const Instant<S, Real>& /*now*/, const Set& /*settings*/) {
    Vec<Real, NU> u;
    PHI_UNROLL
    for (int i = 0; i < NU; ++i) {
      u[i] = Real(0);
      PHI_UNROLL
      for (int j = 0; j < NX; ++j) u[i] = fma(-m[i * NX + j], x[j], u[i]);
    }
    return u;
  }
  template <class Real, class S, class Set>
  PHI_HD static void act_vjp(const Vec<Real, NX>& x, const Vec<Real, NU * NX>& m,
                             const Instant<S, Real>& /*now*/, const Set& /*settings*/,
                             const Vec<Real, NU>& u_bar, Vec<Real, NX>& x_bar,
                             Vec<Real, NU * NX>& m_bar) {
    Vec<Real, NX> back = x_bar;
    PHI_UNROLL
    for (int i = 0; i < NU; ++i) {
      PHI_UNROLL
      for (int j = 0; j < NX; ++j) back[j] = fma(-m[i * NX + j], u_bar[i], back[j]);
    }
    x_bar = back;
    PHI_UNROLL
    for (int i = 0; i < NU; ++i) {
      PHI_UNROLL
      for (int j = 0; j < NX; ++j) m_bar[i * NX + j] = fma(-x[j], u_bar[i], m_bar[i * NX + j]);
    }
  }
};

/// u = u_ff − K (x − x_ref) with u_ff [nu] and x_ref [nx] of each step from the schedule and the
/// gains K [nu, nx], row-major, as the decision.
template <int NX, int NU>
struct ReferenceFeedback : DirectPlan<NX, NU, NU * NX> {
  static constexpr int n_schedule = NU + NX;
  template <class Real>
  struct Settings {};

  template <class Real, class S, class Set>
  PHI_HD static Vec<Real, NU> act(const Vec<Real, NX>& x, const Vec<Real, NU * NX>& m,
                                  const Instant<S, Real>& now, const Set& /*settings*/) {
    const Vec<Real, NX> error = error_at(x, now);
    Vec<Real, NU> u;
    PHI_UNROLL
    for (int i = 0; i < NU; ++i) {
      u[i] = Real(now.schedule[i]);
      PHI_UNROLL
      for (int j = 0; j < NX; ++j) u[i] = fma(m[i * NX + j], error[j], u[i]);
    }
    return u;
  }
  template <class Real, class S, class Set>
  PHI_HD static void act_vjp(const Vec<Real, NX>& x, const Vec<Real, NU * NX>& m,
                             const Instant<S, Real>& now, const Set& /*settings*/,
                             const Vec<Real, NU>& u_bar, Vec<Real, NX>& x_bar,
                             Vec<Real, NU * NX>& m_bar) {
    Vec<Real, NX> back = x_bar;
    PHI_UNROLL
    for (int i = 0; i < NU; ++i) {
      const Real pulled = -u_bar[i];
      PHI_UNROLL
      for (int j = 0; j < NX; ++j) back[j] = fma(m[i * NX + j], pulled, back[j]);
    }
    x_bar = back;
    const Vec<Real, NX> error = error_at(x, now);
    PHI_UNROLL
    for (int i = 0; i < NU; ++i) {
      PHI_UNROLL
      for (int j = 0; j < NX; ++j) m_bar[i * NX + j] = fma(error[j], u_bar[i], m_bar[i * NX + j]);
    }
  }

 private:
  /// x_ref − x.
  template <class S, class Real>
  PHI_HD static Vec<Real, NX> error_at(const Vec<Real, NX>& x, const Instant<S, Real>& now) {
    Vec<Real, NX> error;
    PHI_UNROLL
    for (int j = 0; j < NX; ++j) error[j] = Real(now.schedule[NU + j]) - x[j];
    return error;
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
