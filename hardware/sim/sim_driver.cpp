#include "hardware/sim/sim_driver.hpp"

#include <cmath>

#include "host/support/error.hpp"
#include "host/support/random.hpp"

namespace phigrad {

double draw_start(const Experiment& experiment, std::uint64_t index, double* state) {
  const StartSettings& start = experiment.common.rollout.start;
  const auto per_update = static_cast<std::uint64_t>(experiment.common.rollout.per_update);
  RandomStream stream(experiment.common.seed, Draw::start,
                      static_cast<std::uint32_t>(index % per_update),
                      static_cast<std::uint32_t>(index / per_update));
  const double t = start.on_task ? stream.uniform(0, experiment.setup.lap_s) : 0.0;
  const std::vector<double> centre = start.on_task ? experiment.setup.on_task(t) : start.state;
  for (std::size_t i = 0; i < experiment.setup.states.size(); ++i) {
    const double half = i < start.half_width.size() ? start.half_width[i] : 0.0;
    const double middle = i < centre.size() ? centre[i] : 0.0;
    state[i] = half > 0 ? stream.uniform(middle - half, middle + half) : middle;
  }
  return t;
}

SimDriver::SimDriver(const Experiment& experiment, const Clock& clock)
    : experiment_(experiment),
      clock_(clock),
      plant_(experiment),
      nx_(static_cast<int>(experiment.setup.states.size())),
      nu_(static_cast<int>(experiment.setup.inputs.size())) {
  if (nx_ > Measurement::most_states) {
    throw Error(Exit::input, "the robot has more than 16 states", "agent.driver",
                "a measurement holds 16 states at most");
  }
  const RolloutSettings& rollout = experiment_.common.rollout;
  if (rollout.faults.any() || rollout.noise.any() || !rollout.drift.empty()) {
    throw Error(Exit::input, "the simulated robot has no faults and no noise, and does not drift",
                "rollout.faults, rollout.noise, rollout.drift",
                "leave them out, or use `phigrad train`");
  }
  prepare(0);
}

void SimDriver::start() { fresh_ = true; }

bool SimDriver::command(const double* u) noexcept {
  for (int i = 0; i < nu_; ++i) {
    if (!std::isfinite(u[i])) return false;
  }
  plant_.step(u);
  fresh_ = true;
  return true;
}

bool SimDriver::neutral() noexcept {
  fresh_ = true;
  return true;
}

bool SimDriver::measure(Measurement& into) noexcept {
  if (!fresh_) return false;
  fresh_ = false;
  for (int i = 0; i < nx_; ++i) into.state[i] = plant_.seen()[i];
  into.at_s = static_cast<double>(clock_.now_ns()) * 1e-9;
  return true;
}

std::string SimDriver::description() const {
  return "simulated " + experiment_.robot + ", stepped by " +
         std::to_string(experiment_.common.rollout.dt_s) + " s a command";
}

double SimDriver::prepare(std::uint64_t index) noexcept {
  fresh_ = true;
  double start[Measurement::most_states];
  const double t = draw_start(experiment_, index, start);
  plant_.begin(start);
  return t;
}

}  // namespace phigrad
