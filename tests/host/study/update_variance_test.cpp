// The variance of an update, and mean and variance of a cell, of sums of so few gradients that all
// is computed again by its definition.
#include "host/study/update_variance.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "host/study/gradient_statistics.hpp"

namespace phigrad {
namespace {

constexpr std::size_t few_parameters = 2;
constexpr std::size_t few_groups = 7;
constexpr std::size_t in_each = 3;
constexpr std::size_t ours_from = 1;  // policies of another cell, before ours

/// Gradient component i of trajectory r of group g; the last trajectory of group 3 has none.
double gradient_of(std::size_t g, std::size_t r, std::size_t i) {
  return std::sin(1.0 + 3.1 * static_cast<double>(g) + 1.7 * static_cast<double>(r)) *
             (i == 0 ? 10 : 2) +
         static_cast<double>(g * i);
}
bool is_used(std::size_t g, std::size_t r) { return g != 3 || r != 2; }

GradientSums sums_of_groups() {
  GradientSums sums;
  sums.sums.resize((ours_from + few_groups) * few_parameters);
  sums.used.assign(ours_from + few_groups, 0);
  add(sums.sums[0].sum, 1e6);
  sums.used[0] = 3;
  for (std::size_t g = 0; g < few_groups; ++g) {
    for (std::size_t r = 0; r < in_each; ++r) {
      if (!is_used(g, r)) continue;
      for (std::size_t i = 0; i < few_parameters; ++i) {
        add(sums.sums[(ours_from + g) * few_parameters + i], gradient_of(g, r, i));
      }
      ++sums.used[ours_from + g];
    }
  }
  return sums;
}

/// Unbiased, by two passes.
double variance_of(const std::vector<double>& x) {
  const auto n = static_cast<double>(x.size());
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
  double squares = 0;
  for (const double v : x) squares += (v - mean) * (v - mean);
  return squares / (n - 1);
}

// Breaks when a group is left out twice, or another is, or another cell's is taken for one; when a
// variance is divided by n; when a trajectory that is in no sum is counted.
TEST(GradientStatistics, OfFewTrajectoriesByTheirDefinition) {
  const GradientSums sums = sums_of_groups();
  const GradientStatistics s(sums, ours_from, few_groups);
  EXPECT_EQ(s.used(), 20);
  for (int left_out = -1; left_out < static_cast<int>(few_groups); ++left_out) {
    double trace = 0;
    std::vector<double> means;
    for (std::size_t i = 0; i < few_parameters; ++i) {
      std::vector<double> all;
      for (std::size_t g = 0; g < few_groups; ++g) {
        for (std::size_t r = 0; r < in_each; ++r) {
          if (static_cast<int>(g) != left_out && is_used(g, r)) all.push_back(gradient_of(g, r, i));
        }
      }
      trace += variance_of(all);
      means.push_back(std::accumulate(all.begin(), all.end(), 0.0) /
                      static_cast<double>(all.size()));
    }
    const auto which = left_out < 0 ? std::nullopt : std::optional(left_out);
    EXPECT_NEAR(s.variance(which), trace, 1e-12 * trace) << left_out;
    EXPECT_NEAR(norm_of(difference(s.mean(which), means)), 0, 1e-13) << left_out;
  }
}

/// Trace of the covariance of the means over pairs of few_groups, but for one pair: 0 and 1, 2 and
/// 3, 4 and 5; group 6 has no partner.
double between_pairs(std::optional<int> left_out) {
  double trace = 0;
  for (std::size_t i = 0; i < few_parameters; ++i) {
    std::vector<double> means;
    for (std::size_t pair = 0; pair < 3; ++pair) {
      if (left_out && static_cast<std::size_t>(*left_out) == pair) continue;
      double sum = 0, n = 0;
      for (std::size_t g = 2 * pair; g < 2 * pair + 2; ++g) {
        for (std::size_t r = 0; r < in_each; ++r) {
          if (!is_used(g, r)) continue;
          sum += gradient_of(g, r, i);
          ++n;
        }
      }
      means.push_back(sum / n);
    }
    trace += variance_of(means);
  }
  return trace;
}

// Breaks when updates share trajectories, a group without enough partners is an update, the
// variance is divided by n, or a left-out update still moves the mean.
TEST(UpdateVariance, IsThatBetweenDisjointUpdates) {
  const GradientSums sums = sums_of_groups();
  const auto got = update_variance(sums, ours_from, few_groups, in_each, 2 * in_each, 0.9);
  ASSERT_TRUE(got);
  const Estimate expected = Jackknife(3, 0.9)(between_pairs, Scale::logarithmic);
  EXPECT_NEAR(got->value / expected.value, 1, 1e-12);
  EXPECT_NEAR(std::log(got->low / expected.low), 0, 1e-9);
  EXPECT_NEAR(std::log(got->high / expected.high), 0, 1e-9);
}

// Breaks when an update is made of parts of few_groups, or a variance is given of two.
TEST(UpdateVariance, IsRefusedWhereGroupsDoNotFit) {
  const GradientSums sums = sums_of_groups();
  EXPECT_FALSE(update_variance(sums, ours_from, few_groups, in_each, 4, 0.9));
  EXPECT_FALSE(update_variance(sums, ours_from, few_groups, in_each, 3 * in_each, 0.9));
  EXPECT_TRUE(update_variance(sums, ours_from, few_groups, in_each, in_each, 0.9));
}

}  // namespace
}  // namespace phigrad
