// A batch that is scored and differentiated while it is simulated has the bits of one that is
// simulated first.
#include <gtest/gtest.h>

#include "host/support/error.hpp"
#include "tests/support/bits.hpp"
#include "tests/support/engine_case.hpp"

namespace phigrad {
namespace {

constexpr int segments = 4;
constexpr int steps = 2;
const Windows windows{1, 2, {4}};

class Expectations : public ::testing::TestWithParam<KernelEntry> {
 protected:
  const EngineCase case_{GetParam()};

  /// Two policies of so many rollouts.
  static Members members(std::size_t rollouts) {
    Members m = Members::first(2 * rollouts);
    m.policies = {0, 1};
    return m;
  }

  std::unique_ptr<Engine> engine(const Members& m, std::int64_t chunk) const {
    const BatchShape shape = m.shape(segments, steps);
    EngineSpec spec = case_.spec(shape);
    spec.chunk_blocks = chunk;
    spec.threads = 2;
    return simulated(case_, m, shape, spec);
  }

  static std::vector<double> results(Engine& engine, const Windows& w, const GradientOptions& o) {
    return results_of(engine, w, o, {1});
  }
};

// Breaks when a kernel runs before the block it reads, a chunk is left out, or sums are kept.
TEST_P(Expectations, GiveTheSameBits) {
  for (const std::size_t rollouts : {1U, 3U, 37U}) {
    const Members m = members(rollouts);
    for (const Chain chain : {Chain::segment, Chain::window, Chain::rollout}) {
      const GradientOptions options{chain, 0, rollouts > 1};
      const auto plain = engine(m, 0);
      const std::vector<double> expected = results(*plain, windows, options);
      for (const std::int64_t chunk : {0, 1}) {
        const auto ahead = engine(m, chunk);
        ahead->expect(Expectation{windows, options});
        for (int again = 0; again < 2; ++again) {
          simulate_members(case_, m, *ahead);
          ASSERT_EQ(differing_bits(results(*ahead, windows, options), expected), 0U)
              << rollouts << " rollouts, chunk " << chunk << ", chain " << static_cast<int>(chain);
        }
        if (rollouts == 1) continue;
        GradientSums sums, plain_sums;
        simulate_members(case_, m, *ahead);
        ahead->add_gradient(windows, options, sums);
        plain->add_gradient(windows, options, plain_sums);
        ASSERT_EQ(std::memcmp(sums.sums.data(), plain_sums.sums.data(),
                              sums.sums.size() * sizeof(GradientSum)),
                  0);
        ASSERT_EQ(sums.used, plain_sums.used);
      }
    }
  }
}

// Breaks when what was taken ahead is given for something else.
TEST_P(Expectations, DoNotShowWhereOtherThingsAreAsked) {
  const Members m = members(9);
  const GradientOptions options{Chain::rollout, 0, true};
  const auto plain = engine(m, 0), ahead = engine(m, 0);
  ahead->expect(Expectation{windows, options});
  const auto expect_same = [&](const Windows& w, const GradientOptions& o) {
    ASSERT_EQ(differing_bits(results(*ahead, w, o), results(*plain, w, o)), 0U);
  };
  simulate_members(case_, m, *ahead);
  expect_same({0, 3, {4}}, options);
  simulate_members(case_, m, *ahead);
  expect_same(windows, {Chain::segment, 1, true});
  simulate_members(case_, m, *ahead);
  for (Engine* e : {plain.get(), ahead.get()}) e->set_model(case_.model(3));
  expect_same(windows, options);
  ahead->expect(std::nullopt);
  simulate_members(case_, m, *ahead);
  expect_same(windows, options);
}

// Breaks when the zeroth-order estimate is taken for the model's.
TEST_P(Expectations, AreOfTheModelsEstimate) {
  GradientOptions zeroth;
  zeroth.estimator = Estimator::likelihood_ratio;
  EXPECT_THROW(engine(members(2), 0)->expect(Expectation{windows, zeroth}), Error);
}

INSTANTIATE_TEST_SUITE_P(Kernels, Expectations, ::testing::ValuesIn(runnable_entries()), test_name);

}  // namespace
}  // namespace phigrad
