// How a kernel reads policy parameters θ and writes their gradient: each trajectory (lane) its own,
// or one set that a whole block shares.
#pragma once

#include "kernels/batch/rows.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// θ of one policy that every lane of the block shares.
template <class S>
struct SharedParameters {
  const S* theta;  // [np]

  template <class Real>
  PHI_HD Real get(std::int64_t i) const {
    return Real(theta[i]);
  }
};

/// θ of one policy a lane.
template <class S>
struct LaneParameters {
  Rows<S> theta;  // [np]
  std::int64_t block;

  template <class Real>
  PHI_HD Real get(std::int64_t i) const {
    return load_row<Real>(theta, i, block);
  }
};

/// ∂J/∂θ of one trajectory a lane; zeroed by whoever owns it.
template <class S>
struct ParameterGradient {
  Rows<S> theta_bar;  // [np]
  std::int64_t block;

  template <class Real>
  PHI_HD Real get(std::int64_t i) const {
    return load_row<Real>(theta_bar, i, block);
  }
  template <class Real>
  PHI_HD void set(std::int64_t i, Real bar) const {
    store_row(theta_bar, i, block, bar);
  }
  template <class Real>
  PHI_HD void add(std::int64_t i, Real bar) const {
    S* at = row_at<Real>(theta_bar, i, block);
    store(load<Real>(at) + bar, at);
  }
  /// a[0] b[0] and on to a[n − 1] b[n − 1], in this order.
  template <int n, class Real>
  PHI_HD void add_products(std::int64_t i, const Real (&a)[n], const Real (&b)[n]) const {
    S* at = row_at<Real>(theta_bar, i, block);
    Real sum = load<Real>(at);
    PHI_UNROLL
    for (int k = 0; k < n; ++k) sum = fma(a[k], b[k], sum);
    store(sum, at);
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
