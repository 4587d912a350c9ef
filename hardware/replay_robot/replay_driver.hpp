// A robot that does again what one did before, whatever it is told.
#pragma once

#include <cstddef>
#include <string>

#include "hardware/driver/driver.hpp"
#include "hardware/sim/clock.hpp"
#include "hardware/sim/rollout_start.hpp"
#include "host/rollouts/logged_rollout.hpp"

namespace phigrad {

/// Measures the states of a recorded rollout, one a command; commands change nothing. After the
/// last sample it measures nothing any more, so the agent finds its pose stale.
class ReplayDriver final : public Driver, public RolloutStart {
 public:
  /// `clock` has to outlive the driver. Throws Error(Exit::input) for a rollout that is empty,
  /// quarantined or has more than 16 states.
  ReplayDriver(LoggedRollout rollout, const Clock& clock);

  void start() override;
  bool command(const double* u) noexcept override;
  bool neutral() noexcept override;
  bool measure(Measurement& into) noexcept override;
  std::string description() const override;

  /// Back to the first sample, for every index; returns its time on record.
  double prepare(std::uint64_t index) noexcept override;

 private:
  LoggedRollout rollout_;
  const Clock& clock_;
  std::size_t next_ = 0;  // sample that is measured next
  bool fresh_ = true;
};

}  // namespace phigrad
