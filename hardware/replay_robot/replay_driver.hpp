// A robot that does again what one did before, whatever it is told.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "hardware/driver/driver.hpp"
#include "hardware/sim/clock.hpp"
#include "hardware/sim/rollout_start.hpp"
#include "host/rollouts/logged_rollout.hpp"

namespace phigrad {

/// Measures the states of recorded rollouts, one a command; commands change nothing. After a
/// rollout's last sample it measures nothing any more, so the agent finds its pose stale.
class ReplayDriver final : public Driver, public RolloutStart {
 public:
  /// `clock` has to outlive the driver. Throws Error(Exit::input) for a rollout that is empty,
  /// quarantined or has more than 16 states, and where there is none.
  ReplayDriver(std::vector<LoggedRollout> rollouts, const Clock& clock);

  void start() override;
  bool command(const double* u) noexcept override;
  bool neutral() noexcept override;
  bool measure(Measurement& into) noexcept override;
  std::string description() const override;

  /// To the first sample of rollout `index`, round and round; returns its time on record.
  double prepare(std::uint64_t index) noexcept override;

 private:
  std::vector<LoggedRollout> rollouts_;
  const Clock& clock_;
  std::size_t played_ = 0;  // rollout
  std::size_t next_ = 0;    // sample that is measured next
  bool fresh_ = true;
};

}  // namespace phigrad
