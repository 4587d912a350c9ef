#include "host/study/watched_loops.hpp"

#include "host/diagnosis/probe.hpp"
#include "host/experiment/drift.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr int watched_rollouts = 16;

WatchedLoop watched(Probe& probe, Derivatives of, int steps) {
  try {
    const std::optional<Estimate> alpha = probe.alpha(of);
    if (!alpha) return {};
    return {alpha->value, probe.radius_at_end(of), unstable(alpha, steps)};
  } catch (const Error&) {
    return {};  // the plant has no derivatives here
  }
}

}  // namespace

WatchedLoops watch_loops(const Cohort& cohort, const std::vector<double>& theta, int iteration) {
  const std::size_t np = theta.size() / static_cast<std::size_t>(cohort.policies());
  WatchedLoops loops;
  for (std::size_t i = 0; i < cohort.experiments.size(); ++i) {
    const Experiment now = drifted(*cohort.experiments[i], iteration);
    const int steps = now.common.rollout.segments * now.setup.steps_per_segment;
    const auto first = theta.begin() +
                       static_cast<std::ptrdiff_t>(i * static_cast<std::size_t>(cohort.seeds) * np);
    Probe probe(now, {first, first + static_cast<std::ptrdiff_t>(np)}, watched_rollouts, iteration);
    const bool is_known = !now.setup.learned_model;
    loops.model.push_back(is_known ? watched(probe, Derivatives::model, steps) : WatchedLoop{});
    loops.plant.push_back(watched(probe, Derivatives::plant, steps));
  }
  return loops;
}

}  // namespace phigrad
