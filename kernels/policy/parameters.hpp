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
  const S* theta;  // row 0 of the block
  std::int64_t row_stride;

  template <class Real>
  PHI_HD Real get(std::int64_t i) const {
    if constexpr (is_plain_v<Real>) {
      return load<Real>(theta + i * row_stride);
    } else {
      return Real(load<decltype(Real::value)>(theta + i * row_stride));
    }
  }
};

/// ∂J/∂θ of one trajectory a lane; zeroed by whoever owns it.
template <class S>
struct ParameterGradient {
  S* theta_bar;  // row 0 of the block
  std::int64_t row_stride;

  template <class Real>
  PHI_HD void add(std::int64_t i, Real bar) const {
    S* at = theta_bar + i * row_stride;
    store(load<Real>(at) + bar, at);
  }
  template <class Real>
  PHI_HD void add_product(std::int64_t i, Real a, Real b) const {
    S* at = theta_bar + i * row_stride;
    store(fma(a, b, load<Real>(at)), at);
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
