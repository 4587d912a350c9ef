// A robot that is the config's plant.
#pragma once

#include <cstdint>
#include <string>

#include "hardware/driver/driver.hpp"
#include "hardware/sim/clock.hpp"
#include "hardware/sim/rollout_start.hpp"
#include "hardware/sim/simulated_plant.hpp"
#include "host/robots/registered.hpp"

namespace phigrad {

/// Every command steps the plant by rollout.dt_s, however fast it is called. While it is held
/// neutral the plant stands still. Measures exactly what a policy sees, once a step, at the clock's
/// time.
class SimDriver final : public Driver, public RolloutStart {
 public:
  /// `clock` has to outlive the driver. Throws Error(Exit::input) for a robot whose kernels are not
  /// built in, and for a config with faults, noise or drift: this one has none.
  SimDriver(const Experiment& experiment, const Clock& clock);

  void start() override;
  /// False, and no step, for a command with a NaN or an infinity.
  bool command(const double* u) noexcept override;
  bool neutral() noexcept override;
  bool measure(Measurement& into) noexcept override;
  std::string description() const override;

  /// Draws the start as `phigrad train` draws that of rollout `index` (per_update of them an
  /// iteration) of its first policy: from the seed, around rollout.start or the task.
  double prepare(std::uint64_t index) noexcept override;

 private:
  Experiment experiment_;
  const Clock& clock_;
  SimulatedPlant plant_;
  int nx_, nu_;
  bool fresh_ = true;
};

/// The start of a simulated rollout: state [nx] and task time, s. What SimulatedSource draws for
/// policy 0.
double draw_start(const Experiment& experiment, std::uint64_t index, double* state);

}  // namespace phigrad
