#include "host/experiment/rollout_source.hpp"

#include <algorithm>

namespace phigrad {

std::uint64_t seed_of_policy(const Experiment& experiment, int policy) {
  return experiment.common.seed + static_cast<std::uint64_t>(policy);
}

std::string precision_name(Precision precision) {
  return precision == Precision::single_ ? "float" : "double";
}

EngineSpec engine_spec(const Experiment& e, const std::string& backend,
                       const std::string& precision, int segments) {
  EngineSpec spec;
  spec.kernels = e.setup.kernels;
  spec.precision = precision;
  spec.backend = backend;
  spec.plant_integrator = e.setup.plant_integrator;
  spec.model_integrator = e.setup.model_integrator;
  spec.policy = e.setup.policy;
  spec.objective = e.setup.objective;
  if (!e.setup.schedule.empty()) {
    // The last step's entries go on where a rollout is longer than the config's.
    const auto slots = static_cast<std::size_t>(e.common.rollout.segments) *
                       static_cast<std::size_t>(e.setup.steps_per_segment);
    const std::size_t row = e.setup.schedule.size() / slots;
    const auto wanted =
        static_cast<std::size_t>(segments) * static_cast<std::size_t>(e.setup.steps_per_segment);
    for (std::size_t t = 0; t < wanted; ++t) {
      const auto from =
          e.setup.schedule.begin() + static_cast<std::ptrdiff_t>(std::min(t, slots - 1) * row);
      spec.schedule.insert(spec.schedule.end(), from, from + static_cast<std::ptrdiff_t>(row));
    }
  }
  return spec;
}

SimulatedSource::SimulatedSource(const Experiment& experiment, int policies)
    : experiment_(experiment), policies_(policies) {}

void SimulatedSource::next(int iteration, Engine& engine) {
  const StartSettings& start = experiment_.common.rollout.start;
  const std::size_t nx = experiment_.setup.states.size();
  const int rollouts = experiment_.common.rollout.per_update;
  states_.clear();
  times_.clear();
  for (int p = 0; p < policies_; ++p) {
    for (int r = 0; r < rollouts; ++r) {
      RandomStream stream(seed_of_policy(experiment_, p), Draw::start,
                          static_cast<std::uint32_t>(r), static_cast<std::uint32_t>(iteration));
      const double t = start.on_task ? stream.uniform(0, experiment_.setup.lap_s) : 0.0;
      const std::vector<double> centre = start.on_task ? experiment_.setup.on_task(t) : start.state;
      for (std::size_t i = 0; i < nx; ++i) {
        const double half = i < start.half_width.size() ? start.half_width[i] : 0.0;
        const double middle = i < centre.size() ? centre[i] : 0.0;
        states_.push_back(half > 0 ? stream.uniform(middle - half, middle + half) : middle);
      }
      times_.push_back(t);
    }
  }
  engine.simulate(states_, times_);
}

}  // namespace phigrad
