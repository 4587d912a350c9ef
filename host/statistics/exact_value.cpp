#include "host/statistics/exact_value.hpp"

#include <algorithm>
#include <cmath>

namespace phigrad {
namespace {

/// A pair that stands for its unevaluated sum (T. J. Dekker, 1971).
struct Double2 {
  double high, low;
};

Double2 two_sum(double a, double b) {
  const double sum = a + b;
  const double part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

/// The digits added up from the most significant, the rounding errors kept.
Double2 value_of(const ExactSum& sum) {
  Double2 total{0, 0};
  for (int i = 0; i < ExactSum::digits; ++i) {
    const int exponent = ExactSum::digit_bits * (ExactSum::lowest + sum.rank - i);
    // A digit may need 63 bits: two exact halves.
    const auto upper = static_cast<double>(sum.digit[i] >> 32);
    const auto lower = static_cast<double>(sum.digit[i] & 0xffffffff);
    for (const double part : {std::ldexp(upper, exponent + 32), std::ldexp(lower, exponent)}) {
      const Double2 s = two_sum(total.high, part);
      total = two_sum(s.high, total.low + s.low);
    }
  }
  return total;
}

}  // namespace

long double exact_value(const ExactSum& sum) {
  const Double2 v = value_of(sum);
  return static_cast<long double>(v.high) + static_cast<long double>(v.low);
}

Moments moments(const GradientSum& sums, std::int64_t count) {
  if (count == 0) return {0, 0};
  const auto n = static_cast<double>(count);
  const Double2 sum = value_of(sums.sum);
  const double mean = (sum.high + sum.low) / n;
  if (count < 2) return {mean, 0};
  // Σ(g − m)² = Σg² − m (2 Σg − n m), in pairs, since the terms nearly cancel where the mean is
  // large against the spread.
  const Double2 squares = value_of(sums.squares);
  const double product = mean * sum.high;
  const double product_low = std::fma(mean, sum.high, -product) + mean * sum.low;
  const double square = mean * mean;
  const double square_low = std::fma(mean, mean, -square);
  const double n_square = n * square;
  const double n_square_low = std::fma(n, square, -n_square) + n * square_low;
  Double2 s = two_sum(squares.high, -2 * product);
  Double2 t = two_sum(s.high, n_square);
  const double spread = t.high + (t.low + s.low + squares.low - 2 * product_low + n_square_low);
  return {mean, std::max(spread, 0.0) / (n - 1)};
}

}  // namespace phigrad
