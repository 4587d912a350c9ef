// The steady loop allocates nothing: after the first round, rollout, scores, gradient and means run
// in the buffers that they have.
#include <gtest/gtest.h>

#include "benchmarks/counting_new.hpp"
#include "tests/support/engine_case.hpp"

namespace phigrad {
namespace {

class SteadyLoop : public ::testing::TestWithParam<KernelEntry> {};

// Breaks when a vector is made anew in each call, by the engine or by its threads.
TEST_P(SteadyLoop, AllocatesNothing) {
  const EngineCase c(GetParam());
  const Members members = Members::first(40);
  const BatchShape shape = members.shape(3, 2);
  const Windows windows{0, 2, {3}};
  for (const int threads : {1, 2}) {
    EngineSpec spec = c.spec(shape);
    spec.threads = threads;
    const auto engine = simulated(c, members, shape, spec);
    const std::vector<double> theta = c.theta(0, shape.segments);
    std::vector<double> states, times;
    for (const std::size_t b : members.trajectories) {
      const std::vector<double> x = c.start(b);
      states.insert(states.end(), x.begin(), x.end());
      times.push_back(c.start_time(b));
    }
    Scores scores;
    Gradient gradient;
    const GradientOptions options{Chain::rollout, 0, true};
    const auto round = [&] {
      engine->set_policies(theta);
      engine->simulate(states, times);
      engine->score(windows, scores);
      engine->gradient(windows, options, gradient);
    };
    for (const bool expected : {false, true}) {
      if (expected) engine->expect(Expectation{windows, options});
      round();
      EXPECT_GT(allocations.load(), 0) << "nothing is counted";
      const std::int64_t before = allocations;
      for (int i = 0; i < 20; ++i) round();
      EXPECT_EQ(allocations - before, 0) << threads << " threads, expected " << expected;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, SteadyLoop, ::testing::ValuesIn(runnable_entries()), test_name);

}  // namespace
}  // namespace phigrad
