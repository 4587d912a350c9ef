#include "host/robots/registered.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr int longest_rollout = 100000000;  // steps: their number, times a few, is an int

std::vector<std::unique_ptr<RobotType>>& registry() {
  static std::vector<std::unique_ptr<RobotType>> all;
  return all;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const RobotType* r : robots()) all.push_back(r->name());
  return all;
}

}  // namespace

void register_robot(std::unique_ptr<RobotType> robot) {
  for (const auto& known : registry()) {
    if (known->name() == robot->name()) {
      throw std::logic_error("two robots are called " + robot->name());
    }
  }
  registry().push_back(std::move(robot));
}

std::vector<const RobotType*> robots() {
  std::vector<const RobotType*> all;
  for (const auto& r : registry()) all.push_back(r.get());
  std::sort(all.begin(), all.end(),
            [](const RobotType* a, const RobotType* b) { return a->name() < b->name(); });
  return all;
}

Experiment read_experiment(const nlohmann::ordered_json& document, const std::string& place) {
  for (const char* section : {"sweep", "study"}) {
    if (!document.contains(section)) continue;
    Place(place).key(section).fail("this config is of a study, not of one experiment",
                                   "run it with `phigrad study`, or leave the section out");
  }
  const std::string wanted = read_tag(document, "robot", names(), place);
  for (const RobotType* r : robots()) {
    if (r->name() == wanted) return r->read(document, place);
  }
  throw std::logic_error("read_tag gave an unknown robot");
}

nlohmann::ordered_json experiment_schema() {
  nlohmann::ordered_json alternatives = nlohmann::ordered_json::array();
  for (const RobotType* r : robots()) {
    nlohmann::ordered_json one = r->schema();
    one.erase("$schema");
    alternatives.push_back(one);
  }
  nlohmann::ordered_json schema;
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "phigrad experiment";
  schema["oneOf"] = alternatives;
  return schema;
}

void require_known_model(const Experiment& e) {
  if (!e.setup.learned_model) return;
  throw Error(Exit::input, "the model is learned while a run goes on: here it has no numbers",
              e.name + ": model.learned", "write null, and the model's own terms");
}

namespace detail {

namespace {

/// What an estimator needs of rollouts and of the policy.
void check_estimator(const CommonSettings& c, const RobotSetup& setup, const Place& at) {
  const UpdateEstimator by = c.gradient.estimator;
  if (by == UpdateEstimator::model) return;
  const Place here = at.key("gradient").key("estimator");
  if (c.rollout.live || !c.rollout.logs.empty()) {
    here.fail("rollouts on record or of a robot cannot be perturbed, or their noise is not known",
              "use \"model\"");
  }
  if (by == UpdateEstimator::spsa || by == UpdateEstimator::finite_differences) {
    if (c.rollout.per_update % 2 == 0) return;
    at.key("rollout")
        .key("per_update")
        .fail("perturbations come in pairs, " + std::to_string(c.rollout.per_update) + " is odd",
              "write an even number");
  }
  if (by == UpdateEstimator::tracking_error) {
    if (setup.lap_table_scales.empty()) {
      here.fail("it fills in a table over the lap", "use the policy \"lap_table\"");
    }
    return;
  }
  if (by == UpdateEstimator::redesign) {
    for (const std::string& entry : c.rollout.drift) {
      if (entry.rfind("controller.", 0) != 0) continue;
      here.fail("it would design for the controller as it was before it drifts",
                "let the plant drift alone");
    }
    if (!setup.is_constant_correction || !setup.simulate_as) {
      here.fail("it writes constant corrections, of a robot that can be simulated as identified",
                "use the car with the policy \"corrections\"");
    }
    return;
  }
  const std::vector<double>& noise = c.rollout.noise.input;
  if (noise.empty() || *std::min_element(noise.begin(), noise.end()) <= 0) {
    here.fail("it goes by the noise of the inputs", "set rollout.noise.input above 0 for each");
  }
  if (c.rollout.per_update < 2) {
    here.fail("its baseline and variance need several rollouts", "set rollout.per_update above 1");
  }
}

void require_one_each(const std::vector<double>& v, const Place& where,
                      const std::vector<std::string>& names, const char* what) {
  if (v.empty() || v.size() == names.size()) return;
  std::string order;
  for (const std::string& s : names) order += (order.empty() ? "" : ", ") + s;
  where.fail("has " + std::to_string(v.size()) + " entries, the robot has " +
                 std::to_string(names.size()) + " " + what,
             "give " + order);
}

void check_faults(const RolloutSettings& rollout, const RobotSetup& setup, const Place& at) {
  const Place faults = at.key("faults");
  require_one_each(rollout.faults.command_bias, faults.key("command_bias"), setup.inputs, "inputs");
  require_one_each(rollout.faults.sensor_bias, faults.key("sensor_bias"), setup.states, "states");
  require_one_each(rollout.faults.sensor_noise, faults.key("sensor_noise"), setup.states, "states");
  const double steps = rollout.faults.command_delay_s / rollout.dt_s;
  if (std::abs(steps - std::round(steps)) > 1e-6) {
    faults.key("command_delay_s")
        .fail("a delay of no whole number of steps", "write a multiple of rollout.dt_s");
  }
  if ((rollout.faults.any() || !rollout.drift.empty()) && (rollout.live || !rollout.logs.empty())) {
    faults.fail("rollouts on record or of a robot have faults and a drift of their own",
                "leave rollout.faults and rollout.drift out");
  }
  const std::vector<double>& moved = rollout.noise.state;
  if (setup.plant_has_own_state &&
      std::any_of(moved.begin(), moved.end(), [](double d) { return d > 0; })) {
    at.key("noise").key("state").fail("this plant has states that the policy does not see",
                                      "use rollout.noise.input, or rollout.faults.sensor_noise");
  }
}

}  // namespace

void check_common(const CommonSettings& c, const RobotSetup& setup, const Place& at) {
  if (c.tensor_cores != TensorCores::off) {
    const Place here = at.key("tensor_cores");
    if (setup.network.empty()) here.fail("the policy has no network", "use \"off\"");
    if (c.precision == Precision::double_) {
      here.fail("tensor cores multiply floats", "use \"off\", or \"precision\": \"float\"");
    }
  }
  const auto require_nx = [&](const std::vector<double>& v, const Place& where) {
    require_one_each(v, where, setup.states, "states");
  };
  const Place noise = at.key("rollout").key("noise");
  require_nx(c.rollout.noise.state, noise.key("state"));
  require_one_each(c.rollout.noise.input, noise.key("input"), setup.inputs, "inputs");
  check_faults(c.rollout, setup, at.key("rollout"));
  const StartSettings& start = c.rollout.start;
  require_nx(start.state, at.key("rollout").key("start").key("state"));
  require_nx(start.half_width, at.key("rollout").key("start").key("half_width"));
  require_nx(c.evaluation.start, at.key("evaluation").key("start"));
  if (start.on_task && !setup.on_task) {
    at.key("rollout").key("start").key("on_task").fail("this robot has no task to start on",
                                                       "give `state` instead");
  }
  if (start.on_task && !start.state.empty()) {
    at.key("rollout").key("start").key("state").fail("a start state beside \"on_task\"",
                                                     "leave one of the two out");
  }
  for (const auto& [section, segments] :
       {std::pair{"rollout", c.rollout.segments}, std::pair{"evaluation", c.evaluation.segments}}) {
    if (segments <= longest_rollout / setup.steps_per_segment) continue;
    at.key(section)
        .key("segments")
        .fail(std::to_string(segments) + " segments of " + std::to_string(setup.steps_per_segment) +
                  " steps, more than " + std::to_string(longest_rollout) + " steps",
              "write fewer segments, or fewer steps a segment");
  }
  check_estimator(c, setup, at);
  if (setup.learned_model && (c.rollout.live || !c.rollout.logs.empty())) {
    at.key("model").key("learned").fail("networks are fitted to simulated rollouts alone",
                                        "write null, and the model's own terms");
  }
  const GradientSettings& g = c.gradient;
  const std::int64_t held =
      std::int64_t{c.rollout.segments} - g.drop_last_segments - g.drop_segments;
  if (held < 1 || g.window_segments > held) {
    at.key("gradient")
        .fail(
            "no window fits: " + std::to_string(c.rollout.segments) + " segments, " +
                std::to_string(g.drop_segments) + " dropped, " +
                std::to_string(g.drop_last_segments) + " dropped at the end, windows of " +
                std::to_string(g.window_segments),
            "raise rollout.segments or lower drop_segments, drop_last_segments or window_segments");
  }
}

}  // namespace detail
}  // namespace phigrad
