#include "host/diagnosis/remedy.hpp"

#include <algorithm>
#include <cmath>

#include "host/diagnosis/thresholds.hpp"
#include "host/statistics/rounded.hpp"

namespace phigrad {
namespace {

/// How much a change is of the experiment: 0 the least.
int weight(const RemedyTrial& trial) {
  const std::string& first = trial.set.front();
  if (first.rfind("model.", 0) == 0) return 0;
  return first.rfind("controller", 0) == 0 ? 1 : 2;
}

}  // namespace

int steps_of_growth(double alpha) {
  return static_cast<int>(std::log(thresholds::growth) / std::log(alpha));
}

std::optional<Remedy> remedy_of(const Evidence& e) {
  const bool model = unstable(e.alpha_model, e.steps), plant = unstable(e.alpha_plant, e.steps);
  if (!model && !plant) return std::nullopt;
  const RemedyTrial* best = nullptr;
  for (const RemedyTrial& t : e.trials) {
    if (t.calm() && (best == nullptr || weight(t) < weight(*best))) best = &t;
  }
  if (best != nullptr) {
    std::string why = "it makes alpha";
    if (best->alpha_model) why += " " + rounded(*best->alpha_model) + " (model)";
    if (best->alpha_plant) why += " " + rounded(*best->alpha_plant) + " (real)";
    return Remedy{best->set, why};
  }
  const double alpha = std::max(model ? e.alpha_model->value : 1, plant ? e.alpha_plant->value : 1);
  const int steps = steps_of_growth(alpha);
  if (steps < 1) return std::nullopt;
  return Remedy{{"gradient.truncate_steps=" + std::to_string(steps)},
                "sensitivities then grow by " + rounded(thresholds::growth) + " at most"};
}

}  // namespace phigrad
