#include "host/statistics/exact_value.hpp"

#include <algorithm>
#include <cmath>

namespace phigrad {
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
