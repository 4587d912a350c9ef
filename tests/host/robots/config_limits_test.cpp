// Numbers of a config that are each allowed and together too much: one line, no overflow.
#include <gmock/gmock.h>

#include "host/robots/planned_policy.hpp"
#include "host/support/error.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

using ::testing::HasSubstr;

std::string refusal(const std::string& config, const std::vector<std::string>& set) {
  try {
    experiment_of(config, set);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::input);
    return error.what();
  }
  return "read";
}

const std::vector<std::string> pendulum_plan = {
    "policy={\"type\":\"trajectory\",\"steps_per_segment\":1000}",
    "objective={\"type\":\"quadratic\"}"};

std::vector<std::string> with(std::vector<std::string> set, const std::string& more) {
  set.push_back(more);
  return set;
}

// Breaks when the segments that are left over are counted in an int, which wraps round to many.
TEST(ConfigLimits, CountDroppedSegmentsWithoutOverflow) {
  EXPECT_THAT(refusal("car", {"gradient.drop_segments=2147483647",
                              "gradient.drop_last_segments=2147483647"}),
              HasSubstr("no window fits"));
}

// Breaks when the steps of a plan are multiplied in an int, or a config of a few bytes makes the
// reader design gains for as long as it takes.
TEST(ConfigLimits, BoundPlans) {
  EXPECT_THAT(refusal("double_pendulum", with(with(pendulum_plan, "rollout.segments=1000000"),
                                              "policy.steps_per_segment=1000000")),
              HasSubstr("1000000 segments of 1000000 steps, and this policy plans"));
  EXPECT_THAT(refusal("double_pendulum", with(pendulum_plan, "rollout.segments=11")),
              HasSubstr("at most 10000"));
  EXPECT_THAT(refusal("scalar", {"rollout.segments=10001"}), HasSubstr("at most 10000"));
  EXPECT_EQ(refusal("scalar", {"rollout.segments=10000"}), "read");
}

// Breaks when a policy with a number for each segment is to be judged over more of them.
TEST(ConfigLimits, JudgePlansOverTheirOwnLength) {
  const auto plan = with(pendulum_plan, "rollout.segments=2");
  EXPECT_EQ(refusal("double_pendulum", with(plan, "evaluation.segments=2")), "read");
  EXPECT_THAT(refusal("double_pendulum", with(plan, "evaluation.segments=3")),
              HasSubstr("write 0 or 2"));
}

// Breaks when a rollout or an evaluation has more steps than the engine counts.
TEST(ConfigLimits, BoundRollouts) {
  EXPECT_THAT(refusal("car", {"policy.steps_per_segment=1000000", "gradient.window_segments=0"}),
              HasSubstr("rollout.segments"));
  EXPECT_THAT(refusal("car", {"evaluation.segments=2147483647"}), HasSubstr("evaluation.segments"));
}

}  // namespace
}  // namespace phigrad
