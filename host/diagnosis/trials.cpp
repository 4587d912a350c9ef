#include "host/diagnosis/trials.hpp"

#include <nlohmann/json.hpp>

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

struct Change {
  std::string text;
  Document document;
};

/// Half the step over the same time: twice the steps of a segment where the config has those.
Change half_step(const Experiment& e) {
  Change c{"--set rollout.dt_s=" + number_text(e.common.rollout.dt_s / 2), e.resolved};
  c.document["rollout"]["dt_s"] = e.common.rollout.dt_s / 2;
  if (has(e, "policy", "steps_per_segment")) {
    c.document["policy"]["steps_per_segment"] = 2 * e.setup.steps_per_segment;
    c.text += " --set policy.steps_per_segment=" + std::to_string(2 * e.setup.steps_per_segment);
  } else {
    c.document["rollout"]["segments"] = 2 * e.common.rollout.segments;
    c.text += " --set rollout.segments=" + std::to_string(2 * e.common.rollout.segments);
  }
  return c;
}

/// Gains designed on the very model and step that gradients are taken with.
Change discrete_design(const Experiment& e, const char* type) {
  Change c{std::string("--set controller.type=") + type, e.resolved};
  Document& controller = c.document["controller"];
  const Document before = controller;
  controller = {{"type", type}};
  for (const char* key : {"state_weights", "input_weights", "equilibrium"}) {
    if (before.contains(key)) controller[key] = before[key];
  }
  for (const auto& [key, value] : c.document["model"].items()) {
    const std::string of_design = "model_" + key;
    if (!before.contains(of_design)) continue;
    controller[of_design] = value;
    c.text += " --set controller." + of_design + "=" + value.dump();
  }
  return c;
}

Change integrator(const Experiment& e, const char* name) {
  Change c{std::string("--set model.integrator=") + name, e.resolved};
  c.document["model"]["integrator"] = name;
  return c;
}

std::optional<RemedyTrial> tried(const Change& change) {
  try {
    const Experiment e = read_experiment(change.document, change.text);
    Probe probe(e, initial_policies({{&e}, 1}, policy_parameters(e)), trial_rollouts, 0);
    RemedyTrial trial;
    trial.change = change.text;
    if (const auto a = probe.alpha(Derivatives::model)) trial.alpha_model = a->value;
    if (const auto a = probe.alpha(Derivatives::plant)) trial.alpha_plant = a->value;
    return trial;
  } catch (const Error&) {
    return std::nullopt;  // this robot has no such choice
  }
}

}  // namespace

void try_remedies(const Experiment& e, Evidence& evidence) {
  if (!unstable(evidence.alpha_model, evidence.steps) &&
      !unstable(evidence.alpha_plant, evidence.steps)) {
    return;
  }
  std::vector<Change> changes = {half_step(e)};
  if (has(e, "controller", "type")) {
    for (const char* type : {"lqr_discrete", "lqr"}) {
      if (e.resolved.at("controller").at("type") != type) {
        changes.push_back(discrete_design(e, type));
      }
    }
  }
  for (const char* name : {"semi_implicit", "rk4"}) {
    if (has(e, "model", "integrator") && e.resolved.at("model").at("integrator") != name) {
      changes.push_back(integrator(e, name));
    }
  }
  for (const Change& change : changes) {
    if (auto trial = tried(change)) evidence.trials.push_back(std::move(*trial));
  }
}

}  // namespace phigrad
