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
    if constexpr (is_plain_v<Real>) {
      return load_row<Real>(theta, i, block);
    } else {
      return Real(load_row<decltype(Real::value)>(theta, i, block));
    }
  }
};

/// ∂J/∂θ of one trajectory a lane; zeroed by whoever owns it.
template <class S>
struct ParameterGradient {
  Rows<S> theta_bar;  // [np]
  std::int64_t block;

  template <class Real>
  PHI_HD void add(std::int64_t i, Real bar) const {
    S* at = row_at<Real>(theta_bar, i, block);
    store(load<Real>(at) + bar, at);
  }
  template <class Real>
  PHI_HD void add_product(std::int64_t i, Real a, Real b) const {
    S* at = row_at<Real>(theta_bar, i, block);
    store(fma(a, b, load<Real>(at)), at);
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
