// Operands of tile products: how they are rounded, and how they lie in the memory that a team
// shares.
#pragma once

#include "kernels/math/scalar.hpp"

#if defined(__CUDACC__)
#include <mma.h>
#endif

namespace phigrad {

inline namespace PHI_ISA {

/// Rows and columns of a tile.
inline constexpr int tile_size = 16;

/// The upper half of a float.
struct BFloat16 {
  std::uint16_t bits;
};

/// To the nearest number of 8 bits, halves to even.
PHI_HD void round_to(float x, BFloat16& rounded) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  rounded.bits = __bfloat16_as_ushort(__float2bfloat16_rn(x));
#else
  const std::uint32_t bits = to_bits(x);
  const std::uint32_t even = bits >> 16 & 1U;
  rounded.bits = x == x ? static_cast<std::uint16_t>((bits + 0x7FFFU + even) >> 16) : 0x7FFF;
#endif
}
PHI_HD void round_to(float x, float& rounded) { rounded = x; }

PHI_HD float to_float(BFloat16 x) { return from_bits<float>(std::uint32_t{x.bits} << 16); }
PHI_HD float to_float(float x) { return x; }

/// x in two TF32 numbers: the nearest (halves away from zero, as cvt.rna.tf32.f32), and of what is
/// left, which has 12 bits, the first 11. Of what is not finite the second is a NaN, the first may
/// be anything. It takes less than half of the instructions that two cvt do.
PHI_HD void split_to_tf32(float x, float& high, float& low) {
  constexpr std::uint32_t kept = ~std::uint32_t{0x1FFF};
  high = from_bits<float>((to_bits(x) + 0x1000U) & kept);
  low = from_bits<float>(to_bits(x - high) & kept);
}

// How the operands of products are held and rounded; sums are floats.

/// In two parts, x = high + low, and ab is low·high + high·low + high·high. Dropped are low·low, at
/// most 2⁻²² |ab|, and what is left of a and of b, each at most 2⁻²³ |ab|.
struct Tf32x3 {
  using Stored = float;
  static constexpr bool in_two_parts = true;
  static constexpr int depth = 8;    // of one product: [16, depth] · [depth, 16]
  static constexpr int padding = 4;  // numbers behind a row, against bank conflicts

  static constexpr int parts_of_float = 1;
  /// Stored numbers that add up to a float, part by part.
  PHI_HD static float part(float x, int /*i*/) { return x; }
};

/// To 8 bits.
struct Bf16 {
  using Stored = BFloat16;
  static constexpr bool in_two_parts = false;
  static constexpr int depth = 16;
  static constexpr int padding = 8;

  static constexpr int parts_of_float = 3;
  PHI_HD static float part(float x, int i) {
    BFloat16 rounded;
    for (; i > 0; --i) {
      round_to(x, rounded);
      x = x - to_float(rounded);
    }
    round_to(x, rounded);
    return to_float(rounded);
  }
};

/// An operand whose element (i, j) lies at first[i · stride + j], or, transposed, at
/// first[j · stride + i].
template <class Products, int stride, bool transposed>
struct TileView {
  const typename Products::Stored* first;

  /// Without the rows before i and the columns before j.
  PHI_HD TileView from(int i, int j) const {
    return {first + (transposed ? j * stride + i : i * stride + j)};
  }
  PHI_HD float at(int i, int j) const { return to_float(*from(i, j).first); }
};

/// A matrix of which tiles are operands.
template <class Products, int Rows, int Columns>
class alignas(32) TileMatrix {
 public:
  using Stored = typename Products::Stored;
  static constexpr int rows = Rows;
  static constexpr int columns = Columns;
  static constexpr int stride = Columns + Products::padding;

  PHI_HD void set(int row, int column, float x) { round_to(x, values_[row][column]); }
  PHI_HD float get(int row, int column) const { return to_float(values_[row][column]); }
  PHI_HD Stored* at(int row, int column) { return &values_[row][column]; }

  /// Element (i, j) is [row + i, column + j] of this.
  PHI_HD TileView<Products, stride, false> tile(int row, int column) const {
    return {&values_[row][column]};
  }
  /// Element (i, j) is [row + j, column + i] of this.
  PHI_HD TileView<Products, stride, true> transposed(int row, int column) const {
    return {&values_[row][column]};
  }

 private:
  Stored values_[Rows][stride];
};

}  // namespace PHI_ISA
}  // namespace phigrad
