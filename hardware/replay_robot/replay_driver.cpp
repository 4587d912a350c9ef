#include "hardware/replay_robot/replay_driver.hpp"

#include <algorithm>
#include <utility>

#include "host/support/error.hpp"

namespace phigrad {

ReplayDriver::ReplayDriver(std::vector<LoggedRollout> rollouts, const Clock& clock)
    : rollouts_(std::move(rollouts)), clock_(clock) {
  if (rollouts_.empty()) {
    throw Error(Exit::input, "there is no rollout to play", "agent.driver",
                "choose another log with agent.driver.log");
  }
  for (const LoggedRollout& r : rollouts_) {
    if (r.samples() > 0 && r.quarantined.empty() && r.nx <= Measurement::most_states) continue;
    throw Error(Exit::input, "the rollout cannot be played: it is empty, quarantined or too wide",
                r.place(), "choose another one with agent.driver.rollout");
  }
}

void ReplayDriver::start() { prepare(0); }

bool ReplayDriver::command(const double* /*u*/) noexcept {
  ++next_;
  return neutral();
}

bool ReplayDriver::neutral() noexcept {
  fresh_ = next_ < static_cast<std::size_t>(rollouts_[played_].samples());
  return true;
}

bool ReplayDriver::measure(Measurement& into) noexcept {
  if (!fresh_) return false;
  fresh_ = false;
  const LoggedRollout& r = rollouts_[played_];
  const auto nx = static_cast<std::size_t>(r.nx);
  std::copy_n(r.states.data() + next_ * nx, nx, into.state);
  into.at_s = static_cast<double>(clock_.now_ns()) * 1e-9;
  return true;
}

std::string ReplayDriver::description() const {
  const LoggedRollout& first = rollouts_.front();
  if (rollouts_.size() == 1) return "replay of " + first.place();
  return "replay of " + first.log + ", " + std::to_string(rollouts_.size()) + " rollouts";
}

double ReplayDriver::prepare(std::uint64_t index) noexcept {
  played_ = static_cast<std::size_t>(index % rollouts_.size());
  next_ = 0;
  fresh_ = true;
  return rollouts_[played_].sample_time.front();
}

}  // namespace phigrad
