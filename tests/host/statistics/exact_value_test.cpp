// Exact sums against sums whose value is known, and moments against a two-pass computation.
#include "host/statistics/exact_value.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "tests/support/random_numbers.hpp"

namespace phigrad {
namespace {

ExactSum sum_of(const std::vector<double>& values) {
  ExactSum s{};
  for (const double v : values) add(s, v);
  return s;
}

// Breaks when a sum is rounded on the way: what cancels must cancel to nothing, what is left must
// be left whole.
TEST(ExactSums, CancelExactly) {
  EXPECT_EQ(exact_value(sum_of({1e16, 1, -1e16})), 1.0L);
  EXPECT_EQ(exact_value(sum_of({0.1, 0.2, -0.1, -0.2})), 0.0L);
  EXPECT_EQ(exact_value(sum_of({1e300, 1e290, -1e300, -1e290})), 0.0L);
  EXPECT_EQ(exact_value(sum_of({})), 0.0L);
  std::vector<double> tenths(10, 0.1);
  EXPECT_EQ(static_cast<double>(exact_value(sum_of(tenths))), 10 * 0.1L);
}

// Breaks when digits depend on the order, or on the rank a sum had when a value came.
TEST(ExactSums, DoNotKnowTheOrder) {
  std::vector<double> values;
  for (std::size_t i = 0; i < 1000; ++i) {
    const std::vector<double> draw = random_numbers(70, i, 2, -1, 1);
    values.push_back(std::ldexp(draw[0], static_cast<int>(200 * draw[1])));
  }
  const ExactSum forward = sum_of(values);
  std::reverse(values.begin(), values.end());
  EXPECT_EQ(exact_value(forward), exact_value(sum_of(values)));
  std::sort(values.begin(), values.end());
  EXPECT_EQ(exact_value(forward), exact_value(sum_of(values)));
  ExactSum left = sum_of({values.begin(), values.begin() + 313});
  merge(left, sum_of({values.begin() + 313, values.end()}));
  EXPECT_EQ(exact_value(forward), exact_value(left));
}

// Breaks when a digit overflows into its neighbour, or the dropped tail is not below 2^-96.
TEST(ExactSums, HoldAMillionValues) {
  const double x = 1 + std::ldexp(1.0, -52);
  ExactSum s{};
  for (int i = 0; i < 1000000; ++i) add(s, x);
  EXPECT_EQ(exact_value(s), 1000000.0L * static_cast<long double>(x));
  add(s, std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(exact_value(s), 1000000.0L * static_cast<long double>(x));
}

/// Any number of S within the reach of value_of(): every exponent, those of subnormals among them.
template <class S, class Bits>
S any_number(std::uint64_t index) {
  for (std::uint64_t again = 0;; ++again) {
    const std::vector<double> halves = random_numbers(72 + again, index, 2, 0, 4294967296.0);
    const auto bits = static_cast<Bits>((static_cast<std::uint64_t>(halves[0]) << 32) |
                                        static_cast<std::uint64_t>(halves[1]));
    S x;
    std::memcpy(&x, &bits, sizeof x);
    if (std::fabs(static_cast<double>(x)) < 1e298) return x;
  }
}

// Breaks when a digit is cut at another place than on the grid, a sign or the bit that is not
// written of a significand is lost, or a float has other digits than the double that it is.
TEST(ExactSums, HoldEachNumberAsItIs) {
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const auto x = any_number<double, std::uint64_t>(i);
    EXPECT_EQ(exact_value(sum_of({x})), static_cast<long double>(x));
    const auto f = any_number<float, std::uint32_t>(i);
    ExactSum of_float{};
    add(of_float, f);
    const ExactSum of_double = sum_of({static_cast<double>(f)});
    EXPECT_EQ(std::memcmp(&of_float, &of_double, sizeof of_float), 0) << f;
    GradientSum squared{};
    add(squared, f);
    EXPECT_EQ(exact_value(squared.squares),
              static_cast<long double>(f) * static_cast<long double>(f));
  }
}

// Breaks when the variance is the biased one, or loses all digits to a large mean.
TEST(ExactSums, GiveMeanAndVariance) {
  const std::vector<double> noise = random_numbers(71, 0, 1000, -1, 1);
  GradientSum sums{};
  long double mean = 0;
  for (const double n : noise) {
    add(sums, 1e8 + n);
    mean += 1e8L + static_cast<long double>(n);
  }
  mean /= 1000;
  long double squares = 0;
  for (const double n : noise) {
    const long double d = static_cast<long double>(1e8 + n) - mean;
    squares += d * d;
  }
  const Moments m = moments(sums, 1000);
  EXPECT_NEAR(m.mean, static_cast<double>(mean), 1e-8);
  EXPECT_NEAR(m.variance, static_cast<double>(squares / 999), 1e-7);
  EXPECT_EQ(moments(sums, 1).variance, 0.0);
}

}  // namespace
}  // namespace phigrad
