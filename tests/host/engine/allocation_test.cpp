// The steady loop allocates nothing: after the first round, rollout, scores, gradient and means run
// in the buffers that they have.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/support/engine_case.hpp"

namespace {

std::atomic<long> allocations{0};

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* memory =
      alignment <= alignof(std::max_align_t)
          ? std::malloc(size)
          : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// Not inlined, or g++ takes malloc and free for a mismatched pair.
[[gnu::noinline]] void released(void* memory) { std::free(memory); }

}  // namespace

void* operator new(std::size_t size) { return counted(size, 1); }
void* operator new[](std::size_t size) { return counted(size, 1); }
void* operator new(std::size_t size, std::align_val_t a) {
  return counted(size, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t size, std::align_val_t a) {
  return counted(size, static_cast<std::size_t>(a));
}
void operator delete(void* p) noexcept { released(p); }
void operator delete[](void* p) noexcept { released(p); }
void operator delete(void* p, std::size_t) noexcept { released(p); }
void operator delete[](void* p, std::size_t) noexcept { released(p); }
void operator delete(void* p, std::align_val_t) noexcept { released(p); }
void operator delete[](void* p, std::align_val_t) noexcept { released(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { released(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { released(p); }

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
      const long before = allocations;
      for (int i = 0; i < 20; ++i) round();
      EXPECT_EQ(allocations - before, 0) << threads << " threads, expected " << expected;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, SteadyLoop, ::testing::ValuesIn(runnable_entries()), test_name);

}  // namespace
}  // namespace phigrad
