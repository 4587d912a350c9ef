#include "host/robots/planned_policy.hpp"

#include <string>

namespace phigrad {

int planned_steps(const CommonSettings& common, int steps_per_segment, const Place& config) {
  const int segments = common.rollout.segments;
  const int evaluated = common.evaluation.segments;
  if (evaluated != 0 && evaluated != segments) {
    config.key("evaluation")
        .key("segments")
        .fail("this policy has one decision for each of rollout.segments",
              "write 0 or " + std::to_string(segments));
  }
  if (segments > longest_plan / steps_per_segment) {
    config.key("rollout")
        .key("segments")
        .fail(std::to_string(segments) + " segments of " + std::to_string(steps_per_segment) +
                  " steps, and this policy plans at most " + std::to_string(longest_plan),
              "write fewer, or use a policy without a plan");
  }
  return segments * steps_per_segment;
}

}  // namespace phigrad
