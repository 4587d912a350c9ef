// Training where the policies lie has the bits of the host's loop, whatever the backend, and takes
// the memory that was planned.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "host/engine/engine_plan.hpp"
#include "host/support/error.hpp"
#include "host/train/optimiser.hpp"
#include "tests/support/bits.hpp"
#include "tests/support/engine_case.hpp"

namespace phigrad {
namespace {

constexpr int segments = 3, steps = 4;
constexpr int iterations = 5;

struct Many {
  int policies, rollouts, rules;
};
// Policies a lane and beyond a block; several rollouts, of which a block is of one or many; enough
// for teams of threads in two parts.
const Many sizes[] = {{1, 1, 1}, {21, 1, 3}, {3, 2, 1}, {6, 19, 2}, {2, 1100, 2}};

class TrainingInPlace : public ::testing::TestWithParam<KernelEntry> {
 protected:
  const EngineCase case_{GetParam()};
  const Expectation asked_{{0, 2, {segments}}, {Chain::rollout, 0, false}};

  BatchShape shape(const Many& n) const {
    BatchShape s;
    s.policies = n.policies;
    s.rollouts = n.rollouts;
    s.segments = segments;
    s.steps_per_segment = steps;
    s.dt = 0.02;
    return s;
  }

  /// Members of the batch: the policies 0 … P − 1, each with rollouts of its own.
  Members members(const Many& n) const {
    Members m;
    for (int p = 0; p < n.policies; ++p) m.policies.push_back(static_cast<std::size_t>(p));
    for (int b = 0; b < n.policies * n.rollouts; ++b) {
      m.trajectories.push_back(static_cast<std::size_t>(b));
    }
    return m;
  }

  std::unique_ptr<Engine> engine(const Many& n, EngineSpec spec) const {
    spec.threads = 2;
    auto e = Engine::create(spec, shape(n));
    set_numbers(case_, members(n), *e);
    return e;
  }
  EngineSpec spec(const Many& n) const { return case_.spec(shape(n)); }

  std::vector<double> initial(const Many& n) const {
    std::vector<double> theta;
    for (int p = 0; p < n.policies; ++p) {
      append(theta, case_.theta(static_cast<std::size_t>(p), segments));
    }
    return theta;
  }

  /// Starts of an iteration. In the second some rollouts leave the numbers, in the third all of
  /// policy 0.
  void add_starts(const Many& n, int iteration, bool at_one_time, TrainingStarts& s) const {
    for (int b = 0; b < n.policies * n.rollouts; ++b) {
      const auto drawn = static_cast<std::size_t>(1000 * iteration + b);
      const bool lost = (iteration == 1 && n.rollouts > 1 && b % 7 == 3) ||
                        (iteration == 2 && n.policies > 1 && b < n.rollouts);
      append(s.states,
             lost ? std::vector<double>(static_cast<std::size_t>(case_.size.nx), std::nan(""))
                  : case_.start(drawn));
      s.times.push_back(at_one_time ? 0.5 : case_.start_time(drawn));
    }
    ++s.iterations;
  }

  Disturbance noise(const Many& n, int iteration) const {
    Disturbance d;
    d.deviation.assign(static_cast<std::size_t>(case_.size.nx + case_.size.nu), 0.01);
    for (int b = 0; b < n.policies * n.rollouts; ++b) {
      d.keys.push_back(
          {{5, 0}, static_cast<std::uint32_t>(b), static_cast<std::uint32_t>(iteration)});
    }
    return d;
  }

  /// What both loops give: scores, norms and counts of each iteration, and the policies behind it.
  struct Outcome {
    std::vector<double> of_iterations, theta;
  };

  static void keep(const TrainingHistory& h, Outcome& into) {
    for (const auto* v : {&h.loss, &h.path_error, &h.gradient_norm}) append(into.of_iterations, *v);
    into.of_iterations.insert(into.of_iterations.end(), h.used.begin(), h.used.end());
    for (double& x : into.of_iterations) x = std::isnan(x) ? std::nan("") : x;
  }

  /// The host's loop.
  Outcome by_host(const Many& n, const OptimiserSettings& settings, bool at_one_time) const {
    Outcome outcome;
    outcome.theta = initial(n);
    const auto e = engine(n, spec(n));
    const int np = e->parameters(), each = n.policies / n.rules;
    std::vector<std::unique_ptr<Optimiser>> optimisers;
    for (int r = 0; r < n.rules; ++r) {
      OptimiserSettings own = settings;
      own.step *= r + 1;
      optimisers.push_back(make_optimiser(own, each, np));
    }
    for (int i = 0; i < iterations; ++i) {
      TrainingStarts s;
      add_starts(n, i, at_one_time, s);
      e->set_policies(outcome.theta);
      e->disturb(noise(n, 7 + i));
      e->simulate(s.states, s.times);
      Scores scores;
      Gradient g;
      e->score(asked_.windows, scores);
      e->gradient(asked_.windows, asked_.options, g);
      TrainingHistory h{scores.loss, scores.path_error, gradient_norms(g.mean, n.policies), g.used,
                        g.status};
      for (std::size_t p = 0; p < g.used.size(); ++p) {
        if (g.used[p] == 0) h.gradient_norm[p] = std::nan("");
      }
      keep(h, outcome);
      for (int r = 0; r < n.rules; ++r) {
        const auto first = static_cast<std::size_t>(r * each);
        const std::size_t at = first * static_cast<std::size_t>(np);
        optimisers[static_cast<std::size_t>(r)]->step(outcome.theta.data() + at, g.mean.data() + at,
                                                      g.used.data() + first);
      }
    }
    return outcome;
  }

  /// Where the policies lie, in calls of as many iterations as it takes, or of two.
  Outcome in_place(const Many& n, const OptimiserSettings& settings, bool at_one_time,
                   const EngineSpec& with) const {
    Outcome outcome;
    const auto e = engine(n, with);
    std::vector<UpdateRule> rules;
    rules.reserve(static_cast<std::size_t>(n.rules));
    for (int r = 0; r < n.rules; ++r) {
      rules.push_back({settings.type == OptimiserKind::adam, settings.step * (r + 1),
                       settings.clip_norm, settings.beta1, settings.beta2, settings.epsilon});
    }
    e->begin_training(initial(n), rules, iterations);
    const int at_once = std::clamp(e->iterations_at_once(asked_), 1, 2);
    for (int i = 0; i < iterations;) {
      TrainingStarts s;
      s.asked = asked_;
      s.noise_iteration = static_cast<std::uint32_t>(7 + i);
      for (int k = 0; k < at_once && i + k < iterations; ++k) add_starts(n, i + k, at_one_time, s);
      e->disturb(noise(n, 7 + i));
      TrainingHistory all;
      e->train(s, all);
      for (int k = 0; k < s.iterations; ++k) {
        const auto part = [&](const auto& values) {
          const auto size = static_cast<std::ptrdiff_t>(values.size()) / s.iterations;
          return std::decay_t<decltype(values)>(values.begin() + k * size,
                                                values.begin() + (k + 1) * size);
        };
        keep({part(all.loss), part(all.path_error), part(all.gradient_norm), part(all.used), {}},
             outcome);
      }
      i += s.iterations;
    }
    outcome.theta = e->trained();
    return outcome;
  }
};

OptimiserSettings adam(double clip_norm) {
  OptimiserSettings o;
  o.type = OptimiserKind::adam;
  o.step = 0.01;
  o.clip_norm = clip_norm;
  return o;
}
OptimiserSettings descent(double clip_norm) {
  OptimiserSettings o;
  o.step = 1e-3;
  o.clip_norm = clip_norm;
  return o;
}

// Breaks when a start, time or noise is another iteration's; when a policy goes by another one's
// rule, gradient, moments or number of updates, or moves although no rollout of it has a gradient;
// when a norm is added up in another order; when padding counts; when θ is not what kernels read.
TEST_P(TrainingInPlace, HasTheBitsOfTheHostsLoop) {
  for (const Many& n : sizes) {
    for (const OptimiserSettings& o : {descent(0), descent(0.1), adam(0), adam(0.1)}) {
      for (const bool at_one_time : {false, true}) {
        if (n.rollouts > 100 && (at_one_time || o.clip_norm > 0)) continue;  // takes long
        const Outcome expected = by_host(n, o, at_one_time);
        const Outcome outcome = in_place(n, o, at_one_time, spec(n));
        const auto what = [&] {
          return std::to_string(n.policies) + " policies of " + std::to_string(n.rollouts) +
                 (o.type == OptimiserKind::adam ? ", Adam" : ", descent") + ", clipped at " +
                 std::to_string(o.clip_norm);
        };
        ASSERT_EQ(differing_bits(outcome.of_iterations, expected.of_iterations), 0U) << what();
        ASSERT_EQ(differing_bits(outcome.theta, expected.theta), 0U) << what();
      }
    }
  }
}

// Breaks when a chunk's policies are moved by another chunk's gradients, or samples that are
// simulated again are those of policies that moved meanwhile.
TEST_P(TrainingInPlace, DoesNotDependOnChunksOrTape) {
  for (const Many& n : {sizes[1], sizes[3]}) {
    const Outcome expected = in_place(n, adam(0.1), false, spec(n));
    EngineSpec other = spec(n);
    other.chunk_blocks = 1;
    for (const Tape tape : {Tape::store, Tape::recompute}) {
      other.tape = tape;
      const Outcome outcome = in_place(n, adam(0.1), false, other);
      EXPECT_EQ(differing_bits(outcome.of_iterations, expected.of_iterations), 0U);
      EXPECT_EQ(differing_bits(outcome.theta, expected.theta), 0U);
    }
  }
}

// Breaks when a buffer is made that the plan does not know.
TEST_P(TrainingInPlace, TakesTheMemoryThatWasPlanned) {
  for (const Many& n : sizes) {
    EngineSpec s = spec(n);
    s.asked.disturbance = true;
    s.asked.rules = n.rules;
    s.asked.adam = true;
    s.asked.updates = iterations;
    const EnginePlan plan = plan_engine(s, shape(n));
    const auto e = Engine::create(s, shape(n));
    set_numbers(case_, members(n), *e);
    e->disturb(noise(n, 0));
    e->begin_training(initial(n),
                      std::vector<UpdateRule>(static_cast<std::size_t>(n.rules),
                                              {true, 1e-3, 0, 0.9, 0.99, 1e-8}),
                      iterations);
    TrainingStarts starts;
    starts.asked = asked_;
    add_starts(n, 0, false, starts);
    TrainingHistory history;
    e->train(starts, history);
    EXPECT_EQ(e->memory(), bytes_in(plan.groups, false)) << n.policies << ' ' << n.rollouts;
  }
}

// Breaks when what cannot be trained in place is begun all the same.
TEST_P(TrainingInPlace, IsRefusedWhereItCannotBe) {
  const Many n = sizes[3];
  const auto e = engine(n, spec(n));
  TrainingStarts starts;
  starts.asked = asked_;
  add_starts(n, 0, false, starts);
  TrainingHistory history;
  EXPECT_THROW(e->train(starts, history), Error);
  const UpdateRule rule{true, 1e-3, 0, 0.9, 0.99, 1e-8}, other{false, 1e-3, 0, 0, 0, 0};
  EXPECT_THROW(e->begin_training(initial(n), {rule, other}, 1), Error);
  EXPECT_THROW(e->begin_training(initial(n), {rule, rule, rule, rule}, 1), Error);
  EXPECT_EQ(e->iterations_at_once({asked_.windows, {Chain::rollout, 0, true}}), 0);
  EXPECT_EQ(e->iterations_at_once(
                {asked_.windows, {Chain::rollout, 0, false, Estimator::likelihood_ratio}}),
            0);
}

/// A policy of gains, of a trajectory, and a network: what there is to a policy's parameters.
std::vector<KernelEntry> some_policies() {
  std::vector<KernelEntry> entries = runnable_entries();
  const auto other = [](const KernelEntry& e) {
    return e.kernels != "double_pendulum_linear" && e.kernels != "scalar_trajectory" &&
           e.kernels != "car";
  };
  entries.erase(std::remove_if(entries.begin(), entries.end(), other), entries.end());
  return entries;
}

INSTANTIATE_TEST_SUITE_P(Kernels, TrainingInPlace, ::testing::ValuesIn(some_policies()), test_name);

}  // namespace
}  // namespace phigrad
