// Samples that are simulated again have the bits of those that are stored, and take the memory that
// was planned.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "host/engine/engine_plan.hpp"
#include "host/support/error.hpp"
#include "tests/support/bits.hpp"
#include "tests/support/engine_case.hpp"

namespace phigrad {
namespace {

class Tapes : public ::testing::TestWithParam<KernelEntry> {
 protected:
  const EngineCase case_{GetParam()};
  static constexpr int lost = 1;  // the member whose start is not finite

  EngineSpec spec(const BatchShape& shape, Tape tape) const {
    EngineSpec s = case_.spec(shape);
    s.tape = tape;
    s.threads = 2;
    s.asked.disturbance = true;
    return s;
  }

  static Members members(std::size_t rollouts) {
    Members m = Members::first(2 * rollouts);
    m.policies = {0, 1};
    return m;
  }

  /// Of every trajectory its own, of states and inputs.
  void disturb(const Members& m, Engine& engine) const {
    Disturbance noise;
    noise.deviation.assign(static_cast<std::size_t>(case_.size.nx + case_.size.nu), 0.01);
    for (const std::size_t b : m.trajectories) {
      noise.keys.push_back({{5, 0}, static_cast<std::uint32_t>(b), 0});
    }
    engine.disturb(noise);
  }

  /// The members' models, of which the third is not finite where there are so many: its adjoint is
  /// lost where it begins, in the last segment.
  void set_models(const Members& m, Engine& engine) const {
    std::vector<double> models;
    for (const std::size_t b : m.trajectories) {
      const std::vector<double> model = case_.model(b);
      append(models, b == 2 ? std::vector<double>(model.size(), std::nan("")) : model);
    }
    engine.set_model(models);
  }

  /// Everything that both can give, in some order.
  static std::vector<double> results(Engine& engine, const Windows& w, const GradientOptions& o) {
    std::vector<double> all =
        results_of(engine, w, o, {0, lost, engine.shape().trajectories() - 1});
    // The sign of what is no number depends on the kernel that met it.
    for (double& x : all) x = std::isnan(x) ? std::nan("") : x;
    return all;
  }
};

struct Grid {
  int segments, steps;
};
// Stretches of four segments, the last of one; of one segment each; of them all.
const Grid grids[] = {{5, 4}, {3, 17}, {4, 2}};

const GradientOptions gradients[] = {
    {Chain::rollout, 0, false}, {Chain::segment, 0, false}, {Chain::segment, 1, false}};

// Breaks when a stretch begins elsewhere than it did, with another decision, noise or time; when λ
// or a status is lost between stretches, or a padded or lost trajectory counts.
TEST_P(Tapes, GiveTheSameBits) {
  for (const Grid& grid : grids) {
    for (const std::size_t rollouts : {1U, 19U}) {
      const Members m = members(rollouts);
      const BatchShape shape = m.shape(grid.segments, grid.steps);
      const auto stored = Engine::create(spec(shape, Tape::store), shape);
      const auto again = Engine::create(spec(shape, Tape::recompute), shape);
      for (Engine* e : {stored.get(), again.get()}) {
        set_numbers(case_, m, *e);
        set_models(m, *e);
        disturb(m, *e);
        simulate_members(case_, m, *e, lost);
      }
      const Windows windows{1, 2, {grid.segments - 0.5}};
      for (GradientOptions options : gradients) {
        options.variance = rollouts > 1;
        const std::vector<double> expected = results(*stored, windows, options);
        again->expect(std::nullopt);
        simulate_members(case_, m, *again, lost);
        EXPECT_EQ(differing_bits(results(*again, windows, options), expected), 0U)
            << "segments of " << grid.steps << ", chain " << static_cast<int>(options.chain);
        again->expect(Expectation{windows, options});
        for (int i = 0; i < 2; ++i) {
          simulate_members(case_, m, *again, lost);
          EXPECT_EQ(differing_bits(results(*again, windows, options), expected), 0U)
              << "expected, segments of " << grid.steps << ", chain "
              << static_cast<int>(options.chain);
        }
      }
      // Of other policies than the batch was simulated under.
      std::vector<double> other;
      for (const std::size_t p : {3U, 4U}) append(other, case_.theta(p, grid.segments));
      for (Engine* e : {stored.get(), again.get()}) e->set_policies(other);
      EXPECT_EQ(differing_bits(results(*again, windows, gradients[0]),
                               results(*stored, windows, gradients[0])),
                0U);
    }
  }
}

// Breaks when samples are stored all the same, or a buffer is made that the plan does not know.
TEST_P(Tapes, TakeAnEighthOfTheSamples) {
  const Members m = members(20);
  const BatchShape shape = m.shape(50, 10);
  const auto samples = [&](Tape tape) {
    EngineSpec s = spec(shape, tape);
    s.asked.stretch = 1;
    const EnginePlan plan = plan_engine(s, shape);
    const auto engine = Engine::create(s, shape);
    set_numbers(case_, m, *engine);
    disturb(m, *engine);
    engine->expect(Expectation{{1, 2, {50}}, {Chain::rollout, 0, false}});
    simulate_members(case_, m, *engine, lost);
    results(*engine, {1, 2, {50}}, {Chain::segment, 0, false});
    EXPECT_EQ(engine->memory(), bytes_in(plan.groups, false)) << static_cast<int>(tape);
    std::int64_t bytes = 0;
    for (const MemoryGroup& g : plan.groups) {
      if (g.name == "states" || g.name == "inputs") bytes += g.bytes.value();
    }
    return bytes;
  };
  EXPECT_LT(8 * samples(Tape::recompute), samples(Tape::store));
}

// Breaks when a batch in parts is given numbers anew that it has, so that its samples are taken
// for others, or when a part's samples are another's.
TEST_P(Tapes, GoWithParts) {
  const Members m = members(37);
  const BatchShape shape = m.shape(3, 5);
  const Windows windows{0, 3, {3}};
  const GradientOptions options{Chain::rollout, 0, true};
  EngineSpec tight = spec(shape, Tape::recompute);
  tight.asked.sums = true;
  tight.memory_bytes = bytes_in_parts(tight, choose_backend(tight, shape), {shape, 1, 37});
  const auto whole = Engine::create(spec(shape, Tape::store), shape);
  const auto parts = Engine::create(tight, shape);
  ASSERT_EQ(parts->parts(), 2);
  for (Engine* e : {whole.get(), parts.get()}) {
    set_numbers(case_, m, *e);
    disturb(m, *e);
    simulate_members(case_, m, *e, lost);
    e->set_model(case_.model(7));
  }
  EXPECT_EQ(differing_bits(results(*parts, windows, options), results(*whole, windows, options)),
            0U);
}

template <class Call>
void expect_refused(const Call& call, const char* place) {
  try {
    call();
    ADD_FAILURE() << "not refused";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Exit::input);
    EXPECT_NE(std::string(e.what()).find(place), std::string::npos) << e.what();
  }
}

class TapesOfAnyPlant : public Tapes {};

// Breaks when samples that are not there, or would not be the same, are taken for some.
TEST_P(TapesOfAnyPlant, RefuseWhatTheyCannotDo) {
  const Members m = members(2);
  BatchShape shape = m.shape(3, 5);
  const auto make = [&](const Asked& asked) {
    EngineSpec s = spec(shape, Tape::recompute);
    s.asked = asked;
    s.asked.disturbance = true;
    return Engine::create(s, shape);
  };
  Asked faults, over_again, samples, growth;
  faults.faults = over_again.head_jacobian = samples.all_samples = true;
  growth.growth_counts = 1;
  for (const Asked& a : {faults, over_again, samples, growth}) {
    expect_refused([&] { make(a); }, "rollout.tape");
  }
  shape.ragged = true;
  expect_refused([&] { make({}); }, "rollout.tape");
  shape.ragged = false;
  if (case_.size.own_state) {
    expect_refused([&] { make({}); }, "rollout.tape");
    return;
  }
  const auto engine = make({});
  set_numbers(case_, m, *engine);
  simulate_members(case_, m, *engine, lost);
  const Windows windows{0, 3, {3}};
  Gradient g;
  Scores scores;
  Disturbance faulty;
  faulty.faults.push_back(1);
  expect_refused([&] { engine->disturb(faulty); }, "rollout.tape");
  simulate_members(case_, m, *engine, lost);
  expect_refused([&] { engine->decide(); }, "rollout.tape");
  expect_refused([&] { engine->linearise(); }, "rollout.tape");
  expect_refused([&] { engine->commands(false); }, "rollout.tape");
  expect_refused([&] { engine->growth(2); }, "rollout.tape");
  expect_refused([&] { engine->transition({{1, 0}}); }, "rollout.tape");
  expect_refused([&] { engine->suprema(windows); }, "rollout.tape");
  expect_refused([&] { engine->gradient(windows, {Chain::window, 0, false}, g); }, "rollout.tape");
  expect_refused([&] { engine->gradient(windows, {Chain::rollout, 2, false}, g); }, "rollout.tape");
  engine->set_plant(case_.plant(3));
  expect_refused([&] { engine->score(windows, scores); }, "engine");
  expect_refused([&] { engine->trajectory(0); }, "engine");
  expect_refused([&] { engine->gradient(windows, {Chain::rollout, 0, false}, g); }, "engine");
}

/// Bundles whose samples can be simulated again.
std::vector<KernelEntry> plants_in_view() {
  std::vector<KernelEntry> entries = runnable_entries();
  const auto hidden = [](const KernelEntry& e) { return sizes_of(e).own_state; };
  entries.erase(std::remove_if(entries.begin(), entries.end(), hidden), entries.end());
  return entries;
}

INSTANTIATE_TEST_SUITE_P(Kernels, Tapes, ::testing::ValuesIn(plants_in_view()), test_name);
INSTANTIATE_TEST_SUITE_P(Kernels, TapesOfAnyPlant, ::testing::ValuesIn(runnable_entries()),
                         test_name);

// Breaks when "auto" simulates again where it was measured to be slower.
TEST(TapeRule, StoresOnTheCpu) {
  EngineCase c(runnable_entries().front());
  const BatchShape shape = Members::first(5).shape(4, 10);
  EngineSpec spec = c.spec(shape);
  spec.backend = "cpu";
  spec.tape = Tape::automatic;
  EXPECT_FALSE(choose_backend(spec, shape).recompute);
}

}  // namespace
}  // namespace phigrad
