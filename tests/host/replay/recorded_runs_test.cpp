// The recorded runs of the real car and quadruped through the engine.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "host/config/json_document.hpp"
#include "host/config/overrides.hpp"
#include "host/replay/replay.hpp"
#include "host/support/error.hpp"
#include "tests/support/recorded_file.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

Replay replay_file(const char* config, const char* log, const ReplayOptions& options = {},
                   const std::vector<std::string>& set = {}) {
  return replay(experiment_of(config, set), {recorded_file(log)}, options);
}

void expect_losses(const Replay& r, double tolerance) {
  for (const ReplayedRollout& rollout : r.rollouts) {
    EXPECT_TRUE(rollout.quarantined.empty()) << rollout.index;
    EXPECT_NEAR(rollout.loss, rollout.recorded_loss, tolerance) << rollout.index;
    EXPECT_LE(rollout.command_error_max, 1e-12) << rollout.index;
  }
}

int flagged(const Replay& r) {
  int n = 0;
  for (const ReplayedRollout& rollout : r.rollouts) n += rollout.command_mismatches;
  return n;
}

// Breaks with the cost, the choice of circle, the window counts or the map of samples to segments.
TEST(RecordedRuns, CarLossesAndCommands) {
  REQUIRE_RECORDINGS();
  ReplayOptions quick;
  quick.growth = false;
  const Replay first = replay_file("jetracer", "jetracer_training_1.bson", quick);
  ASSERT_EQ(first.rollouts.size(), 15U);
  expect_losses(first, 1e-6);
  EXPECT_EQ(flagged(first), 9);
  const Replay third = replay_file("jetracer", "jetracer_training_3.bson", quick);
  expect_losses(third, 1e-2);
  EXPECT_EQ(flagged(third), 43);
}

// Breaks with the quadruped's law, or when an empty last segment is taken for a full one.
TEST(RecordedRuns, QuadrupedLossesAndCommands) {
  REQUIRE_RECORDINGS();
  ReplayOptions quick;
  quick.growth = false;
  const Replay r = replay_file("go1", "go1_0p5_training.bson", quick);
  ASSERT_EQ(r.rollouts.size(), 10U);
  expect_losses(r, 1e-3);
  const Replay learned = replay_file("go1", "go1_0p5_eval_learned.bson", quick);
  EXPECT_LE(learned.rollouts[0].command_error_max, 1e-12);
}

// Breaks when the path error is that of the time-indexed circle, or leaves samples out.
TEST(RecordedRuns, PathErrorsOfTheEvaluations) {
  REQUIRE_RECORDINGS();
  const auto path_error = [](const char* config, const char* log) {
    ReplayOptions quick;
    quick.growth = false;
    return replay_file(config, log, quick).rollouts.at(0).path_error;
  };
  EXPECT_NEAR(path_error("jetracer", "jetracer_eval_initial.bson"), 0.2687, 5e-5);
  EXPECT_NEAR(path_error("jetracer", "jetracer_eval_learned.bson"), 0.1031, 5e-5);
  EXPECT_NEAR(path_error("go1", "go1_0p5_eval_initial.bson"), 0.2485, 5e-5);
  EXPECT_NEAR(path_error("go1", "go1_0p5_eval_learned.bson"), 0.0764, 5e-5);
}

// Breaks when α̂ is read off one lag, or the closed loop lacks the controller.
TEST(RecordedRuns, GrowthOfTheNominalModel_slow) {
  REQUIRE_RECORDINGS();
  const Replay r = replay_file("jetracer", "jetracer_eval_initial.bson");
  EXPECT_NEAR(r.rollouts[0].alpha_model, 0.9982, 5e-4);
}

// Breaks when a window longer than the rollouts is cut short without a word.
TEST(RecordedRuns, RefusesWindowsThatDoNotFit) {
  REQUIRE_RECORDINGS();
  try {
    replay_file("go1", "go1_0p5_training.bson", {}, {"gradient.window_segments=53"});
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Exit::input);
  }
}

}  // namespace
}  // namespace phigrad
