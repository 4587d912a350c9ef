// Bins and quantiles of how far loops grow.
#include "host/study/loop_growth.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace phigrad {
namespace {

template <class S>
void check_middles() {
  int before = 0;
  for (double octaves = -560; octaves < 560; octaves += 0.37) {
    const double exponent = 32 * std::round(octaves / 32);  // as ScaledMatrix carries it
    const auto norm = static_cast<S>(std::exp2(octaves - exponent));
    const int bin = growth_bin(norm, static_cast<S>(exponent));
    ASSERT_GE(bin, before);
    ASSERT_LT(bin, growth_bins);
    before = bin;
    if (std::abs(octaves) > growth_fine_octaves + growth_coarse_octaves - 1) continue;
    const bool fine = std::abs(octaves) < growth_fine_octaves;
    const double off =
        log_of_growth_bin(bin) - std::log(static_cast<double>(norm)) - exponent * std::log(2.0);
    ASSERT_LE(std::abs(off), fine ? 0.5 / growth_bins_per_octave : 0.41) << octaves;
  }
  EXPECT_EQ(growth_bin(S(0), S(0)), 0);
  EXPECT_EQ(before, growth_bins - 1);
}

// Breaks when a norm is counted in its neighbour's bin, or the bin stands for another norm than its
// middle; between fine bins and coarse ones, and at either end.
TEST(GrowthBins, StandForTheirMiddles) {
  check_middles<float>();
  check_middles<double>();
}

// Breaks when the quantile is of another share: of norms 2^(i/4 + 1/100), i = 1 … 100, the fifth,
// fiftieth and 95th.
TEST(LogQuantile, OfNormsThatAreKnown) {
  std::vector<std::uint32_t> counts(2 * growth_bins);
  for (int i = 100; i >= 1; --i) {
    const double octaves = 0.25 * i + 0.01;
    ++counts[static_cast<std::size_t>(growth_bin(std::exp2(octaves), 0.0))];
    ++counts[static_cast<std::size_t>(growth_bins + growth_bin(std::exp2(-octaves), 0.0))];
  }
  GrowthHistogram counted;
  counted.add(counts.data(), 2);
  const double half_bin = 0.5 / growth_bins_per_octave;
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
