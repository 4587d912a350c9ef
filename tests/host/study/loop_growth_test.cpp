// Quantiles of how far loops grow.
#include "host/study/loop_growth.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace phigrad {
namespace {

// Breaks when a norm is counted in its neighbour's bin, a bin stands for its edge, or the quantile
// is of another share: of norms 2^(i/4 + 1/100), i = 1 … 100, the fifth, fiftieth and 95th.
TEST(LogQuantile, OfNormsThatAreKnown) {
  GrowthHistogram counted;
  for (int i = 100; i >= 1; --i) {
    const double norm = std::log(2.0) * (0.25 * i + 0.01);
    counted.add({{0, 0}, {norm, -norm}});
  }
  const double half_bin = 0.5 * std::log(2.0) / GrowthHistogram::bins_per_octave;
  ASSERT_EQ(counted.count.size(), 2U);
  for (const int share : {5, 50, 95}) {
    const double norm = std::log(2.0) * (0.25 * share + 0.01);
    EXPECT_NEAR(log_quantile(counted.count[0], 0.01 * share), norm, half_bin) << share;
  }
  EXPECT_NEAR(log_quantile(counted.count[1], 0.05), -std::log(2.0) * (0.25 * 96 + 0.01), half_bin);
  EXPECT_TRUE(std::isnan(log_quantile({}, 0.5)));
}

}  // namespace
}  // namespace phigrad
