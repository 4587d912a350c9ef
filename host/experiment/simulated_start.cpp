#include "host/experiment/simulated_start.hpp"

#include "host/support/random.hpp"

namespace phigrad {

void SimulatedStarts::clear() {
  states.clear();
  times.clear();
  disturbance.keys.clear();
  disturbance.deviation.clear();
  disturbance.faults.clear();
}

void SimulatedStarts::add(const Experiment& experiment, const TrajectoryId& id) {
  const StartSettings& start = experiment.common.rollout.start;
  const std::size_t nx = experiment.setup.states.size();
  RandomStream stream(id.seed, Draw::start, id.index, id.iteration);
  const double t = start.on_task ? stream.uniform(0, experiment.setup.lap_s) : 0.0;
  const std::vector<double> centre = start.on_task ? experiment.setup.on_task(t) : start.state;
  for (std::size_t i = 0; i < nx; ++i) {
    const double half = i < start.half_width.size() ? start.half_width[i] : 0.0;
    const double middle = i < centre.size() ? centre[i] : 0.0;
    states.push_back(half > 0 ? stream.uniform(middle - half, middle + half) : middle);
  }
  times.push_back(t);

  add_disturbance(experiment, id, true, disturbance);
}

void add_disturbance(const Experiment& experiment, const TrajectoryId& id, bool chance,
                     Disturbance& disturbance) {
  const RolloutSettings& settings = experiment.common.rollout;
  const FaultSettings& faults = settings.faults;
  if (!(chance ? settings.is_disturbed() : faults.any())) return;
  disturbance.keys.push_back(
      {{static_cast<std::uint32_t>(id.seed), static_cast<std::uint32_t>(id.seed >> 32)},
       id.index,
       id.iteration});
  const std::size_t nx = experiment.setup.states.size();
  const std::size_t nu = experiment.setup.inputs.size();
  static const std::vector<double> none;
  const auto add = [](std::vector<double>& to, const std::vector<double>& from, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) to.push_back(i < from.size() ? from[i] : 0.0);
  };
  add(disturbance.deviation, chance ? settings.noise.state : none, nx);
  add(disturbance.deviation, chance ? settings.noise.input : none, nu);
  if (!faults.any()) return;
  disturbance.delay = settings.delay_steps();
  add(disturbance.faults, faults.sensor_bias, nx);
  add(disturbance.faults, chance ? faults.sensor_noise : none, nx);
  add(disturbance.faults, faults.command_bias, nu);
  disturbance.faults.push_back(chance ? faults.command_loss : 0.0);
}

}  // namespace phigrad
