// The update rules by hand, and what a stored state is held to.
#include "host/train/optimiser.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

OptimiserSettings settings(OptimiserKind type, double clip_norm = 0) {
  OptimiserSettings s;
  s.type = type;
  s.step = 0.1;
  s.clip_norm = clip_norm;
  return s;
}

void step(Optimiser& rule, std::vector<double>& theta, const std::vector<double>& gradient,
          const std::vector<int>& used) {
  rule.step(theta.data(), gradient.data(), used.data());
}

// Breaks when a step goes up, or a policy without a gradient moves.
TEST(Optimiser, DescendsWhereThereIsAGradient) {
  const auto rule = make_optimiser(settings(OptimiserKind::gradient_descent), 2, 2);
  std::vector<double> theta = {1, 2, 3, 4};
  step(*rule, theta, {10, -20, 30, 40}, {1, 0});
  EXPECT_EQ(theta, (std::vector<double>{0, 4, 3, 4}));
  EXPECT_TRUE(rule->state().empty());
}

// Breaks when clipping shortens a component and not the vector, mixes policies, or lengthens.
TEST(Optimiser, ClipsEachPolicysNorm) {
  const auto rule = make_optimiser(settings(OptimiserKind::gradient_descent, 5), 2, 2);
  std::vector<double> theta = {0, 0, 0, 0};
  step(*rule, theta, {30, 40, 0.3, 0.4}, {1, 1});
  EXPECT_DOUBLE_EQ(theta[0], -0.3);
  EXPECT_DOUBLE_EQ(theta[1], -0.4);
  EXPECT_DOUBLE_EQ(theta[2], -0.03);
  EXPECT_DOUBLE_EQ(theta[3], -0.04);
}

// Breaks with a bias correction, a decay or the root of Kingma and Ba's Algorithm 1.
TEST(Optimiser, AdamIsAlgorithm1) {
  const auto rule = make_optimiser(settings(OptimiserKind::adam), 1, 1);
  std::vector<double> theta = {1};
  double m = 0, v = 0, expected = 1;
  for (int t = 1; t <= 5; ++t) {
    const double g = 0.3 * t - 0.7;
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    expected -=
        0.1 * (m / (1 - std::pow(0.9, t))) / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
    step(*rule, theta, {g}, {1});
    EXPECT_NEAR(theta[0], expected, 1e-15) << t;
  }
}

// Breaks when a policy's steps are counted for all.
TEST(Optimiser, AdamCountsEachPolicysOwnSteps) {
  const auto both = make_optimiser(settings(OptimiserKind::adam), 2, 1);
  const auto one = make_optimiser(settings(OptimiserKind::adam), 1, 1);
  std::vector<double> theta = {1, 1}, alone = {1};
  step(*both, theta, {0.5, 0.5}, {1, 0});
  step(*both, theta, {0.5, 0.5}, {1, 1});
  step(*one, alone, {0.5}, {1});
  EXPECT_EQ(theta[1], alone[0]);
  EXPECT_NE(theta[0], alone[0]);
}

// Breaks when the state of another optimiser or shape is taken.
TEST(Optimiser, RefusesAForeignState) {
  const auto adam = make_optimiser(settings(OptimiserKind::adam), 2, 3);
  EXPECT_THROW(adam->set_state(std::vector<double>(13)), Error);
  EXPECT_NO_THROW(adam->set_state(std::vector<double>(14)));
  EXPECT_THROW(make_optimiser(settings(OptimiserKind::gradient_descent), 1, 1)->set_state({1}),
               Error);
}

}  // namespace
}  // namespace phigrad
