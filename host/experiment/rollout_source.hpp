// Where a training run's trajectories come from.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/robots/registered.hpp"
#include "host/rollouts/logged_rollout.hpp"

namespace phigrad {

struct SimulatedStarts;

/// Policies [P, np] to go on with in place of an update, and why.
struct Replacement {
  std::vector<double> theta;
  std::string why;
};

/// Fills the engine's batch with the rollouts of one iteration.
class RolloutSource {
 public:
  virtual ~RolloutSource() = default;
  /// The batch that the engine must be made for.
  virtual BatchShape shape() const = 0;
  /// Collects rollouts under the policies theta [P, np], which the engine holds already; returns
  /// the windows that score them, or nothing where the run is to end before they are all there.
  virtual std::optional<Windows> next(int iteration, const std::vector<double>& theta,
                                      Engine& engine) = 0;
  /// Where next() would start an iteration's simulations, which depends on nothing else; null where
  /// its rollouts are not simulated. Until it is called again.
  virtual const SimulatedStarts* starts(int /*iteration*/) { return nullptr; }
  /// Trajectory b of the batch collected last, to be kept.
  virtual LoggedRollout logged(const Engine& engine, std::int64_t b) const = 0;
  /// Whether its rollouts are in the run's store before next() returns: training then stores none.
  virtual bool keeps_own_rollouts() const { return false; }
  /// Told what the rollouts of an iteration cost [P]. A replacement is taken instead of the
  /// update, and the optimiser starts afresh from there.
  virtual std::optional<Replacement> replace_update(int /*iteration*/,
                                                    const std::vector<double>& /*cost*/) {
    return std::nullopt;
  }
};

/// Where the config says: the simulated plant, or logs.
std::unique_ptr<RolloutSource> make_source(const Experiment& experiment, int policies);

/// An engine for rollouts of `segments` with the experiment's robot.
EngineSpec engine_spec(const Experiment& experiment, const std::string& backend,
                       const std::string& precision, int segments);

/// An engine for training: it has samples as rollout.tape says, and tensor cores.
EngineSpec training_spec(const Experiment& experiment, const std::string& backend, int segments);

/// The gradient that the config asks for.
GradientOptions gradient_options(const Experiment& experiment);

/// "float" or "double".
std::string precision_name(Precision precision);

}  // namespace phigrad
