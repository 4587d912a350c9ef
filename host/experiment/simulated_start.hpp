// What chance decides of a simulated trajectory: where it starts, its noise and faults.
#pragma once

#include <cstdint>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/robots/registered.hpp"

namespace phigrad {

/// Trajectory `index` of `iteration` under `seed`: the same numbers in whatever batch it is.
struct TrajectoryId {
  std::uint64_t seed;
  std::uint32_t index, iteration;
};

/// Starts of a batch, and what disturbs it.
struct SimulatedStarts {
  std::vector<double> states;  // [B, nx]
  std::vector<double> times;   // [B], s
  Disturbance disturbance;

  void clear();
  void add(const Experiment& experiment, const TrajectoryId& id);
};

/// Adds what the config says of a trajectory: its noise and faults; without `chance`, those alone
/// that are the same every time.
void add_disturbance(const Experiment& experiment, const TrajectoryId& id, bool chance,
                     Disturbance& disturbance);

}  // namespace phigrad
