// Where a training run's trajectories come from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "host/engine/engine.hpp"
#include "host/robots/registered.hpp"
#include "host/rollouts/logged_rollout.hpp"

namespace phigrad {

/// Fills the engine's batch with the rollouts of one iteration.
class RolloutSource {
 public:
  virtual ~RolloutSource() = default;
  /// The batch that the engine must be made for.
  virtual BatchShape shape() const = 0;
  /// Collects rollouts under the engine's policies; returns the windows that score them.
  virtual Windows next(int iteration, Engine& engine) = 0;
  /// Trajectory b of the batch collected last, to be kept.
  virtual LoggedRollout logged(const Engine& engine, std::int64_t b) const = 0;
};

/// Where the config says: the simulated plant, or logs.
std::unique_ptr<RolloutSource> make_source(const Experiment& experiment, int policies);

/// The seed that policy p draws from.
std::uint64_t seed_of_policy(const Experiment& experiment, int policy);

/// An engine for rollouts of `segments` with the experiment's robot.
EngineSpec engine_spec(const Experiment& experiment, const std::string& backend,
                       const std::string& precision, int segments);

/// "float" or "double".
std::string precision_name(Precision precision);

}  // namespace phigrad
