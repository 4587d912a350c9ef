// A sum of doubles that is exact, hence the same bit for bit in any order, split or thread count.
// After Demmel, Ahrens, Nguyen, "Efficient Reproducible Floating Point Summation and BLAS" (2016):
// each value is cut into digits on a fixed grid of powers of 2^32; digits are added as integers.
#pragma once

#include <cstdint>

#include "kernels/math/scalar.hpp"

namespace phigrad {

/// Four digits of 32 bits below the largest value seen: what is dropped is below 2^-96 of it.
/// Good for 2^31 values. Non-finite values must not be added.
struct ExactSum {
  static constexpr int digits = 4;
  static constexpr int digit_bits = 32;
  static constexpr int lowest = -40;  // below the grid cell of the smallest double

  std::int64_t digit[digits];  // most significant first
  std::int32_t rank;           // digit[0] counts multiples of 2^(32·(lowest + rank))
};                             // all bytes zero: the empty sum

/// Σ g and Σ g² of one component of the gradient.
struct GradientSum {
  ExactSum sum;
  ExactSum squares;
};

inline namespace PHI_ISA {

/// 2^n for −1022 ≤ n ≤ 1023.
PHI_HD double power_of_two(int n) {
  return from_bits<double>(static_cast<std::uint64_t>(n + 1023) << 52);
}

/// x · 2^n, exact unless the result is subnormal; |n| ≤ 2000.
PHI_HD double scaled(double x, int n) {
  const int half = n / 2;
  return x * power_of_two(half) * power_of_two(n - half);
}

/// Makes the rank at least the given one; digits that fall off the end are dropped.
PHI_HD void raise(ExactSum& s, int rank) {
  while (s.rank < rank) {
    for (int i = ExactSum::digits - 1; i > 0; --i) s.digit[i] = s.digit[i - 1];
    s.digit[0] = 0;
    ++s.rank;
    if (s.digit[1] == 0 && s.digit[2] == 0 && s.digit[3] == 0) s.rank = rank;
  }
}

/// The rank that x ≠ 0 needs: its grid cell, floor(exponent / 32), above the lowest.
PHI_HD int rank_of(double x) {
  const int biased = static_cast<int>((to_bits(x) >> 52) & 0x7ff);
  return (biased - 1023 + 32 * 64) / 32 - 64 - ExactSum::lowest;
}

/// Adds ± significand · 2^exponent, significand < 2^53, by integers alone: GPUs of robots and desks
/// have few units for doubles.
PHI_HD void add_scaled(ExactSum& s, std::uint64_t significand, int exponent, bool negative) {
  // Its digits, from `cell` of the grid upwards. Truncation makes them independent of the rank that
  // the sum happens to have.
  const int place = exponent - ExactSum::digit_bits * ExactSum::lowest;
  const int cell = place / ExactSum::digit_bits, shift = place % ExactSum::digit_bits;
  const auto low = static_cast<std::int64_t>((significand << shift) & 0xffffffff);
  const auto middle = static_cast<std::int64_t>((significand >> (32 - shift)) & 0xffffffff);
  const auto high = static_cast<std::int64_t>((significand >> 1) >> (63 - shift));
  raise(s, high != 0 ? cell + 2 : middle != 0 ? cell + 1 : cell);
  PHI_UNROLL
  for (int i = 0; i < ExactSum::digits; ++i) {
    const int above = s.rank - i - cell;
    const std::int64_t digit = above == 0 ? low : above == 1 ? middle : above == 2 ? high : 0;
    s.digit[i] += negative ? -digit : digit;
  }
}

PHI_HD void add(ExactSum& s, double x) {
  if (x == 0) return;
  const std::uint64_t bits = to_bits(x);
  const auto biased = static_cast<int>((bits >> 52) & 0x7ff);
  const std::uint64_t fraction = bits & 0xfffffffffffff;
  const std::uint64_t significand = biased == 0 ? fraction : fraction | (std::uint64_t{1} << 52);
  add_scaled(s, significand, (biased == 0 ? 1 : biased) - 1075, (bits >> 63) != 0);
}

/// To the digits of the same number as a double.
PHI_HD void add(ExactSum& s, float x) {
  const std::uint32_t bits = to_bits(x);
  const auto biased = static_cast<int>((bits >> 23) & 0xff);
  const std::uint32_t fraction = bits & 0x7fffff;
  if (biased == 0 && fraction == 0) return;
  const std::uint32_t significand = biased == 0 ? fraction : fraction | 0x800000;
  add_scaled(s, significand, (biased == 0 ? 1 : biased) - 150, (bits >> 31) != 0);
}

PHI_HD void merge(ExactSum& s, ExactSum other) {
  const int rank = s.rank > other.rank ? s.rank : other.rank;
  raise(s, rank);
  raise(other, rank);
  for (int i = 0; i < ExactSum::digits; ++i) s.digit[i] += other.digit[i];
}

/// g² − square, exact, where `square` is g² rounded: by fma where that is one instruction, else by
/// halves of 26 bits (Veltkamp; T. J. Dekker, 1971). D is double, or lanes of it.
template <class D>
PHI_HD D square_error(D g, D square) {
#if defined(__CUDA_ARCH__) || defined(__FMA__) || defined(__aarch64__)
  return fma(g, g, -square);
#else
  const D split = D(134217729.0) * g;  // 2^27 + 1
  const D high = split - (split - g);
  const D low = g - high;
  return ((high * high - square) + D(2.0) * high * low) + low * low;
#endif
}

/// A pair that stands for its unevaluated sum (T. J. Dekker, 1971).
struct Double2 {
  double high, low;
};

/// a + b, exact (D. E. Knuth's two-sum).
PHI_HD Double2 two_sum(double a, double b) {
  const double sum = a + b;
  const double part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

/// The digits added up from the most significant, the rounding errors kept: the same digits give
/// the same bits. For sums below 2^991 in magnitude.
PHI_HD Double2 value_of(const ExactSum& sum) {
  Double2 total{0, 0};
  for (int i = 0; i < ExactSum::digits; ++i) {
    const int exponent = ExactSum::digit_bits * (ExactSum::lowest + sum.rank - i);
    // A digit may need 63 bits: two exact halves.
    const auto upper = static_cast<double>(sum.digit[i] >> 32);
    const auto lower = static_cast<double>(sum.digit[i] & 0xffffffff);
    const double halves[2] = {scaled(upper, exponent + 32), scaled(lower, exponent)};
    for (const double half : halves) {
      const Double2 s = two_sum(total.high, half);
      total = two_sum(s.high, total.low + s.low);
    }
  }
  return total;
}

/// Adds g and g² (in two parts, so that the square is exact too).
PHI_HD void add(GradientSum& s, double g) {
  const double square = g * g;
  add(s.sum, g);
  add(s.squares, square);
  add(s.squares, square_error(g, square));
}

/// Adds g and g², a whole number of 48 bits: exact at once, even where a float's square is not.
PHI_HD void add(GradientSum& s, float g) {
  add(s.sum, g);
  add(s.squares, static_cast<double>(g) * static_cast<double>(g));
}

}  // namespace PHI_ISA
}  // namespace phigrad
