// Intervals against what textbooks give, and how often they hold the truth.
#include "host/statistics/jackknife.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "host/statistics/line_fit.hpp"

namespace phigrad {
namespace {

// Quantiles of Student's t from printed tables. Breaks when one tail is taken for two.
TEST(StudentT, Tables) {
  EXPECT_NEAR(student_t(0.95, 10), 2.228, 5e-4);
  EXPECT_NEAR(student_t(0.99, 31), 2.744, 5e-4);
}

// Of a mean the jackknife is the classical interval. Breaks when (n − 1)/n is the wrong way up.
TEST(JackknifeInterval, OfAMeanIsTheClassicalOne) {
  const std::vector<double> x = {3, 1, 4, 1, 5, 9, 2, 6};
  const auto mean = [&](std::optional<int> left_out) {
    double sum = 0;
    for (int i = 0; i < 8; ++i) sum += left_out == i ? 0 : x[static_cast<std::size_t>(i)];
    return sum / (left_out ? 7 : 8);
  };
  double squares = 0;
  for (const double v : x) squares += (v - 3.875) * (v - 3.875);
  const double half = student_t(0.9, 7) * std::sqrt(squares / 7 / 8);
  const Estimate e = Jackknife(8, 0.9)(mean);
  EXPECT_DOUBLE_EQ(e.value, 3.875);
  EXPECT_NEAR(e.high - e.value, half, 1e-12);
  EXPECT_NEAR(e.value - e.low, half, 1e-12);
}

// Breaks when intervals are too narrow or too wide: of 1000 that promise 90 % of normal variances,
// 870 to 930 hold the truth (3 standard errors).
TEST(JackknifeInterval, HoldsTheTruthAsOftenAsItSays) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal(2, 3);
  int held = 0;
  for (int trial = 0; trial < 1000; ++trial) {
    constexpr int groups = 16, each = 20;
    double sum[groups] = {}, square[groups] = {};
    for (int g = 0; g < groups; ++g) {
      for (int i = 0; i < each; ++i) {
        const double x = normal(random);
        sum[g] += x;
        square[g] += x * x;
      }
    }
    const Estimate e = Jackknife(groups, 0.9)(
        [&](std::optional<int> left_out) {
          double s = 0, q = 0;
          for (int g = 0; g < groups; ++g) {
            if (left_out == g) continue;
            s += sum[g];
            q += square[g];
          }
          const double n = each * (groups - (left_out ? 1 : 0));
          return (q - s * s / n) / (n - 1);
        },
        Scale::logarithmic);
    held += e.low <= 9 && 9 <= e.high ? 1 : 0;
  }
  EXPECT_GE(held, 870);
  EXPECT_LE(held, 930);
}

// Least squares of five points by hand (slope 0.6, intercept 2.2, R² 0.6). Breaks when x and y are
// exchanged or the degrees of freedom are.
TEST(FitLine, Textbook) {
  const LineFit f = fit_line({1, 2, 3, 4, 5}, {2, 4, 5, 4, 5}, 0.95);
  EXPECT_NEAR(f.slope.value, 0.6, 1e-15);
  EXPECT_NEAR(f.intercept, 2.2, 1e-14);
  EXPECT_NEAR(f.r_squared, 0.6, 1e-14);
  EXPECT_NEAR(f.slope.high - 0.6, 3.1824 * std::sqrt(2.4 / 3 / 10), 1e-4);
  EXPECT_TRUE(std::isnan(fit_line({1, 1}, {2, 4}, 0.95).slope.value));
  EXPECT_TRUE(std::isnan(fit_line({1, 2}, {2, 4}, 0.95).slope.high));
}

}  // namespace
}  // namespace phigrad
