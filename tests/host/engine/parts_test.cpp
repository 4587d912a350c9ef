// A batch that does not fit in memory has the bits of one that does, and takes what was planned.
#include <gtest/gtest.h>

#include <cmath>

#include "host/engine/engine_plan.hpp"
#include "host/support/error.hpp"
#include "tests/support/bits.hpp"
#include "tests/support/engine_case.hpp"
#include "tests/support/sanitized.hpp"

namespace phigrad {
namespace {

constexpr int segments = 3;
constexpr int steps = 2;

class Parts : public ::testing::TestWithParam<KernelEntry> {
 protected:
  const EngineCase case_{GetParam()};
  static constexpr int lost = 4;  // the member whose start is not finite

  static Members members(std::size_t policies, std::size_t rollouts) {
    Members m = Members::first(policies * rollouts);
    m.policies.clear();
    for (std::size_t p = 0; p < policies; ++p) m.policies.push_back(p);
    return m;
  }

  /// With memory for parts of so many policies and rollouts.
  EngineSpec spec_for(const BatchShape& whole, int policies, int rollouts,
                      const Asked& asked = {}) const {
    EngineSpec spec = case_.spec(whole);
    spec.asked = asked;
    spec.asked.sums = true;
    const BatchCut cut{whole, policies, rollouts};
    const BackendChoice backend = choose_backend(spec, whole);
    spec.memory_bytes = bytes_in_parts(spec, backend, cut);
    return spec;
  }

  void start(const Members& m, Engine& engine) const {
    set_numbers(case_, m, engine);
    Disturbance noise;
    const BundleSizes& size = case_.size;
    noise.deviation.assign(static_cast<std::size_t>(size.nx), size.own_state ? 0.0 : 0.01);
    noise.deviation.resize(static_cast<std::size_t>(size.nx + size.nu), 0.01);
    noise.delay = 2;
    for (const std::size_t b : m.trajectories) {
      append(noise.faults,
             random_numbers(16, b, static_cast<std::size_t>(fault_numbers(size.nx, size.nu)), 0.01,
                            0.1));
    }
    for (const std::size_t b : m.trajectories) {
      noise.keys.push_back({{5, 0}, static_cast<std::uint32_t>(b), 0});
    }
    engine.disturb(noise);
  }

  /// Everything that is asked of a batch, in some order.
  static std::vector<double> results(Engine& engine, const GradientOptions& o) {
    const auto last = engine.shape().trajectories() - 1;
    Windows windows{1, 2, {}};
    for (std::int64_t b = 0; b <= last; ++b) windows.end.push_back(b % 2 == 0 ? 3 : 2.9);
    std::vector<double> all = results_of(engine, windows, o, {last, 1});
    for (const Linearisation& l : engine.linearise()) append(all, l.closed);
    for (const auto& c : engine.commands(false)) append(all, c);
    return all;
  }
};

struct Cut {
  int policies, rollouts;            // of the batch
  int part_policies, part_rollouts;  // of a part that there is memory for
  int at_least;                      // parts
};

// Of one policy's rollouts, of several policies' rollouts, of policies; with a smaller last part
// and without.
const Cut cuts[] = {{1, 101, 1, 15, 6}, {37, 1, 8, 1, 3},   {1, 100, 1, 50, 2},
                    {6, 20, 3, 20, 2},  {2, 101, 1, 34, 2}, {38, 2, 19, 2, 2}};

/// Of each bundle and precision the fastest instruction set, and the GPU: parts are the host's.
std::vector<KernelEntry> fastest_entries() {
  std::vector<KernelEntry> entries;
  for (const KernelEntry& e : runnable_entries()) {
    const bool fastest =
        e.flavour == "cuda" || e.flavour == find_cpu_kernels(e.kernels, e.precision, "").flavour;
    if (fastest) entries.push_back(e);
  }
  return entries;
}

// Breaks when a part takes another's numbers, noise or place, a sum is rounded between parts, or a
// part that was put out of memory comes back otherwise.
TEST_P(Parts, GiveTheBitsOfTheWhole) {
  const std::size_t tried = sanitized ? 2 : std::size(cuts);
  for (std::size_t i = 0; i < tried; ++i) {
    const Cut& c = cuts[i];
    const Members m =
        members(static_cast<std::size_t>(c.policies), static_cast<std::size_t>(c.rollouts));
    const BatchShape shape = m.shape(segments, steps);
    const GradientOptions options{Chain::rollout, 0, c.rollouts > 1};
    const auto whole = Engine::create(case_.spec(shape), shape);
    const auto cut = Engine::create(spec_for(shape, c.part_policies, c.part_rollouts), shape);
    ASSERT_EQ(whole->parts(), 1);
    ASSERT_GE(cut->parts(), c.at_least) << c.policies << " policies of " << c.rollouts;
    start(m, *whole);
    start(m, *cut);
    simulate_members(case_, m, *whole, lost);
    const std::vector<double> expected = results(*whole, options);
    for (const bool ahead : {false, true}) {
      if (ahead) cut->expect(Expectation{{1, 2, {3}}, {Chain::segment, 0, false}});
      simulate_members(case_, m, *cut, lost);
      EXPECT_EQ(differing_bits(results(*cut, options), expected), 0U)
          << c.policies << " policies of " << c.rollouts << ", expected " << ahead;
    }
  }
}

// Breaks when what was expected is given for something else, or after other numbers were set.
TEST_P(Parts, TakeWhatIsExpected) {
  const Members m = members(1, 101);
  const BatchShape shape = m.shape(segments, steps);
  const Windows windows{0, 3, {3}};
  const GradientOptions options{Chain::window, 0, false};
  std::vector<double> expected;
  for (const bool in_parts : {false, true}) {
    const auto engine =
        Engine::create(in_parts ? spec_for(shape, 1, 15) : case_.spec(shape), shape);
    start(m, *engine);
    engine->expect(Expectation{windows, options});
    simulate_members(case_, m, *engine, lost);
    std::vector<double> all;
    const auto add = [&](const GradientOptions& o) {
      Gradient g;
      GradientSums sums;
      engine->gradient(windows, o, g);
      append(all, g.mean);
      engine->add_gradient(windows, o, sums);
      engine->add_gradient(windows, o, sums);
      all.push_back(static_cast<double>(sums.used[0]));
      all.insert(all.end(), sums.status.begin(), sums.status.end());
    };
    add(options);
    add({Chain::segment, 0, true});
    engine->set_model(case_.model(7));
    add(options);
    engine->set_policies(case_.theta(9, segments));  // of the trajectories that are there
    add(options);
    append(all, engine->trajectory(100).states);
    engine->decide();
    append(all, engine->trajectory(100).decisions);
    append(all, engine->trajectory(0).decisions);
    if (!in_parts) expected = all;
    EXPECT_EQ(differing_bits(all, expected), 0U);
  }
}

// Breaks when recorded rollouts are loaded into another's place, or decided under another policy.
TEST_P(Parts, HoldRecordings) {
  const Members m = members(4, 24);
  BatchShape shape = m.shape(segments, steps);
  shape.ragged = true;
  std::vector<GridTrajectory> recorded;
  for (const std::size_t b : m.trajectories) recorded.push_back(case_.recorded(b, shape));
  std::vector<double> expected;
  for (const auto& [policies, rollouts] : {std::pair{4, 24}, {2, 24}, {1, 12}}) {
    const auto engine = Engine::create(spec_for(shape, policies, rollouts), shape);
    ASSERT_EQ(engine->parts(), policies == 4 ? 1 : policies == 2 ? 2 : 8);
    set_numbers(case_, m, *engine);
    engine->load(recorded);
    std::vector<double> all = results(*engine, {Chain::window, 0, true});
    engine->decide();
    append(all, results(*engine, {Chain::segment, 0, true}));
    if (expected.empty()) expected = all;
    EXPECT_EQ(differing_bits(all, expected), 0U) << policies << " policies a part";
  }
}

// Breaks when a buffer is made that the plan does not know, or larger or smaller than it says.
TEST_P(Parts, TakeWhatWasPlanned) {
  const bool suprema = GetParam().kernels == "scalar_setpoint";  // others differ in type
  for (const auto& [policies, rollouts] : {std::pair{1, 1}, {1, 40}, {3, 2}, {2, 19}}) {
    for (const bool all : {false, true}) {
      const Members m =
          members(static_cast<std::size_t>(policies), static_cast<std::size_t>(rollouts));
      BatchShape shape = m.shape(segments, steps);
      EngineSpec spec = case_.spec(shape);
      spec.chunk_blocks = all ? 1 : 0;
      spec.asked = {all, all, all && suprema, all ? policies : 0, false, all ? segments : 1};
      const EnginePlan plan = plan_engine(spec, shape);
      const auto engine = Engine::create(spec, shape);
      set_numbers(case_, m, *engine);
      if (all) start(m, *engine);
      simulate_members(case_, m, *engine);
      const Windows windows{0, 3, {3}};
      Scores scores;
      Gradient gradient;
      engine->score(windows, scores);
      engine->gradient(windows, {all ? Chain::window : Chain::segment, 0, false}, gradient);
      if (all) {
        GrowthCounts counts;
        engine->growth(segments * steps, &counts);
        if (suprema) engine->suprema(windows);
      }
      EXPECT_EQ(engine->memory(), bytes_in(plan.groups, false))
          << policies << " policies of " << rollouts << ", all of it " << all;
    }
  }
}

// Breaks when the engine tries what cannot be, or does not say what to do.
TEST_P(Parts, OfLessThanTwoRolloutsAreRefused) {
  const BatchShape shape = members(1, 101).shape(segments, steps);
  EngineSpec spec = spec_for(shape, 1, 3);
  EXPECT_GT(Engine::create(spec, shape)->parts(), 1);
  const BatchShape two = members(1, 2).shape(segments, steps);
  spec.memory_bytes = engine_bytes(spec, choose_backend(spec, shape), two) / 2;
  try {
    Engine::create(spec, shape);
    ADD_FAILURE() << "it was made";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Exit::device);
    EXPECT_NE(std::string(e.what()).find("rollout.memory_mib"), std::string::npos) << e.what();
  }
}

// Breaks when policies that fit one by one are cut into their rollouts, or parts are smaller than
// memory asks for by more than a step of the search.
TEST_P(Parts, AreAsLargeAsTheyCanBe) {
  const BatchShape whole = members(900, 40).shape(segments, steps);
  for (const int policies : {1, 2, 50, 300}) {
    const EnginePlan plan = plan_engine(spec_for(whole, policies, 40), whole);
    EXPECT_EQ(plan.cut.rollouts, 40) << policies;
    EXPECT_LE(plan.cut.policies, policies);
    EXPECT_GE(plan.cut.policies, policies * 15 / 17) << policies;
    EXPECT_LE(plan.part_bytes, plan.may_take);
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, Parts, ::testing::ValuesIn(fastest_entries()), test_name);

// Breaks when a formula is not what its number is, or brackets are lost.
TEST(Formula, SaysHowItsNumberCame) {
  const Formula T("T", 200), n("n", 4), one("P", 1);
  const Formula states = 4 * ((T + 1) * n + n) * Formula("B", 8);
  EXPECT_EQ(states.value(), 4 * (201 * 4 + 4) * 8);
  EXPECT_EQ(states.text(), "4 ((T + 1) n + n) B");
  EXPECT_EQ((2 * (3 * one) + 0).text(), "6 P");
  EXPECT_EQ((1 * n * 0).text(), "0");
  EXPECT_EQ((5 + n).text(), "n + 5");
  EXPECT_EQ((2 * (8 * (n + 1)) * (3 * T)).text(), "48 (n + 1) T");
  EXPECT_EQ((2 * (8 * (n + 1)) + 4 * T).text(), "16 (n + 1) + 4 T");
  EXPECT_EQ(larger(T, n).text(), "T");
  const Formula large("L", std::int64_t{1} << 62);
  EXPECT_EQ((large * 4).value(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ((large + large).value(), std::numeric_limits<std::int64_t>::max());
}

}  // namespace
}  // namespace phigrad
