// ½ Σ (x − goal)ᵀ diag(q) (x − goal) + ½ uᵀ diag(r) u, and a terminal weight of its own.
#pragma once

#include "kernels/dynamics/vjp.hpp"

namespace phigrad {
inline namespace PHI_ISA {

template <int NX, int NU>
struct Quadratic {
  static constexpr int nx = NX;
  static constexpr int nu = NU;
  static constexpr bool has_path = false;
  template <class Real>
  struct Settings {
    Real goal[NX];      // the state's units
    Real state[NX];     // stage weights
    Real input[NU];     // stage weights
    Real terminal[NX];  // weights of x_T
  };

  template <class Real, class S>
  PHI_HD static Real stage(const Vec<Real, NX>& x, const Vec<Real, NU>& u, Real /*t*/,
                           const Settings<S>& w) {
    Real twice = Real(0);
    PHI_UNROLL
    for (int i = 0; i < NU; ++i) twice = fma(u[i] * u[i], Real(w.input[i]), twice);
    return Real(0.5) * (twice + squares(x, w.goal, w.state));
  }

  template <class Real, class S>
  PHI_HD static Cotangent<Real, NX, NU> stage_gradient(const Vec<Real, NX>& x,
                                                       const Vec<Real, NU>& u, Real /*t*/,
                                                       const Settings<S>& w) {
    Cotangent<Real, NX, NU> g;
    PHI_UNROLL
    for (int i = 0; i < NX; ++i) g.x[i] = (x[i] - Real(w.goal[i])) * Real(w.state[i]);
    PHI_UNROLL
    for (int i = 0; i < NU; ++i) g.u[i] = u[i] * Real(w.input[i]);
    return g;
  }

  template <class Real, class S>
  PHI_HD static Real terminal(const Vec<Real, NX>& x, Real /*t*/, const Settings<S>& w) {
    return Real(0.5) * squares(x, w.goal, w.terminal);
  }

  template <class Real, class S>
  PHI_HD static Vec<Real, NX> terminal_gradient(const Vec<Real, NX>& x, Real /*t*/,
                                                const Settings<S>& w) {
    Vec<Real, NX> g;
    PHI_UNROLL
    for (int i = 0; i < NX; ++i) g[i] = (x[i] - Real(w.goal[i])) * Real(w.terminal[i]);
    return g;
  }

 private:
  template <class Real, class S>
  PHI_HD static Real squares(const Vec<Real, NX>& x, const S (&goal)[NX], const S (&weight)[NX]) {
    Real sum = Real(0);
    PHI_UNROLL
    for (int i = 0; i < NX; ++i) {
      const Real error = x[i] - Real(goal[i]);
      sum = fma(error * error, Real(weight[i]), sum);
    }
    return sum;
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
