// Noise of simulations and the estimate that lives on it.
#include <gtest/gtest.h>

#include <cmath>

#include "host/statistics/exact_value.hpp"
#include "host/support/error.hpp"
#include "tests/support/bits.hpp"
#include "tests/support/scalar_batch.hpp"

namespace phigrad {
namespace {

// Breaks when noise is added although there is none, or stays after it was taken away.
TEST(SimulationNoise, NoneIsNoNoise) {
  const ScalarBatch s;
  auto e = s.engine(20);
  s.simulate(*e, {});
  const Trajectory quiet = e->trajectory(3);
  s.simulate(*e, s.noise(20));
  EXPECT_NE(e->trajectory(3).states, quiet.states);
  s.simulate(*e, {});
  EXPECT_EQ(differing_bits(e->trajectory(3).states, quiet.states), 0U);
}

// Breaks when a trajectory's numbers come from its place in the batch.
TEST(SimulationNoise, BelongsToTheTrajectory) {
  const ScalarBatch s;
  auto many = s.engine(40), few = s.engine(3);
  s.simulate(*many, s.noise(40));
  s.simulate(*few, s.noise(3, 21));
  for (int b = 0; b < 3; ++b) {
    EXPECT_EQ(differing_bits(few->trajectory(b).states, many->trajectory(21 + b).states), 0U);
  }
}

// Breaks when the input's noise misses the recorded input or the plant, or the state's comes twice.
TEST(SimulationNoise, EntersThePlant) {
  ScalarBatch s;
  s.state_noise = 0.1;
  auto e = s.engine(2000);
  s.simulate(*e, s.noise(2000));
  double u = 0, x = 0;
  for (int b = 0; b < 2000; ++b) {
    const Trajectory t = e->trajectory(b);
    const double explored = t.inputs[0] - s.k * (s.theta - 0.5);
    const double disturbed = t.states[1] - (s.a * 0.5 + t.inputs[0]);
    u += explored * explored / 2000;
    x += disturbed * disturbed / 2000;
  }
  EXPECT_NEAR(std::sqrt(u), 0.3, 0.3 * 0.08);  // 5 standard errors
  EXPECT_NEAR(std::sqrt(x), 0.1, 0.1 * 0.08);
}

/// Nodes and weights of Gauss and Hermite for the standard normal, exact to degree 9.
const std::vector<std::pair<double, double>> gauss_hermite = {
    {-2.8569700138728056, 0.01125741132772071},
    {-1.355626179974266, 0.22207592200561263},
    {0, 0.5333333333333333},
    {1.355626179974266, 0.22207592200561263},
    {2.8569700138728056, 0.01125741132772071}};

/// Mean and variance of the estimate with a baseline, by quadrature.
Moments exact_moments(const ScalarBatch& s, double baseline) {
  double mean = 0, square = 0;
  for (const auto& [eta0, w0] : gauss_hermite) {
    for (const auto& [eta1, w1] : gauss_hermite) {
      const double x1 = s.a * 0.5 + s.k * (s.theta - 0.5) + s.input_noise * eta0;
      const double x2 = s.a * x1 + s.k * (s.theta - x1) + s.input_noise * eta1;
      const double from1 = 0.5 * x1 * x1 - baseline + 0.5 * x2 * x2;
      const double g =
          s.k / s.input_noise * (eta0 * (0.5 * 0.25 - baseline + from1) + eta1 * from1);
      mean += w0 * w1 * g;
      square += w0 * w1 * g * g;
    }
  }
  return {mean, square - mean * mean};
}

// Breaks when a cost before the input counts, σ is taken for σ², the estimate is biased, or the
// baseline is not of each sample: mean and variance against the exact moments, which quadrature
// gives.
TEST(LikelihoodRatio, HasTheExactMoments) {
  const ScalarBatch s;
  // The same derivative by differences of the expected cost.
  const auto expected_cost = [&](double theta) {
    double sum = 0;
    for (const auto& [eta0, w0] : gauss_hermite) {
      for (const auto& [eta1, w1] : gauss_hermite) sum += w0 * w1 * s.cost({eta0, eta1}, theta);
    }
    return sum;
  };
  const double derivative = expected_cost(s.theta + 0.5) - expected_cost(s.theta - 0.5);

  constexpr int n = 20000;
  auto e = s.engine(n);
  s.simulate(*e, s.noise(n));
  GradientOptions options;
  options.estimator = Estimator::likelihood_ratio;
  options.variance = true;
  for (const double baseline : {0.0, 0.15, -2.0}) {
    const Moments exact = exact_moments(s, baseline);
    EXPECT_NEAR(exact.mean, derivative, 1e-12);
    e->set_baseline({baseline});
    Gradient g;
    e->gradient(s.windows(), options, g);
    EXPECT_NEAR(g.mean[0], exact.mean, 5 * std::sqrt(exact.variance / n)) << baseline;
    EXPECT_NEAR(g.variance[0], exact.variance, 0.1 * exact.variance) << baseline;
  }
  EXPECT_LT(exact_moments(s, 0.15).variance, exact_moments(s, 0).variance);
}

// Breaks when it is computed without noise to estimate from.
TEST(LikelihoodRatio, NeedsNoise) {
  const ScalarBatch s;
  auto e = s.engine(4);
  s.simulate(*e, {});
  GradientOptions options;
  options.estimator = Estimator::likelihood_ratio;
  Gradient g;
  EXPECT_THROW(e->gradient(s.windows(), options, g), Error);
}

// Breaks when parts are added twice, rounded between, or counted wrongly.
TEST(GradientSumsOfParts, AreTheWholes) {
  const ScalarBatch s;
  GradientOptions options;
  options.chain = Chain::rollout;
  auto whole = s.engine(50);
  s.simulate(*whole, s.noise(50));
  GradientSums at_once, in_parts;
  whole->add_gradient(s.windows(), options, at_once);
  for (const auto& [first, count] : {std::pair{0U, 17}, {17U, 2}, {19U, 31}}) {
    auto part = s.engine(count);
    s.simulate(*part, s.noise(count, first));
    part->add_gradient(s.windows(), options, in_parts);
  }
  EXPECT_EQ(at_once.used, in_parts.used);
  const Moments a = moments(at_once.sums[0], 50), b = moments(in_parts.sums[0], 50);
  EXPECT_EQ(a.mean, b.mean);
  EXPECT_EQ(a.variance, b.variance);
}

// Breaks when the plant's derivatives are taken with the model's numbers, or stay chosen.
TEST(Differentiate, PlantOrModel) {
  const ScalarBatch s;
  auto e = s.engine(3);
  e->set_model({0.9, 1.5});
  s.simulate(*e, {});
  EXPECT_EQ(e->linearise()[0].J_next_x[0], 0.9);
  e->differentiate(Derivatives::plant);
  EXPECT_EQ(e->linearise()[0].J_next_x[0], 1.2);
  const auto sup = e->suprema(s.windows());
  EXPECT_NEAR(sup[0][sup_error_x], 0.3, 1e-15);
  EXPECT_NEAR(sup[0][sup_error_u], 0.5, 1e-15);
  EXPECT_EQ(sup[0][sup_input], 1.5);
  EXPECT_EQ(sup[0][sup_feedback], 0.7);
  EXPECT_EQ(sup[0][sup_parameter], 0.7);
  EXPECT_EQ(e->linearise()[0].J_next_x[0], 1.2) << "suprema() changed whose derivatives are taken";
  e->differentiate(Derivatives::model);
  EXPECT_EQ(e->linearise()[0].J_next_x[0], 0.9);
}

}  // namespace
}  // namespace phigrad
