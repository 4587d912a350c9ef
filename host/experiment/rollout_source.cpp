#include "host/experiment/rollout_source.hpp"

#include <algorithm>

#include "host/experiment/recorded_source.hpp"
#include "host/experiment/simulated_source.hpp"
#include "host/support/error.hpp"

namespace phigrad {

std::string precision_name(Precision precision) {
  return precision == Precision::single_ ? "float" : "double";
}

GradientOptions gradient_options(const Experiment& e) {
  GradientOptions options;
  options.chain = e.common.gradient.chain;
  options.truncate = e.common.gradient.truncate_steps;
  return options;
}

EngineSpec engine_spec(const Experiment& e, const std::string& backend,
                       const std::string& precision, int segments) {
  EngineSpec spec;
  spec.kernels = e.setup.kernels;
  spec.precision = precision;
  spec.backend = backend;
  spec.plant_integrator = e.setup.plant_integrator;
  spec.model_integrator = e.setup.model_integrator;
  spec.memory_bytes = std::int64_t{e.common.rollout.memory_mib} << 20;
  spec.asked.disturbance = e.common.rollout.is_disturbed();
  spec.asked.head_jacobian =
      passes_decisions_again(e.common.gradient.chain, e.common.gradient.truncate_steps);
  if (e.common.gradient.truncate_steps == 0) {
    const Chain chain = e.common.gradient.chain;
    spec.asked.stretch = chain == Chain::segment  ? 1
                         : chain == Chain::window ? e.common.gradient.window_segments
                                                  : 0;
  }
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

EngineSpec training_spec(const Experiment& e, const std::string& backend, int segments) {
  EngineSpec spec = engine_spec(e, backend, precision_name(e.common.precision), segments);
  spec.tape = e.common.rollout.tape;
  spec.tensor_cores = e.common.tensor_cores;
  spec.asked.faults = e.common.rollout.faults.any();
  spec.asked.all_samples = e.common.gradient.estimator != UpdateEstimator::model ||
                           static_cast<bool>(e.setup.learned_model) ||
                           e.common.store.rollouts == Keep::all;
  return spec;
}

std::unique_ptr<RolloutSource> make_source(const Experiment& e, int policies) {
  if (e.common.rollout.live) {
    throw Error(Exit::usage, "this run learns from robots", e.name + ": rollout.live",
                "go on with `phigrad learn --resume DIR`");
  }
  if (e.common.rollout.logs.empty()) {
    return std::make_unique<SimulatedSource>(Cohort{{&e}, policies});
  }
  return std::make_unique<RecordedSource>(e, policies);
}

}  // namespace phigrad
