// Reading exact sums: what the digits of an ExactSum are worth, and the moments they give.
#pragma once

#include <cstdint>

#include "kernels/reduce/exact_sum.hpp"

namespace phigrad {

/// The sum rounded to long double; the same digits give the same bits.
long double exact_value(const ExactSum& sum);

/// Mean and unbiased variance of `count` values from their sums; the variance is 0 for count < 2.
struct Moments {
  double mean;
  double variance;
};
Moments moments(const GradientSum& sums, std::int64_t count);

}  // namespace phigrad
