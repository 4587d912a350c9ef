#include "host/diagnosis/trials.hpp"

#include <nlohmann/json.hpp>

#include "host/config/overrides.hpp"
#include "host/config/place.hpp"
#include "host/diagnosis/probe.hpp"
#include "host/experiment/cohort.hpp"
#include "host/experiment/evaluation.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

using Document = nlohmann::ordered_json;

constexpr int trial_rollouts = 4;

/// Whether the resolved config has section.key.
bool has(const Experiment& e, const char* section, const char* key) {
  return e.resolved.contains(section) && e.resolved.at(section).contains(key);
}

using Assignments = std::vector<std::string>;  // as --set takes them

/// Half the step over the same time: twice the steps of a segment where the config has those.
Assignments half_step(const Experiment& e) {
  Assignments c = {"rollout.dt_s=" + number_text(e.common.rollout.dt_s / 2)};
  if (has(e, "policy", "steps_per_segment")) {
    c.push_back("policy.steps_per_segment=" + std::to_string(2 * e.setup.steps_per_segment));
  } else {
    c.push_back("rollout.segments=" + std::to_string(2 * e.common.rollout.segments));
  }
  return c;
}

/// Gains designed on the very model and step that gradients are taken with.
Assignments discrete_design(const Experiment& e, const char* type) {
  Assignments c = {std::string("controller.type=") + type};
  for (const auto& [key, value] : e.resolved.at("model").items()) {
    const std::string of_design = "model_" + key;
    if (!has(e, "controller", of_design.c_str())) continue;
    c.push_back("controller." + of_design + "=" + value.dump());
  }
  return c;
}

/// The same where the controller has keys that this design has not.
Assignments discrete_design_alone(const Experiment& e, const char* type) {
  const Document& before = e.resolved.at("controller");
  Document controller = {{"type", type}};
  for (const char* key : {"state_weights", "input_weights", "equilibrium"}) {
    if (before.contains(key)) controller[key] = before[key];
  }
  for (const auto& [key, value] : e.resolved.at("model").items()) {
    if (before.contains("model_" + key)) controller["model_" + key] = value;
  }
  return {"controller=" + controller.dump()};
}

Assignments integrator(const char* name) { return {std::string("model.integrator=") + name}; }

std::optional<RemedyTrial> tried(const Experiment& experiment, const Assignments& change) {
  try {
    const Experiment e = changed(experiment, change);
    Probe probe(e, initial_policies({{&e}, 1}, policy_parameters(e)), trial_rollouts, 0);
    RemedyTrial trial;
    trial.set = change;
    if (const auto a = probe.alpha(Derivatives::model)) trial.alpha_model = a->value;
    if (const auto a = probe.alpha(Derivatives::plant)) trial.alpha_plant = a->value;
    return trial;
  } catch (const Error&) {
    return std::nullopt;  // this robot has no such choice
  }
}

}  // namespace

Experiment changed(const Experiment& e, const std::vector<std::string>& set) {
  nlohmann::ordered_json document = e.resolved;
  for (const std::string& assignment : set) apply_override(document, assignment);
  return read_experiment(document, e.name + " " + set_text(set));
}

std::string set_text(const std::vector<std::string>& set) {
  std::string text;
  for (const std::string& assignment : set) {
    const bool quoted = assignment.find('{') != std::string::npos;
    text += std::string(text.empty() ? "" : " ") + "--set " + (quoted ? "'" : "") + assignment +
            (quoted ? "'" : "");
  }
  return text;
}

bool RemedyTrial::calm() const {
  return (!alpha_model || *alpha_model < 1) && (!alpha_plant || *alpha_plant < 1) &&
         (alpha_model || alpha_plant);
}

void try_remedies(const Experiment& e, Evidence& evidence) {
  if (!unstable(evidence.alpha_model, evidence.steps) &&
      !unstable(evidence.alpha_plant, evidence.steps)) {
    return;
  }
  const auto try_one = [&](const Assignments& change) {
    auto trial = tried(e, change);
    if (trial) evidence.trials.push_back(std::move(*trial));
    return trial.has_value();
  };
  try_one(half_step(e));
  if (has(e, "controller", "type")) {
    for (const char* type : {"lqr_discrete", "lqr"}) {
      if (e.resolved.at("controller").at("type") == type) continue;
      if (!try_one(discrete_design(e, type))) try_one(discrete_design_alone(e, type));
    }
  }
  for (const char* name : {"semi_implicit", "rk4"}) {
    if (has(e, "model", "integrator") && e.resolved.at("model").at("integrator") != name) {
      try_one(integrator(name));
    }
  }
}

}  // namespace phigrad
