#include "host/engine/tape.hpp"

#include <algorithm>

#include "host/engine/device.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

/// Lane-instructions a byte from which a GPU is expected to simulate sooner than it loads: between
/// those of AGX Orin (13.0), which gains by it on paper, and of Orin NX and an H200 (9.2 and 7.0),
/// which lose (benchmarks/NOTES.md). Not measured on any.
constexpr double worth_issuing = 11;

/// Steps that are simulated again at a time, unless a segment has more.
constexpr int stretch_steps = 16;

/// Segments of fewer steps keep nearly as many states as there are samples.
constexpr int worth_steps = 4;

}  // namespace

std::string recompute_obstacle(const EngineSpec& spec, const BatchShape& shape,
                               bool plant_has_own_state) {
  if (shape.ragged) return "recorded rollouts cannot be simulated";
  if (plant_has_own_state) return "the plant has states that the policy does not see";
  if (spec.asked.faults) return "with faults what the policy saw is not where the plant was";
  if (spec.asked.head_jacobian) {
    return "chain window, and a truncated chain rollout, go over samples more than once";
  }
  const bool others = spec.asked.all_samples || spec.asked.suprema || spec.asked.growth_counts > 0;
  return others ? "more is asked of all samples than the model's gradient" : "";
}

bool recomputes(const EngineSpec& spec, const BatchShape& shape, bool plant_has_own_state,
                bool cuda) {
  if (spec.tape == Tape::store) return false;
  const std::string obstacle = recompute_obstacle(spec, shape, plant_has_own_state);
  if (spec.tape == Tape::recompute) {
    if (obstacle.empty()) return true;
    throw Error(Exit::input, "samples cannot be simulated again: " + obstacle, "rollout.tape",
                "use \"store\" or \"auto\"");
  }
  return cuda && obstacle.empty() && shape.steps_per_segment >= worth_steps &&
         cuda_issue_per_byte() >= worth_issuing;
}

int segments_again(int segments, int steps_per_segment) {
  return std::clamp(stretch_steps / steps_per_segment, 1, segments);
}

}  // namespace phigrad
