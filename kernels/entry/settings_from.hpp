// Packs of settings as kernels take them.
#pragma once

#include "kernels/math/pack.hpp"

namespace phigrad {
inline namespace PHI_ISA {
namespace kernel_detail {

/// A pack in the kernel's precision from the host's doubles.
template <template <class> class Pack, class S>
Pack<S> settings_from(const double* numbers) {
  return convert<Pack, S>(from_array<Pack>(numbers));
}

}  // namespace kernel_detail
}  // namespace PHI_ISA
}  // namespace phigrad
