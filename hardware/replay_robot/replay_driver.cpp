#include "hardware/replay_robot/replay_driver.hpp"

#include <algorithm>
#include <utility>

#include "host/support/error.hpp"

namespace phigrad {

ReplayDriver::ReplayDriver(LoggedRollout rollout, const Clock& clock)
    : rollout_(std::move(rollout)), clock_(clock) {
  const bool sound = rollout_.samples() > 0 && rollout_.quarantined.empty() &&
                     rollout_.nx <= Measurement::most_states;
  if (!sound) {
    throw Error(Exit::input, "the rollout cannot be played: it is empty, quarantined or too wide",
                rollout_.place(), "choose another one with agent.driver.rollout");
  }
}

void ReplayDriver::start() { prepare(0); }

bool ReplayDriver::command(const double* /*u*/) noexcept {
  ++next_;
  fresh_ = next_ < static_cast<std::size_t>(rollout_.samples());
  return true;
}

bool ReplayDriver::neutral() noexcept {
  fresh_ = next_ < static_cast<std::size_t>(rollout_.samples());
  return true;
}

bool ReplayDriver::measure(Measurement& into) noexcept {
  if (!fresh_) return false;
  fresh_ = false;
  const auto nx = static_cast<std::size_t>(rollout_.nx);
  std::copy_n(rollout_.states.data() + next_ * nx, nx, into.state);
  into.at_s = static_cast<double>(clock_.now_ns()) * 1e-9;
  return true;
}

std::string ReplayDriver::description() const { return "replay of " + rollout_.place(); }

double ReplayDriver::prepare(std::uint64_t /*index*/) noexcept {
  next_ = 0;
  fresh_ = true;
  return rollout_.sample_time.front();
}

}  // namespace phigrad
