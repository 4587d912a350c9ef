// Policies that hold numbers for each step of a rollout: a reference, a schedule of gains.
#pragma once

#include "host/config/place.hpp"
#include "host/experiment/settings.hpp"

namespace phigrad {

/// Steps of the longest plan: the design of its gains takes memory and time for each.
inline constexpr int longest_plan = 10000;

/// Steps of a rollout that a policy plans one by one. Throws Error(Exit::input) at `config` where
/// they are more than longest_plan, or the evaluation is not as long.
int planned_steps(const CommonSettings& common, int steps_per_segment, const Place& config);

}  // namespace phigrad
