#include "host/experiment/simulated_start.hpp"

#include "host/support/random.hpp"

namespace phigrad {

void SimulatedStarts::clear() {
  states.clear();
  times.clear();
  noise.keys.clear();
  noise.deviation.clear();
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

  const NoiseSettings& settings = experiment.common.rollout.noise;
  if (!settings.any()) return;
  noise.keys.push_back(
      {{static_cast<std::uint32_t>(id.seed), static_cast<std::uint32_t>(id.seed >> 32)},
       id.index,
       id.iteration});
  const std::size_t nu = experiment.setup.inputs.size();
  for (std::size_t i = 0; i < nx; ++i) {
    noise.deviation.push_back(i < settings.state.size() ? settings.state[i] : 0.0);
  }
  for (std::size_t i = 0; i < nu; ++i) {
    noise.deviation.push_back(i < settings.input.size() ? settings.input[i] : 0.0);
  }
}

}  // namespace phigrad
