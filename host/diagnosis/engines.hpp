// Engines in double precision for what a diagnosis measures.
#pragma once

#include <memory>

#include "host/engine/engine.hpp"
#include "host/robots/registered.hpp"
#include "host/rollouts/rollout_grid.hpp"

namespace phigrad {

/// Of rollouts as the config simulates them.
BatchShape simulated_shape(const Experiment& experiment, int policies, int rollouts);

/// On the CPU, with the config's plant and model.
std::unique_ptr<Engine> double_engine(const Experiment& experiment, const BatchShape& shape);

/// Simulates from the starts of `iteration`: the same for every policy, but those of policies with
/// one rollout are as of one policy's.
void simulate_starts(const Experiment& experiment, Engine& engine, int iteration);

/// A rollout laid out, `copies` times, in an engine in double precision.
struct RolloutInEngine {
  RolloutInEngine(const Experiment& experiment, const LoggedRollout& rollout, int copies = 1);

  int segments() const { return engine->shape().segments; }
  int steps() const { return engine->shape().steps_per_segment; }

  GridTrajectory grid;
  std::unique_ptr<Engine> engine;
};

}  // namespace phigrad
