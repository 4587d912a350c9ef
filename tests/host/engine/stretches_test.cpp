// A batch of few trajectories is cut into stretches of segments that are differentiated side by
// side: to the bits of a batch that is not.
#include "host/engine/stretches.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/bits.hpp"
#include "tests/support/engine_case.hpp"

namespace phigrad {
namespace {

constexpr int segments = 9;
constexpr int steps = 3;
constexpr int few = 3;
constexpr int many = 96;  // fill the lanes of six blocks at least
constexpr int lost = 1;   // a trajectory that leaves the numbers
const Windows windows{2, 3, {8}};

class StretchesOfFew : public ::testing::TestWithParam<KernelEntry> {
 protected:
  StretchesOfFew() : case_(GetParam()) {}

  /// Whose batches of many are not cut: a GPU's would be, so that it is held to the CPU.
  EngineCase of_many() const {
    const KernelEntry& e = GetParam();
    return EngineCase(e.flavour == "cuda" ? find_cpu_kernels(e.kernels, e.precision, "") : e);
  }

  static std::unique_ptr<Engine> engine(const EngineCase& of, int n, bool ragged, int threads) {
    const Members members = Members::first(static_cast<std::size_t>(n));
    BatchShape shape = members.shape(segments, steps);
    shape.ragged = ragged;
    EngineSpec spec = of.spec(shape);
    spec.threads = threads;
    auto made = Engine::create(spec, shape);
    set_numbers(of, members, *made);
    if (!ragged) {
      simulate_members(of, members, *made);
      return made;
    }
    std::vector<GridTrajectory> recorded;
    recorded.reserve(static_cast<std::size_t>(n));
    for (int b = 0; b < n; ++b) {
      recorded.push_back(of.recorded(static_cast<std::size_t>(b), shape));
    }
    // In the sixth segment, which has at least this sample.
    recorded[lost].states[static_cast<std::size_t>(5 * steps * of.size.nx)] =
        std::numeric_limits<double>::quiet_NaN();
    recorded[lost].count[5] = steps;
    made->load(recorded);
    return made;
  }

  /// Gradients of the first few trajectories' decisions, and where they left the numbers.
  static std::vector<double> gradients(Engine& engine, const GradientOptions& options) {
    Gradient gradient;
    engine.adjoint(windows, options, gradient);
    std::vector<double> all;
    for (int b = 0; b < few; ++b) {
      append(all, engine.decision_gradient(b));
      all.push_back(gradient.status[static_cast<std::size_t>(b)]);
    }
    return all;
  }

  const EngineCase case_;
};

// Breaks when a stretch takes other rows than its own, is weighed as another one, forgets the
// decision before it or the terminal cost, when they are added up in another order, or when a lost
// trajectory is not named by the slot of its own segment.
TEST_P(StretchesOfFew, HaveTheBitsOfABatchThatIsNotCut) {
  const EngineCase uncut = of_many();
  if (uncut.entry.flavour != GetParam().flavour &&
      (uncut.entry.flavour == "baseline" || PHIGRAD_STRICT_DEVICE_CODE == 0)) {
    GTEST_SKIP() << "no CPU has this GPU's bits";
  }
  for (const bool ragged : {true, false}) {
    for (const Chain chain : {Chain::segment, Chain::window}) {
      const GradientOptions options{chain, 0, false};
      const auto whole = engine(uncut, many, ragged, 1);
      const std::int64_t before = whole->memory();
      const std::vector<double> expected = gradients(*whole, options);
      EXPECT_NE(expected, std::vector<double>(expected.size(), 0.0));
      if (ragged) {
        EXPECT_EQ(expected[expected.size() / few * (lost + 1) - 1], 5 * steps);
      }
      for (const int threads : {1, 3}) {
        const auto cut = engine(case_, few, ragged, threads);
        ASSERT_EQ(differing_bits(gradients(*cut, options), expected), 0U)
            << ragged << static_cast<int>(chain) << threads;
      }
      // Nothing was cut out of the batch that the others are held against.
      if (chain == Chain::segment) {
        EXPECT_EQ(whole->memory(), before);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, StretchesOfFew, ::testing::ValuesIn(runnable_entries()),
                         test_name);

// Breaks when lanes that are full are cut, or idle ones left idle.
TEST(Stretches, AreCutWhereLanesOrThreadsAreIdle) {
  const auto worth = [](int trajectories, int width, int count, int threads) {
    return worth_cutting({1, trajectories, width, width}, count, blocks_at_once(threads));
  };
  EXPECT_TRUE(worth(1, 8, 20, 1));
  EXPECT_TRUE(worth(2, 8, 20, 1));
  EXPECT_FALSE(worth(6, 8, 20, 1));
  EXPECT_TRUE(worth(4, 8, 20, 2));
  EXPECT_FALSE(worth(16, 8, 20, 2));
  EXPECT_FALSE(worth(1, 1, 20, 1));
  EXPECT_TRUE(worth(1, 1, 20, 2));
  EXPECT_FALSE(worth(1, 8, 1, 2));
  EXPECT_TRUE(worth(32, 1, 50, 0));
  EXPECT_FALSE(worth(200000, 1, 50, 0));
}

// Breaks when a stretch is cut where it is not on its own, or windows are miscounted.
TEST(Stretches, AreWhatAGradientRunsThroughOnItsOwn) {
  const Slots slots{1, 2, 8, 8};
  const auto count = [&](Chain chain, int truncate, SegmentRange range) {
    return stretches_of(slots, windows, {chain, truncate, false}, range).count;
  };
  EXPECT_EQ(count(Chain::segment, 0, {0, 9}), 9);
  EXPECT_EQ(count(Chain::segment, 0, {4, 9}), 5);
  EXPECT_EQ(count(Chain::window, 0, {0, 9}), 5);
  EXPECT_EQ(count(Chain::window, 0, {0, 4}), 0);
  EXPECT_EQ(count(Chain::segment, 2, {0, 9}), 0);
  EXPECT_EQ(count(Chain::rollout, 0, {0, 9}), 0);
}

}  // namespace
}  // namespace phigrad
