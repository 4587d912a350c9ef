// Numbers with which any registered bundle runs: packs, schedules, parameters and starts at random,
// on no special value. They mean nothing, but stay finite over the short horizons of tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "host/engine/device.hpp"
#include "host/engine/engine.hpp"
#include "host/engine/kernel_registry.hpp"
#include "kernels/entry/robot_kernels.hpp"
#include "tests/support/bits.hpp"
#include "tests/support/random_numbers.hpp"

namespace phigrad {

/// Printed in the names and messages of parametrised tests.
inline std::ostream& operator<<(std::ostream& out, const KernelEntry& e) {
  return out << e.kernels << ' ' << e.precision << ' ' << e.flavour;
}
inline std::string test_name(const ::testing::TestParamInfo<KernelEntry>& info) {
  return info.param.kernels + "_" + info.param.precision + "_" + info.param.flavour;
}

/// Whether all but a kernel or two of a bundle are another bundle's: on another plant, or with a
/// model that is learned.
inline bool is_variant(const std::string& kernels) {
  for (const char* of : {"_single_track", "_identified", "_learned"}) {
    if (kernels.find(of) != std::string::npos) return true;
  }
  return false;
}

/// The tables of kernels that this machine can run, on its CPU and on its GPU.
inline std::vector<KernelEntry> runnable_entries() {
  std::vector<std::string> usable = usable_cpu_flavours();
  if (cuda_obstacle().empty()) usable.emplace_back("cuda");
  std::vector<KernelEntry> entries;
  for (const KernelEntry& e : kernel_entries()) {
    if (std::find(usable.begin(), usable.end(), e.flavour) == usable.end()) continue;
    // Of variants one flavour is enough.
    if (is_variant(e.kernels) && e.flavour != usable.front() && e.flavour != "cuda") continue;
    entries.push_back(e);
  }
  return entries;
}

/// What a table says of its bundle, whatever its precision.
struct BundleSizes {
  int nx, nu, nz, n_schedule, width, plant, model, policy, objective;
  bool ragged_setpoints, own_state;
  Integrator plant_integrator, model_integrator;
  int (*parameters)(int segments);
};

template <class S>
BundleSizes sizes_from(const KernelEntry& e) {
  const auto& k = *static_cast<const RobotKernels<S>*>(e.entry());
  const auto first = [](unsigned built_in) {
    int i = 0;
    while ((built_in >> i & 1U) == 0) ++i;
    return static_cast<Integrator>(i);
  };
  return {k.nx,
          k.nu,
          k.nz,
          k.n_schedule,
          k.width,
          k.plant_size,
          k.model_size,
          k.policy_size,
          k.objective_size,
          k.has_setpoint_command,
          k.plant_has_own_state,
          first(k.plant_integrators),
          first(k.model_integrators),
          k.parameters};
}
inline BundleSizes sizes_of(const KernelEntry& e) {
  return e.precision == "float" ? sizes_from<float>(e) : sizes_from<double>(e);
}

/// One bundle in one precision and flavour, with the numbers of any batch of it. Numbers belong to
/// a trajectory or policy by its index, not to its place in the batch.
class EngineCase {
 public:
  explicit EngineCase(const KernelEntry& e) : entry(e), size(sizes_of(e)) {}

  KernelEntry entry;
  BundleSizes size;

  EngineSpec spec(const BatchShape& shape) const {
    EngineSpec s;
    s.kernels = entry.kernels;
    s.precision = entry.precision;
    s.backend = entry.flavour == "cuda" ? "cuda" : "cpu";
    if (s.backend == "cpu") s.flavour = entry.flavour;
    s.threads = 1;
    s.plant_integrator = size.plant_integrator;
    s.model_integrator = size.model_integrator;
    s.policy = draw(0, 0, size.policy, 0.3, 0.9);
    s.objective = draw(1, 0, size.objective, 0.3, 0.9);
    if (entry.kernels == "car_oval") {  // with the numbers drawn it stands at its limits all along
      for (int i = 1; i <= 2; ++i) s.policy[s.policy.size() - static_cast<std::size_t>(i)] = 20;
    }
    s.schedule = draw(2, 0, shape.slots() * size.n_schedule, 0.1, 0.4);
    return s;
  }

  std::vector<double> plant(std::size_t trajectory) const {
    return draw(3, trajectory, size.plant, 0.4, 0.8);
  }
  std::vector<double> model(std::size_t trajectory) const {
    const bool is_network = entry.kernels.find("_learned") != std::string::npos;
    return draw(4, trajectory, size.model, is_network ? -0.3 : 0.4, is_network ? 0.3 : 0.8);
  }
  std::vector<double> start(std::size_t trajectory) const {
    return draw(5, trajectory, size.nx, 0.2, 0.7);
  }
  double start_time(std::size_t trajectory) const { return draw(6, trajectory, 1, 0, 3)[0]; }
  std::vector<double> theta(std::size_t policy, int segments) const {
    return draw(7, policy, size.parameters(segments), -0.3, 0.3);
  }

  /// A recorded trajectory: any numbers, segments of 0 to K samples.
  GridTrajectory recorded(std::size_t trajectory, const BatchShape& shape) const {
    GridTrajectory g;
    const int slots = shape.slots();
    g.states = draw(8, trajectory, (slots + 1) * size.nx, 0.2, 0.7);
    g.inputs = draw(9, trajectory, slots * size.nu, -0.3, 0.3);
    g.decisions = draw(10, trajectory, (shape.segments + 1) * size.nz, 0.1, 0.5);
    g.segment_time = draw(11, trajectory, shape.segments, 0, 3);
    std::sort(g.segment_time.begin(), g.segment_time.end());
    g.since_refresh = draw(12, trajectory, slots, 0, 0.1);
    g.decided_at = draw(13, trajectory, shape.segments * size.nx, 0.2, 0.7);
    for (const double x : draw(14, trajectory, shape.segments, 0, 1)) {
      g.count.push_back(static_cast<int>(x * (shape.steps_per_segment + 1)));
    }
    if (size.ragged_setpoints) g.setpoints = draw(15, trajectory, slots * 6, 0.1, 0.5);
    return g;
  }

 private:
  static std::vector<double> draw(std::uint64_t what, std::size_t index, int n, double low,
                                  double high) {
    return random_numbers(100 + what, index, static_cast<std::size_t>(n), low, high);
  }
};

/// Trajectories (and their policies' numbers) by index, in a batch.
struct Members {
  std::vector<std::size_t> trajectories;  // [B]
  std::vector<std::size_t> policies;      // [P]

  /// Trajectories 0 … n − 1 of policy 0.
  static Members first(std::size_t n) {
    Members m;
    for (std::size_t b = 0; b < n; ++b) m.trajectories.push_back(b);
    m.policies = {0};
    return m;
  }

  BatchShape shape(int segments, int steps) const {
    BatchShape s;
    s.policies = static_cast<int>(policies.size());
    s.rollouts = static_cast<int>(trajectories.size() / policies.size());
    s.segments = segments;
    s.steps_per_segment = steps;
    s.dt = 0.02;
    return s;
  }
};

/// Packs and policies of the members; the batch itself comes from start() or load().
inline void set_numbers(const EngineCase& c, const Members& m, Engine& engine) {
  std::vector<double> theta, plant, model;
  const auto add = [](std::vector<double>& to, const std::vector<double>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  for (const std::size_t p : m.policies) add(theta, c.theta(p, engine.shape().segments));
  for (const std::size_t b : m.trajectories) {
    add(plant, c.plant(b));
    add(model, c.model(b));
  }
  engine.set_policies(theta);
  engine.set_plant(plant);
  engine.set_model(model);
}

/// Simulates the members from their starts, of which that of member `lost` is not finite (−1:
/// none).
inline void simulate_members(const EngineCase& c, const Members& m, Engine& engine, int lost = -1) {
  std::vector<double> states, times;
  for (const std::size_t b : m.trajectories) {
    const std::vector<double> x = c.start(b);
    states.insert(states.end(), x.begin(), x.end());
    times.push_back(c.start_time(b));
  }
  if (lost >= 0) states[static_cast<std::size_t>(lost * c.size.nx)] = std::nan("");
  engine.simulate(states, times);
}

/// What engines give of a batch as rows of numbers to compare: scores and gradient of all of it,
/// and the samples, decisions and their gradient of some trajectories.
inline std::vector<double> results_of(Engine& engine, const Windows& windows,
                                      const GradientOptions& options,
                                      const std::vector<std::int64_t>& of) {
  Scores scores;
  Gradient gradient;
  engine.score(windows, scores);
  engine.gradient(windows, options, gradient);
  std::vector<double> all = scores.loss;
  for (const auto* v : {&scores.path_error, &gradient.mean, &gradient.variance}) append(all, *v);
  for (const auto* v : {&gradient.used, &gradient.status})
    all.insert(all.end(), v->begin(), v->end());
  for (const std::int64_t b : of) {
    append(all, engine.decision_gradient(b));
    const Trajectory t = engine.trajectory(b);
    for (const auto* v : {&t.states, &t.inputs, &t.decisions}) append(all, *v);
    all.push_back(t.status);
  }
  return all;
}

/// An engine with the members' numbers, simulated.
inline std::unique_ptr<Engine> simulated(const EngineCase& c, const Members& m,
                                         const BatchShape& shape, const EngineSpec& spec) {
  std::unique_ptr<Engine> engine = Engine::create(spec, shape);
  set_numbers(c, m, *engine);
  simulate_members(c, m, *engine);
  return engine;
}
inline std::unique_ptr<Engine> simulated(const EngineCase& c, const Members& m,
                                         const BatchShape& shape) {
  return simulated(c, m, shape, c.spec(shape));
}

}  // namespace phigrad
