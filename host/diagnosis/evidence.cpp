#include "host/diagnosis/evidence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/diagnosis/engines.hpp"
#include "host/diagnosis/policy_probe.hpp"
#include "host/diagnosis/probe.hpp"
#include "host/diagnosis/stream_numbers.hpp"
#include "host/diagnosis/thresholds.hpp"
#include "host/diagnosis/trials.hpp"
#include "host/experiment/cohort.hpp"
#include "host/experiment/evaluation.hpp"
#include "host/experiment/run_report.hpp"
#include "host/experiment/simulated_source.hpp"
#include "host/replay/replay.hpp"
#include "host/rollouts/stored_rollout.hpp"
#include "host/support/error.hpp"
#include "host/train/optimiser.hpp"

namespace phigrad {
namespace {

constexpr int simulated_rollouts = 8;      // enough for intervals; a lane each
constexpr std::size_t most_recorded = 64;  // looked at; evenly chosen from more

/// What gradient descent, clipped as the config says, would do next; empty for other optimisers.
std::vector<double> next_update(const Experiment& e, std::vector<double> gradient) {
  const OptimiserSettings& o = e.common.optimiser;
  if (o.type != OptimiserKind::gradient_descent) return {};
  const double norm = gradient_norms(gradient, 1).front();
  const double factor = o.clip_norm > 0 && norm > o.clip_norm ? o.clip_norm / norm : 1.0;
  for (double& g : gradient) g *= -o.step * factor;
  return gradient;
}

std::vector<LoggedRollout> evenly_chosen(std::vector<LoggedRollout> all) {
  if (all.size() <= most_recorded) return all;
  std::vector<LoggedRollout> chosen;
  for (std::size_t i = 0; i < most_recorded; ++i) {
    chosen.push_back(std::move(all[i * all.size() / most_recorded]));
  }
  return chosen;
}

std::vector<double> policy_of(const Experiment& e, const Material& m) {
  return m.theta.empty() ? initial_policies({{&e}, 1}, policy_parameters(e)) : m.theta;
}

void look_at_policy(const Experiment& e, const Material& m, const std::vector<double>& theta,
                    Evidence& out) {
  if (e.setup.network.empty()) return;
  const auto rollout = rollout_to_look_at(e, m);
  if (!rollout) return;
  const OutputSlopes slopes = output_slopes(e, theta, *rollout);
  for (std::size_t c = 0; c < slopes.now.size(); ++c) {
    // An output that is scaled to nothing is meant to be dead.
    if (slopes.idle[c] == 0) continue;
    out.output_slopes.push_back(
        {decision_name(e.setup, static_cast<int>(c)), slopes.now[c] / slopes.idle[c]});
  }
}

void look_at_plant(const Experiment& e, const Material& m, Evidence& out) {
  const std::vector<double> theta = policy_of(e, m);
  const int iteration = m.iterations.empty() ? 0 : m.iterations.back().index + 1;
  Probe probe(e, theta, simulated_rollouts, iteration);
  probe.measure(out);
  out.gathered_from = std::to_string(out.rollouts) + " simulated rollouts of " +
                      std::to_string(out.steps) + " steps";
  look_at_policy(e, m, theta, out);
  if (out.left_the_numbers == out.rollouts) return;
  const std::vector<double> update = m.update.empty() ? next_update(e, probe.gradient()) : m.update;
  if (update.empty()) {
    out.unknown.emplace_back("whether the step is long enough: Adam's next step needs its state");
    return;
  }
  if (!out.gradient_is_zero)
    out.line = costs_along(e, theta, update, simulated_rollouts / 2, iteration);
}

void look_at_record(const Experiment& e, const Material& m, Evidence& out) {
  std::vector<LoggedRollout> good;
  for (const LoggedRollout& r : m.rollouts) {
    if (sound(r)) good.push_back(r);
  }
  if (good.empty()) {
    out.unknown.emplace_back("loops, gradients, saturation: no sound rollout is on record");
    return;
  }
  Probe(e, good).measure(out);
  out.gathered_from = std::to_string(out.rollouts) + " rollouts on record of up to " +
                      std::to_string(out.steps) + " steps";
  if (!m.theta.empty()) look_at_policy(e, m, m.theta, out);
  out.unknown.emplace_back("whether the step is long enough: the plant cannot be driven from here");
}

}  // namespace

bool unstable(const std::optional<Estimate>& alpha, int steps) {
  if (!alpha || !(alpha->value > 1) || alpha->low <= 1) return false;
  return steps * std::log(alpha->value) > std::log(thresholds::growth);
}

std::optional<LoggedRollout> rollout_to_look_at(const Experiment& e, const Material& m) {
  const auto at = std::find_if(m.rollouts.rbegin(), m.rollouts.rend(), sound);
  if (at != m.rollouts.rend()) return *at;
  if (!m.simulated) return std::nullopt;
  SimulatedSource source({{&e}, 1});
  const auto engine = double_engine(e, source.shape());
  const std::vector<double> theta = policy_of(e, m);
  engine->set_policies(theta);
  source.next(0, theta, *engine);
  return source.logged(*engine, 0);
}

std::string decision_name(const RobotSetup& setup, int i) {
  const auto at = static_cast<std::size_t>(i);
  return at < setup.decisions.size() ? setup.decisions[at] : "decision " + std::to_string(i);
}

Evidence gather(const Experiment& e, const Material& m) {
  Evidence out;
  out.iterations = m.iterations;
  if (m.simulated) out.planned_updates = e.common.optimiser.iterations;
  if (!m.rollouts.empty()) out.stream = stream_numbers(e, m.rollouts);
  if (!out.stream.not_replayed.empty()) {
    out.unknown.push_back("commands: " + out.stream.not_replayed);
  }
  if (m.simulated) {
    look_at_plant(e, m, out);
    try_remedies(e, out);
  } else {
    look_at_record(e, m, out);
  }
  if (out.iterations.size() < 2) {
    out.unknown.emplace_back("trend and relapses: fewer than two iterations");
  }
  return out;
}

std::vector<IterationNumbers> iterations_of(const RunStore& store) {
  const RunCurve curve = curve_of(store);
  std::vector<IterationNumbers> all;
  for (std::size_t i = 0; i < curve.cost.size(); ++i) {
    all.push_back({static_cast<int>(i), curve.cost[i].mean, curve.gradient_norm[i].mean,
                   curve.path_error[i].mean});
  }
  return all;
}

Material material_of_run(const Experiment& e, const RunStore& store) {
  Material m;
  m.iterations = iterations_of(store);
  m.simulated = !e.common.rollout.live && e.common.rollout.logs.empty();
  const auto first_of = [](const Array& policies) {
    std::vector<double> theta = policies.values<double>();
    theta.resize(static_cast<std::size_t>(policies.shape.at(1)));
    return theta;
  };
  if (const std::optional<Checkpoint> last = store.latest()) {
    m.theta = first_of(last->policies);
    const auto before =
        last->iteration > 0 ? store.policies(last->iteration - 1) : store.policy("initial");
    if (before) {
      m.update = m.theta;
      const std::vector<double> from = first_of(*before);
      for (std::size_t i = 0; i < from.size(); ++i) m.update[i] -= from[i];
    }
    // A policy that was not updated, or rolled back, says nothing of the step.
    const bool moved =
        std::any_of(m.update.begin(), m.update.end(), [](double v) { return v != 0; });
    if (!moved || e.common.optimiser.type == OptimiserKind::gradient_descent) m.update.clear();
  } else if (const std::optional<Array> initial = store.policy("initial")) {
    m.theta = first_of(*initial);
  }
  int index = 0;
  for (int i = 0; i <= store.next_iteration(); ++i) {
    for (const StoredRollout& stored : store.rollouts(i)) {
      m.rollouts.push_back(logged_rollout(stored, store.directory().string(), index++));
    }
  }
  m.rollouts = evenly_chosen(std::move(m.rollouts));
  return m;
}

Material material_of_logs(const Experiment& e, const std::vector<std::filesystem::path>& logs) {
  Material m;
  m.simulated = false;
  for (const std::filesystem::path& log : logs) {
    for (LoggedRollout& r : read_rollouts(log, e.setup)) m.rollouts.push_back(std::move(r));
  }
  ReplayOptions options;
  options.backend = "cpu";
  options.growth = false;
  const std::vector<ReplayedRollout> replayed = replay_rollouts(e, m.rollouts, options).rollouts;
  const auto each = static_cast<std::size_t>(e.common.rollout.per_update);
  for (std::size_t first = 0; first + each <= replayed.size(); first += each) {
    IterationNumbers n;
    n.index = static_cast<int>(first / each);
    for (std::size_t r = first; r < first + each; ++r) {
      n.cost += replayed[r].loss / static_cast<double>(each);
      n.gradient_norm += replayed[r].gradient_norm / static_cast<double>(each);
      n.path_error += replayed[r].path_error / static_cast<double>(each);
    }
    m.iterations.push_back(n);
  }
  m.rollouts = evenly_chosen(std::move(m.rollouts));
  return m;
}

}  // namespace phigrad
