// The paper's experiments with fewer seeds: what each config is there to reproduce.
#include <cmath>

#include "host/study/training_study.hpp"
#include "tests/host/study/study_fixture.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

/// Rows of a shipped study with so many seeds and iterations.
struct Shortened {
  StudyPlan plan;
  std::vector<nlohmann::ordered_json> rows;

  Shortened(const std::string& name, int seeds, int iterations) {
    auto document = read_json(config_path(name));
    document["study"]["training"]["seeds"] = seeds;
    document["optimiser"]["iterations"] = iterations;
    plan = read_study(document, name);
    rows = rows_of(document);
  }
};

/// Every shown cost of every cell that has a reference within so many standard errors of it.
void expect_reference(const Shortened& study, double errors, int costs) {
  int compared = 0;
  for (const auto& row : study.rows) {
    for (const ShownCost& s : shown_costs(study.plan, row)) {
      if (!s.reference) continue;
      ++compared;
      EXPECT_LE(std::abs(s.difference()), errors)
          << row["keys"].dump() << " at iteration " << s.iteration << ": " << s.cost.mean
          << " beside " << s.reference->mean;
    }
  }
  EXPECT_EQ(compared, costs);
}

// Breaks when the windowed loss, the segment's chain, the car, the mismatch or the step differ from
// the authors': 20 costs, one in 16 000 further than four standard errors apart by chance.
TEST(ShippedTraining, CarMismatchIsTheAuthors) {
  expect_reference(Shortened("car_mismatch", 16, 25), 4, 20);
}

// Breaks when one of the four arms is not the paper's: controller, network, hold torque, estimator.
TEST(ShippedTraining, PendulumArmsAreThePapers) {
  expect_reference(Shortened("double_pendulum_arms", 12, 20), 4, 16);
}

// Breaks when the chains window or rollout are not the theorem's, or the segment's reaches further.
// The reference's own errors, a quarter of these variances, are not known: five of ours are 4.5 of
// both.
TEST(ShippedTraining, LongerChainsAreAsFound) {
  expect_reference(Shortened("car_horizon", 16, 25), 5, 10);
}

// Breaks when an estimator is worth more or less for the same rollouts than it was: the model's by
// far the most, of those that look at costs alone SPSA before the likelihood ratio.
TEST(ShippedTraining, TheModelsGradientIsWorthMost) {
  auto document = read_json(config_path("car_estimators"));
  document["study"]["training"]["seeds"] = 8;
  document["study"]["training"]["tuning_seeds"] = 2;
  const auto rows = rows_of(document);
  std::vector<double> cost;
  for (const auto& row : rows) cost.push_back(value_of(row, "evaluation_cost_after"));
  ASSERT_EQ(cost.size(), 6U);
  EXPECT_LT(cost[1], 20);            // the model, chain rollout
  EXPECT_LT(2 * cost[1], cost[4]);   // SPSA
  EXPECT_LT(cost[4], cost[2] - 20);  // likelihood ratio
  EXPECT_LT(cost[2], 130);           // from 143
}

}  // namespace
}  // namespace phigrad
