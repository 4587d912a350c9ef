// What chance decides of a simulated trajectory: where it starts, and its noise.
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

/// Starts of a batch, and its noise.
struct SimulatedStarts {
  std::vector<double> states;  // [B, nx]
  std::vector<double> times;   // [B], s
  Noise noise;

  void clear();
  void add(const Experiment& experiment, const TrajectoryId& id);
};

}  // namespace phigrad
