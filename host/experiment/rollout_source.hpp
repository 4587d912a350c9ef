// Where a training run's trajectories come from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/robots/registered.hpp"

namespace phigrad {

/// Fills the engine's batch with the rollouts of one iteration.
class RolloutSource {
 public:
  virtual ~RolloutSource() = default;
  /// Collects rollouts under the engine's policies.
  virtual void next(int iteration, Engine& engine) = 0;
  /// For the stored rollouts: "simulated".
  virtual std::string provenance() const = 0;
};

/// The plant of the config, started where it says. Policy p draws from seed + p, so each can be run
/// again alone.
class SimulatedSource : public RolloutSource {
 public:
  SimulatedSource(const Experiment& experiment, int policies);
  void next(int iteration, Engine& engine) override;
  std::string provenance() const override { return "simulated"; }

 private:
  const Experiment& experiment_;
  int policies_;
  std::vector<double> states_;  // [B, nx]
  std::vector<double> times_;   // [B], s
};

/// The seed that policy p draws from.
std::uint64_t seed_of_policy(const Experiment& experiment, int policy);

/// An engine for rollouts of `segments` with the experiment's robot.
EngineSpec engine_spec(const Experiment& experiment, const std::string& backend,
                       const std::string& precision, int segments);

/// "float" or "double".
std::string precision_name(Precision precision);

}  // namespace phigrad
