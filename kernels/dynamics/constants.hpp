// What a model computes of its parameters alone: once where a kernel begins, not in every step.
#pragma once

#include <type_traits>

#include "kernels/math/scalar.hpp"

namespace phigrad {
inline namespace PHI_ISA {

namespace kernel_detail {

template <class Model, class Real, class = void>
struct ConstantsOf {
  using Type = typename Model::template Params<Real>;
};
template <class Model, class Real>
struct ConstantsOf<Model, Real, std::void_t<typename Model::template Constants<Real>>> {
  using Type = typename Model::template Constants<Real>;
};

}  // namespace kernel_detail

/// Model::Constants<Real>, which a Params<Real> converts to; Params<Real> of a model without. Its
/// pull-back is to be written by hand: duals would make them anew in every step.
template <class Model, class Real>
using constants_t = typename kernel_detail::ConstantsOf<Model, Real>::Type;

}  // namespace PHI_ISA
}  // namespace phigrad
