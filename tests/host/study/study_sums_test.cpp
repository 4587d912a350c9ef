// Sums as bytes, and sums without a part.
#include "host/study/study_sums.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host/statistics/exact_value.hpp"
#include "host/study/gradient_statistics.hpp"
#include "host/study/theorem_bounds.hpp"
#include "host/support/error.hpp"
#include "kernels/gradient/growth_bins.hpp"

namespace phigrad {
namespace {

StudySums some_sums() {
  StudySums sums;
  sums.trajectories = 7;
  sums.model.sums.resize(3);
  sums.model.used = {2, 5};
  for (double x : {1.5, -2e100, 3e-200}) add(sums.model.sums[1], x);
  sums.cost.resize(2);
  add(sums.cost[0], 4.0);
  sums.costs = {1, 0};
  sums.growth[1].resize(1);
  sums.growth[1][0].add({{0.1, -0.2}, {0.3, 900.0}});
  sums.spread[1].resize(1);
  std::vector<std::uint32_t> counts(2 * growth_bins);
  counts[growth_bins + 700] = 3;
  sums.spread[1][0].add(counts.data(), 2);
  sums.suprema.resize(1);
  sums.suprema[0][2] = 8;
  return sums;
}

// Breaks when a member is left out of a checkpoint, or read in another order.
TEST(StudySumsBytes, ReadBack) {
  const StudySums sums = some_sums();
  const std::string bytes = sums.bytes();
  EXPECT_EQ(StudySums::from_bytes(bytes).bytes(), bytes);
  StudySums twice = StudySums::from_bytes(bytes);
  twice.merge(sums);
  EXPECT_EQ(twice.trajectories, 14);
  EXPECT_EQ(twice.suprema[0][2], 8);
  EXPECT_TRUE(twice.spread[1][0].count[0].empty());
  EXPECT_EQ(twice.spread[1][0].count[1].at(700), 6);
  EXPECT_EQ(twice.growth[1][0].trajectories, 2);
  EXPECT_EQ(moments(twice.cost[0], 2).mean, 4);
}

// Breaks when a file that was cut short is read beyond its end, at whichever byte.
TEST(StudySumsBytes, CutAnywhereAreRefused) {
  const std::string bytes = some_sums().bytes();
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_THROW(StudySums::from_bytes(bytes.substr(0, n)), Error) << n;
  }
  EXPECT_THROW(StudySums::from_bytes(bytes + "x"), Error);
}

// Breaks when digits are borrowed wrongly: what is left is exactly the sum of the others.
TEST(ExactDifference, IsTheSumOfTheRest) {
  GradientSum all{}, part{}, rest{};
  for (int i = 0; i < 1000; ++i) {
    const double x = std::sin(i * 1.7) * std::pow(10.0, i % 30 - 15);
    add(all, x);
    add(i % 3 == 0 ? part : rest, x);
  }
  const Moments expected = moments(rest, 666), got = moments(without(all, part), 666);
  EXPECT_EQ(got.mean, expected.mean);
  EXPECT_EQ(got.variance, expected.variance);
}

// Breaks when a power or an index of S1 and S2 is off by one.
TEST(TheoremBounds, SumsByTheirDefinition) {
  TheoremConstants c{5, 0.7, 1.3, 2.0, 0.5, 1.1, 0.9, 0.4, 0.05, 0.06};
  double S1 = 0, S2 = 0;
  for (int t = 1; t <= 5; ++t) {
    for (int k = 0; k < t; ++k) {
      S1 += std::pow(0.7, k);
      if (k > 0) S2 += k * std::pow(0.7, k - 1);
    }
  }
  const TheoremBounds b = theorem_bounds(c);
  EXPECT_NEAR(b.S1, S1, 1e-14);
  EXPECT_NEAR(b.S2, S2, 1e-14);
  EXPECT_NEAR(b.gradient, 2.0 * 1.1 * 0.9 * 1.3 * S1 + 5 * 0.5 * 0.9, 1e-12);
  EXPECT_NEAR(b.variance, b.gradient * b.gradient, 1e-9);
  EXPECT_NEAR(b.bias,
              2.0 * 1.1 * 0.9 * 1.3 * 1.3 * (0.05 + 0.4 * 0.06) * S2 + 2.0 * 0.9 * 1.3 * 0.06 * S1,
              1e-12);
}

}  // namespace
}  // namespace phigrad
