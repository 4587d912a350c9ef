// Numbers of a config that change from iteration to iteration.
#include "host/experiment/drift.hpp"

#include <gtest/gtest.h>

#include "host/experiment/learner.hpp"
#include "host/experiment/simulated_source.hpp"
#include "host/support/error.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

/// Cost of the initial policy's rollout in an iteration.
double cost_in(const Experiment& e, int iteration) {
  const Cohort cohort{{&e}, 1};
  SimulatedSource source(cohort);
  Learner learner(cohort, source, "cpu");
  learner.set_theta(initial_policies(cohort, learner.parameters()));
  for (int i = 0; i <= iteration; ++i) learner.collect(i);
  learner.score();
  return learner.cost()[0];
}

const std::string drift =
    R"(rollout.drift=["plant.turn_gain_per_m=6..4", "controller.gains.kx=0.4..0.8"])";

// Breaks when the drift does not reach the plant, the controller or the model (which follows the
// plant in this config), goes another way than linearly, or an iteration too far.
TEST(Drift, IsThePlantOfTheIteration) {
  for (const auto& [iteration, gain, kx] :
       {std::tuple{0, "6", "0.4"}, {2, "5", "0.6"}, {4, "4", "0.8"}, {9, "4", "0.8"}}) {
    const Experiment drifting = experiment_of("car", {"optimiser.iterations=5", drift});
    const Experiment fixed = experiment_of(
        "car", {"optimiser.iterations=5", std::string("plant.turn_gain_per_m=") + gain,
                std::string("controller.gains.kx=") + kx});
    EXPECT_EQ(cost_in(drifting, iteration), cost_in(fixed, iteration)) << iteration;
    EXPECT_EQ(drifted(drifting, iteration).setup.model, fixed.setup.model) << iteration;
  }
}

// Breaks when what cannot drift is left to be found while a run goes on.
TEST(Drift, OfAnythingElseIsRefused) {
  for (const char* entry :
       {"plant.turn_gain_per_m", "plant.turn_gain_per_m=6", "plant.turn_gain_per_m=6..x",
        "plant.turn=6..4", "task.radius_m=1..2", "rollout.segments=100..120",
        "optimiser.step=0.01..0.001", "rollout.faults.command_loss=0..0.5", "gradient.lead_s=0..1",
        "evaluation.segments=10..20"}) {
    const Experiment e = experiment_of("car", {std::string("rollout.drift=[\"") + entry + "\"]"});
    try {
      require_trainable(e, "cpu");
      ADD_FAILURE() << entry;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::input) << entry;
    }
  }
}

}  // namespace
}  // namespace phigrad
