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

bool same_but_for_packs(const Experiment& a, const Experiment& b) {
  const RobotSetup &x = a.setup, &y = b.setup;
  return x.kernels == y.kernels && x.objective == y.objective && x.schedule == y.schedule &&
         x.plant_integrator == y.plant_integrator && x.model_integrator == y.model_integrator &&
         x.steps_per_segment == y.steps_per_segment &&
         a.common.rollout.dt_s == b.common.rollout.dt_s &&
         a.common.rollout.segments == b.common.rollout.segments &&
         a.common.rollout.per_update == b.common.rollout.per_update &&
         a.common.gradient.drop_segments == b.common.gradient.drop_segments &&
         a.common.gradient.window_segments == b.common.gradient.window_segments &&
         a.common.optimiser.iterations == b.common.optimiser.iterations;
}

}  // namespace

Experiment drifted(const Experiment& e, int iteration) {
  if (e.common.rollout.drift.empty()) return e;
  const int last = std::max(e.common.optimiser.iterations - 1, 1);
  const double share = std::min(1.0, static_cast<double>(iteration) / last);
  nlohmann::ordered_json document = e.resolved;
  for (const std::string& entry : e.common.rollout.drift) {
    const DriftingNumber n = parsed(entry, e.name);
    apply_override(document, n.key + "=" + number_text(n.from + share * (n.to - n.from)));
  }
  Experiment now = read_experiment(document, e.name + ", iteration " + std::to_string(iteration));
  now.common.seed = e.common.seed;  // a study's cells have seeds and steps of their own
  now.common.optimiser.step = e.common.optimiser.step;
  if (!same_but_for_packs(e, now)) {
    throw Error(Exit::input, "what drifts is no number of the plant, the model or the controller",
                e.name + ": rollout.drift", "change the rest by a sweep");
  }
  return now;
}

}  // namespace phigrad
