// Bins that norms of state-transition matrices are counted in, by lag: sixteenths of an octave (an
// octave cut evenly) from 2^-32 to 2^32, whole octaves beyond; what is beyond those, or zero, is in
// the first bin or the last.
#pragma once

#include "kernels/math/scalar.hpp"

namespace phigrad {

inline constexpr int growth_bins_per_octave = 16;
inline constexpr int growth_fine_octaves = 32;     // either side of 1
inline constexpr int growth_coarse_octaves = 512;  // beyond, either side
inline constexpr int growth_bins =
    2 * (growth_fine_octaves * growth_bins_per_octave + growth_coarse_octaves);

inline namespace PHI_ISA {

/// Bin of norm · 2^exponent; norm zero or normal, not negative; exponent whole.
template <class S>
PHI_HD int growth_bin(S norm, S exponent) {
  if (norm == S(0)) return 0;
  constexpr bool single = sizeof(S) == 4;
  constexpr int below_sixteenths = single ? 23 - 4 : 52 - 4;  // bits of the mantissa
  constexpr int bias = single ? 127 : 1023;
  const auto leading = static_cast<int>(to_bits(norm) >> below_sixteenths);
  const int octave =
      leading / growth_bins_per_octave - bias + static_cast<int>(exponent) + growth_fine_octaves;
  if (octave < 0) {
    const int bin = octave + growth_coarse_octaves;
    return bin < 0 ? 0 : bin;
  }
  if (octave < 2 * growth_fine_octaves) {
    return growth_coarse_octaves + octave * growth_bins_per_octave +
           leading % growth_bins_per_octave;
  }
  const int bin = growth_bins - growth_coarse_octaves + octave - 2 * growth_fine_octaves;
  return bin < growth_bins ? bin : growth_bins - 1;
}

/// One more, whoever else counts there at the same time.
PHI_HD void count_one(std::uint32_t* count) {
#if defined(__CUDA_ARCH__)
  atomicAdd(count, 1U);
#else
  __atomic_fetch_add(count, 1U, __ATOMIC_RELAXED);
#endif
}

}  // namespace PHI_ISA
}  // namespace phigrad
