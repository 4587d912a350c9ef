// What updates go by: zeroth-order estimates against the derivative that they estimate.
#include <gtest/gtest.h>

#include <cmath>

#include "host/config/json_document.hpp"
#include "host/experiment/learner.hpp"
#include "host/experiment/simulated_source.hpp"
#include "tests/host/config/expect_error.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

/// The car with ten corrections, its model exact, from one start.
Experiment corrected_car(const std::vector<std::string>& set) {
  std::vector<std::string> all = {"model.scale=1",
                                  "precision=double",
                                  "rollout.segments=60",
                                  "gradient.chain=rollout",
                                  "gradient.drop_segments=0",
                                  "gradient.window_segments=0",
                                  "rollout.start={\"state\": [0.1, 0.2, 3, 1.2]}"};
  all.insert(all.end(), set.begin(), set.end());
  return experiment_of("car_corrections", all);
}

/// The gradient [np] at the first policy, of the config's estimator.
Gradient gradient_of(const Experiment& e, double* cost = nullptr) {
  const Cohort cohort{{&e}, 1};
  SimulatedSource source(cohort);
  Learner learner(cohort, source, "cpu");
  learner.set_theta(initial_policies(cohort, learner.parameters()));
  learner.collect(0);
  learner.score();
  learner.differentiate();
  if (cost != nullptr) *cost = learner.cost()[0];
  return learner.gradient();
}

// Breaks when a pair's sides are exchanged, its noise differs, or the radius is counted once:
// central differences are the derivative of the plant's cost, which the adjoint of an exact model
// has.
TEST(Estimators, FiniteDifferencesAreTheDerivative) {
  const Gradient exact = gradient_of(corrected_car({"rollout.per_update=1"}));
  const Gradient differences = gradient_of(corrected_car(
      {"gradient.estimator=finite_differences", "gradient.radius=1e-4", "rollout.per_update=20"}));
  ASSERT_EQ(differences.used[0], 10);
  const double norm = gradient_norms(exact.mean, 1)[0];
  EXPECT_GT(norm, 1);
  for (std::size_t i = 0; i < exact.mean.size(); ++i) {
    EXPECT_NEAR(differences.mean[i], exact.mean[i], 1e-5 * norm) << i;
  }
  // Noise of the inputs is the same on both sides: it changes the slope, and not the pair's
  // distance.
  const Gradient noisy =
      gradient_of(corrected_car({"gradient.estimator=finite_differences", "gradient.radius=1e-4",
                                 "rollout.per_update=20", "rollout.noise.input=[0.01, 0.01]"}));
  EXPECT_LT(gradient_norms(noisy.mean, 1)[0], 3 * norm);
}

// Breaks when a direction is not of the pair it is multiplied with, or is no sign: over many pairs
// the mean is the gradient, within its standard error.
TEST(Estimators, SpsaIsTheGradientOnAverage) {
  const Gradient exact = gradient_of(corrected_car({"rollout.per_update=1"}));
  const Gradient spsa = gradient_of(corrected_car(
      {"gradient.estimator=spsa", "gradient.radius=1e-3", "rollout.per_update=4000"}));
  double norm = 0, apart = 0;
  for (std::size_t i = 0; i < exact.mean.size(); ++i) {
    norm += exact.mean[i] * exact.mean[i];
    apart += std::pow(spsa.mean[i] - exact.mean[i], 2);
  }
  EXPECT_GT(norm, 1);
  // A pair's covariance has the trace (np − 1) |g|^2.
  EXPECT_LT(apart, 4 * 9 * norm / 2000);
}

// Breaks when the two estimates are mixed by the variance in place of its inverse, or one that has
// left the numbers keeps its weight.
TEST(Estimators, TheMixtureLeansToTheLesserVariance) {
  const std::vector<std::string> noisy = {"rollout.per_update=64",
                                          "rollout.noise.input=[0.05, 0.05]"};
  const auto with = [&](const char* estimator) {
    std::vector<std::string> set = noisy;
    set.push_back(std::string("gradient.estimator=") + estimator);
    return gradient_of(corrected_car(set));
  };
  const Gradient model = with("model"), zeroth = with("likelihood_ratio"),
                 mixed = with("inverse_variance");
  for (std::size_t i = 0; i < model.mean.size(); ++i) {
    const double share = (mixed.mean[i] - model.mean[i]) / (zeroth.mean[i] - model.mean[i]);
    EXPECT_GT(share, 0);
    EXPECT_LT(share, 0.1) << "the likelihood ratio varies far more";
  }
}

// Breaks when an estimator starts on rollouts that it cannot go by.
TEST(Estimators, SayWhatTheyNeed) {
  const auto refused = [](const std::vector<std::string>& set, const std::string& words) {
    try {
      gradient_of(corrected_car(set));
      ADD_FAILURE() << words;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Exit::input);
      EXPECT_NE(std::string(e.what()).find(words), std::string::npos) << e.what();
    }
  };
  refused({"gradient.estimator=finite_differences", "rollout.per_update=8"},
          "8 rollouts, where central differences take two for each parameter");
  refused({"gradient.estimator=spsa", "rollout.per_update=3"},
          "perturbations come in pairs, 3 is odd");
  refused({"gradient.estimator=likelihood_ratio"}, "set rollout.noise.input above 0");
  refused({"gradient.estimator=inverse_variance", "rollout.noise.input=[0.1, 0.1]",
           "rollout.per_update=1"},
          "set rollout.per_update above 1");
  refused({"gradient.estimator=spsa", "rollout.logs=[\"somewhere\"]"}, "use \"model\"");
}

}  // namespace
}  // namespace phigrad
