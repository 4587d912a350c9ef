// x⁺ = a x + b u: the system whose gradients, variances and bounds are known in closed form.
#pragma once

#include "kernels/dynamics/vjp.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct ScalarDynamics {
  enum State { x, nx };
  enum Input { u, nu };
  template <class Real>
  struct Params {
    Real a;  // state feed-through a step
    Real b;  // input gain a step
  };

  /// One step; dt plays no part, the system is discrete.
  template <class Real>
  PHI_HD static Vec<Real, nx> step(const Vec<Real, nx>& s, const Vec<Real, nu>& input,
                                   const Params<Real>& p, scalar_t<Real> /*dt*/) {
    return {{fma(p.a, s[x], p.b * input[u])}};
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
