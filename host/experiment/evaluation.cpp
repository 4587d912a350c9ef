#include "host/experiment/evaluation.hpp"

#include "host/experiment/rollout_source.hpp"
#include "host/experiment/simulated_start.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

int evaluation_segments(const Experiment& e) {
  return e.common.evaluation.segments > 0 ? e.common.evaluation.segments
                                          : e.common.rollout.segments;
}

std::unique_ptr<Engine> engine_for(const Experiment& e, int policies, const std::string& backend,
                                   const std::string& precision) {
  BatchShape shape;
  shape.policies = policies;
  shape.segments = evaluation_segments(e);
  shape.steps_per_segment = e.setup.steps_per_segment;
  shape.dt = e.common.rollout.dt_s;
  return Engine::create(engine_spec(e, backend, precision, shape.segments), shape);
}

}  // namespace

int policy_parameters(const Experiment& experiment) {
  return engine_for(experiment, 1, "cpu", "double")->parameters();
}

Evaluation evaluate(const Experiment& e, const std::vector<double>& theta, int policies,
                    const std::string& backend, const std::string& precision) {
  const std::unique_ptr<Engine> engine = engine_for(e, policies, backend, precision);
  const std::size_t expected =
      static_cast<std::size_t>(policies) * static_cast<std::size_t>(engine->parameters());
  if (theta.size() != expected) {
    throw Error(Exit::input,
                "the policy has " + std::to_string(theta.size()) +
                    " parameters, this robot's has " + std::to_string(engine->parameters()),
                "--policy", "use a policy that was trained for this config");
  }
  engine->set_policies(theta);
  engine->set_plant(e.setup.plant);
  engine->set_model(e.setup.model);
  std::vector<double> start = e.common.evaluation.start;
  start.resize(e.setup.states.size(), 0.0);
  std::vector<double> starts;
  Disturbance disturbance;
  for (int p = 0; p < policies; ++p) {
    starts.insert(starts.end(), start.begin(), start.end());
    add_disturbance(e, {e.common.seed, 0, 0}, false, disturbance);
  }
  engine->disturb(disturbance);
  engine->simulate(starts, std::vector<double>(static_cast<std::size_t>(policies),
                                               e.common.evaluation.start_time_s));
  Windows whole;
  whole.length = engine->shape().segments;
  whole.end = {static_cast<double>(whole.length)};
  Scores scores;
  engine->score(whole, scores);
  return {scores.loss, scores.path_error, engine->shape().slots(), engine->trajectory(0),
          engine->description()};
}

}  // namespace phigrad
