#include "host/bench/bench_case.hpp"

#include <algorithm>

#include "host/config/json_document.hpp"
#include "host/config/overrides.hpp"
#include "host/experiment/cohort.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/rollouts/rollout_grid.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

/// How far parameters are moved from their start where that is no policy in general: a network
/// whose last layer is zero, so that the gradient of the others would be zero too, or zeros alone.
constexpr double policy_shift = 0.05;

Experiment read_with(const BenchConfig& config, const std::vector<std::string>& more) {
  nlohmann::ordered_json document = parse_json(config.text, config.place);
  for (const std::string& assignment : config.assignments) apply_override(document, assignment);
  for (const std::string& assignment : more) apply_override(document, assignment);
  return read_experiment(document, config.place);
}

int segments_of(const Experiment& e, int steps) {
  const int each = e.setup.steps_per_segment;
  if (steps % each == 0) return steps / each;
  const int below = steps / each * each;
  throw Error(
      Exit::usage,
      std::to_string(steps) + " steps are no multiple of the " + std::to_string(each) +
          " of a segment of " + e.name,
      "--steps",
      "use " + (below > 0 ? std::to_string(below) + " or " : "") + std::to_string(below + each));
}

std::vector<double> policy_of(const Experiment& e, int parameters) {
  std::vector<double> theta = initial_policies({{&e}, 1}, parameters);
  const bool zeros = std::all_of(theta.begin(), theta.end(), [](double v) { return v == 0; });
  if (e.setup.network.empty() && !zeros) return theta;
  RandomStream stream(e.common.seed, Draw::direction, 0, 0);
  for (double& v : theta) v += stream.uniform(-policy_shift, policy_shift);
  return theta;
}

}  // namespace

std::unique_ptr<Engine> BenchCase::engine(int policies, bool ragged, bool all_samples) const {
  const Experiment& e = experiment;
  BatchShape shape;
  shape.policies = policies;
  shape.rollouts = batch / policies;
  shape.segments = e.common.rollout.segments;
  shape.steps_per_segment = e.setup.steps_per_segment;
  shape.dt = e.common.rollout.dt_s;
  shape.ragged = ragged;
  EngineSpec spec = training_spec(e, machine.backend, shape.segments);
  spec.threads = machine.threads;
  spec.asked.all_samples = spec.asked.all_samples || all_samples;
  std::unique_ptr<Engine> made =
      machine.make_engine ? machine.make_engine(spec, shape) : Engine::create(spec, shape);
  made->set_plant(e.setup.plant);
  made->set_model(e.setup.model);
  return made;
}

Expectation BenchCase::expectation() const {
  return {windows_over(experiment.common.rollout.segments, experiment),
          gradient_options(experiment)};
}

BenchCase make_bench_case(const BenchConfig& config, const BenchMachine& machine, int batch,
                          int steps, const std::string& precision, int sets) {
  std::vector<std::string> changes;
  const Experiment own = read_with(config, {});
  if (own.common.rollout.live || !own.common.rollout.logs.empty()) {
    throw Error(Exit::input, "the rollouts of this config come from logs or robots",
                config.place + ": rollout", "leave rollout.logs and rollout.live out");
  }
  if (batch > 0) changes.push_back("rollout.per_update=" + std::to_string(batch));
  if (steps > 0) {
    changes.push_back("rollout.segments=" + std::to_string(segments_of(own, steps)));
    changes.emplace_back("evaluation.segments=0");  // nothing is evaluated here
  }
  if (!precision.empty()) changes.push_back("precision=" + precision);

  BenchCase c;
  c.experiment = read_with(config, changes);
  c.machine = machine;
  c.rollouts_per_update = own.common.rollout.per_update;
  c.batch = 1;  // to ask for the number of parameters
  c.theta = policy_of(c.experiment, c.engine()->parameters());
  c.batch = c.experiment.common.rollout.per_update;
  c.sets.resize(static_cast<std::size_t>(sets));
  for (std::uint32_t set = 0; set < c.sets.size(); ++set) {
    for (int b = 0; b < c.batch; ++b) {
      c.sets[set].add(c.experiment, {c.experiment.common.seed, static_cast<std::uint32_t>(b), set});
    }
  }
  return c;
}

}  // namespace phigrad
