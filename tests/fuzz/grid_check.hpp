// What training and replay do with a log before its numbers reach a kernel.
#pragma once

#include <vector>

#include "host/rollouts/rollout_grid.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {

/// The car's experiment, with windows that short rollouts hold.
inline Experiment short_car() {
  return experiment_of("car", {"gradient.drop_segments=0", "gradient.window_segments=1"});
}

/// Lays the rollouts of a log on a grid, unless that is larger than a fuzzer has time for.
inline void lay_all_on_grid(const std::vector<LoggedRollout>& rollouts,
                            const Experiment& experiment) {
  constexpr int slots = 1 << 14;
  windows_over(rollouts, experiment);
  const GridSize size = grid_size(rollouts, experiment.setup.steps_per_segment);
  if (size.segments > slots / size.steps_per_segment) return;
  for (const LoggedRollout& r : rollouts) {
    const RolloutOnGrid laid = lay_on_grid(r, size, r.nz);
    const auto all = static_cast<std::size_t>(size.segments * size.steps_per_segment);
    require(laid.slot_sample.size() == all);
    require(laid.grid.inputs.size() == all * static_cast<std::size_t>(r.nu));
    require(laid.grid.states.size() == (all + 1) * static_cast<std::size_t>(r.nx));
  }
}

}  // namespace phigrad
