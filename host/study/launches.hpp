// Which cells of a study share launches, and in what parts their trajectories are simulated.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/study/sweep.hpp"

namespace phigrad {

/// Cells whose trajectories differ in numbers only: one engine simulates them side by side.
struct Launch {
  std::vector<int> cells;  // indices into the plan's
  int part = 1;            // trajectories of a group that are simulated at once
  std::int64_t bytes = 0;  // that they take
};

/// Everything of a cell that its neighbours in a launch must have too.
std::string launch_key(const Cell& cell, const std::string& backend);

/// The launches of a plan, each within study.memory_mib, in the order of their first cells.
std::vector<Launch> plan_launches(const StudyPlan& plan, const std::string& backend);

/// What the engine must be for a cell, its trajectories aside.
EngineSpec cell_spec(const Cell& cell, const std::string& backend);

/// An engine's shape for `policies` of so many rollouts of the cell.
BatchShape cell_shape(const Cell& cell, int policies, int rollouts);

}  // namespace phigrad
