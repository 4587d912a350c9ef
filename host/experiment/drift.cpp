#include "host/experiment/drift.hpp"

#include <algorithm>
#include <cstdlib>

#include "host/config/overrides.hpp"
#include "host/config/place.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

struct DriftingNumber {
  std::string key;
  double from, to;
};

DriftingNumber parsed(const std::string& entry, const std::string& place) {
  const std::size_t equals = entry.find('=');
  const std::size_t dots = entry.find("..", equals == std::string::npos ? 0 : equals);
  DriftingNumber n{};
  bool is_whole = false;
  if (equals != std::string::npos && dots != std::string::npos) {
    const std::string from = entry.substr(equals + 1, dots - equals - 1);
    const std::string to = entry.substr(dots + 2);
    char *from_end = nullptr, *to_end = nullptr;
    n = {entry.substr(0, equals), std::strtod(from.c_str(), &from_end),
         std::strtod(to.c_str(), &to_end)};
    is_whole = !from.empty() && !to.empty() && *from_end == '\0' && *to_end == '\0';
  }
  if (!is_whole) {
    throw Error(Exit::input, "'" + entry + "' does not say what drifts", place + ": rollout.drift",
                "write \"plant.accel_gain=11.25..7\"");
  }
  return n;
}

bool same_but_for_packs(const RobotSetup& a, const RobotSetup& b) {
  return a.kernels == b.kernels && a.objective == b.objective && a.schedule == b.schedule &&
         a.plant_integrator == b.plant_integrator && a.model_integrator == b.model_integrator &&
         a.steps_per_segment == b.steps_per_segment;
}

bool drifts(const std::string& key) {
  for (const char* section : {"plant.", "model.", "controller."}) {
    if (key.rfind(section, 0) == 0) return true;
  }
  return false;
}

}  // namespace

Experiment drifted(const Experiment& e, int iteration) {
  if (e.common.rollout.drift.empty()) return e;
  const int last = std::max(e.common.optimiser.iterations - 1, 1);
  const double share = std::min(1.0, static_cast<double>(iteration) / last);
  nlohmann::ordered_json document = e.resolved;
  bool is_of_packs = true;
  for (const std::string& entry : e.common.rollout.drift) {
    const DriftingNumber n = parsed(entry, e.name);
    is_of_packs = is_of_packs && drifts(n.key);
    apply_override(document, n.key + "=" + number_text(n.from + share * (n.to - n.from)));
  }
  Experiment now = read_experiment(document, e.name + ", iteration " + std::to_string(iteration));
  now.common.seed = e.common.seed;  // a study's cells have seeds and steps of their own
  now.common.optimiser.step = e.common.optimiser.step;
  if (!is_of_packs || !same_but_for_packs(e.setup, now.setup)) {
    throw Error(Exit::input, "what drifts is no number of the plant, the model or the controller",
                e.name + ": rollout.drift", "change the rest by a sweep");
  }
  return now;
}

}  // namespace phigrad
