#include "host/experiment/redesign.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "host/experiment/learner.hpp"
#include "host/experiment/simulated_source.hpp"

namespace phigrad {
namespace {

constexpr int iterations = 80;
constexpr double step = 0.1;     // of Adam, in corrections over their scales
constexpr double radius = 0.05;  // of central differences, likewise

/// The experiment on the robot as it was identified, its corrections sought by central differences
/// of the simulated cost: these see all of the simulation, its delay too.
Experiment simulated(const Experiment& e, const IdentifiedPack& found, int parameters) {
  nlohmann::ordered_json document = e.resolved;
  document.erase("plant");
  for (const char* of_the_plant : {"faults", "noise", "drift"}) {
    document["rollout"].erase(of_the_plant);
  }
  document.merge_patch(e.setup.simulate_as(found));
  document["rollout"]["per_update"] = 2 * parameters;
  document["gradient"]["estimator"] = "finite_differences";
  document["gradient"]["radius"] = radius;
  document["optimiser"] = {{"type", "adam"}, {"step", step}, {"iterations", iterations}};
  return read_experiment(document, e.name + ", as identified");
}

bool is_finite(const LoggedRollout& r) {
  return std::all_of(r.states.begin(), r.states.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

Redesign::Redesign(const Cohort& cohort, std::string backend)
    : cohort_(cohort), backend_(std::move(backend)) {
  for (int p = 0; p < cohort_.policies(); ++p) known_.emplace_back(cohort_.of(p));
}

void Redesign::take(const Engine& engine, const RolloutSource& source,
                    const std::vector<double>& theta, Gradient& gradient) {
  const auto np = static_cast<std::size_t>(engine.parameters());
  const std::int64_t rollouts = engine.shape().trajectories() / cohort_.policies();
  gradient.mean.assign(theta.size(), 0.0);
  gradient.used.assign(known_.size(), static_cast<int>(rollouts));
  gradient.status.assign(static_cast<std::size_t>(engine.shape().trajectories()), -1);
  // Robots that differ in numbers alone share a batch.
  std::map<int, std::vector<std::size_t>> by_delay;
  std::vector<Experiment> robots;
  for (std::size_t p = 0; p < known_.size(); ++p) {
    for (std::int64_t r = 0; r < rollouts; ++r) {
      const LoggedRollout driven =
          source.logged(engine, static_cast<std::int64_t>(p) * rollouts + r);
      if (is_finite(driven)) known_[p].add(driven);
    }
    robots.emplace_back();
    if (known_[p].is_empty()) {
      gradient.used[p] = 0;
      continue;
    }
    const Experiment& e = cohort_.of(static_cast<int>(p));
    robots.back() = simulated(e, known_[p].pack(), engine.parameters());
    robots.back().common.seed = cohort_.seed_of(static_cast<int>(p));
    by_delay[robots.back().common.rollout.delay_steps()].push_back(p);
  }
  for (const auto& [delay, policies] : by_delay) {
    std::vector<Experiment> alike;
    std::vector<double> start;
    for (const std::size_t p : policies) {
      alike.push_back(robots[p]);
      const auto own = theta.begin() + static_cast<std::ptrdiff_t>(p * np);
      start.insert(start.end(), own, own + static_cast<std::ptrdiff_t>(np));
    }
    const std::vector<double> found = corrections(alike, std::move(start));
    for (std::size_t k = 0; k < policies.size(); ++k) {
      for (std::size_t i = 0; i < np; ++i) {
        gradient.mean[policies[k] * np + i] = theta[policies[k] * np + i] - found[k * np + i];
      }
    }
  }
}

std::vector<double> Redesign::corrections(const std::vector<Experiment>& robots,
                                          std::vector<double> start) const {
  Cohort cohort;
  for (const Experiment& e : robots) cohort.experiments.push_back(&e);
  SimulatedSource source(cohort);
  Learner learner(cohort, source, backend_, true);
  learner.set_theta(std::move(start));
  for (int i = 0; i < iterations;) i += learner.advance(i, iterations, [] {});
  return learner.theta();
}

}  // namespace phigrad
