// Gradients by tensor cores, on a GPU that has them or one that is emulated: near those of floats,
// and the same bits whatever they are taken with.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/tensor_core_cases.hpp"

namespace phigrad {
namespace {

constexpr int steps = 5;
const GradientOptions by_segment{Chain::segment, 0, false};

/// That some segments at the start have no gradient, and the last ones small ones.
Windows windows_of(int segments) {
  return {segments / 4, segments / 2 + 1, {static_cast<double>(segments)}};
}

class TensorCoresOf : public testing::TestWithParam<KernelEntry> {
 protected:
  static Gradient gradient_of(Engine& engine, const Windows& w, const GradientOptions& o) {
    Gradient g;
    engine.gradient(w, o, g);
    return g;
  }
  Gradient gradient(const Members& m, const EngineSpec& s, const BatchShape& shape,
                    bool variance = false) const {
    const auto engine = Engine::create(s, shape);
    set_numbers(case_, m, *engine);
    simulate_members(case_, m, *engine);
    return gradient_of(*engine, windows_of(shape.segments), {Chain::segment, 0, variance});
  }
  Gradient gradient(const Members& m, const BatchShape& shape, TensorCores t,
                    bool variance = false) const {
    return gradient(m, tensor_core_spec(case_, shape, t), shape, variance);
  }

  const EngineCase case_{GetParam()};
};

struct Batch {
  int segments, policies, rollouts;
};
// Fewer decisions than a tile has, as many, some more, many; a policy of its own for each, or some.
const Batch batches[] = {{3, 1, 4}, {16, 3, 1}, {5, 1, 7}, {23, 2, 3}, {150, 1, 5}};

// Breaks when a decision, an output, a weight or a bias is another's or is left out, what pads a
// tile counts, or products have other bits than they are to have; when one that is lost gets into
// others.
TEST_P(TensorCoresOf, GiveNearlyTheGradientOfFloats) {
  for (const Batch& b : batches) {
    const Members m = members_of(b.policies, b.rollouts);
    BatchShape shape = m.shape(b.segments, steps);
    shape.ragged = true;
    const bool many = b.rollouts > 1;
    std::vector<GridTrajectory> records;
    for (const std::size_t i : m.trajectories) records.push_back(case_.recorded(i, shape));
    if (many) {
      std::fill(records[1].states.begin(), records[1].states.end(), std::nan(""));
      records[1].status = 0;
    }
    const auto by = [&](TensorCores t) {
      const auto engine = Engine::create(tensor_core_spec(case_, shape, t), shape);
      set_numbers(case_, m, *engine);
      engine->load(records);
      return gradient_of(*engine, windows_of(b.segments), {Chain::segment, 0, many});
    };
    const Gradient exact = by(TensorCores::off), split = by(TensorCores::tf32x3),
                   rounded = by(TensorCores::bf16);
    const std::string which = std::to_string(b.segments) + "_segments_" +
                              std::to_string(b.policies) + "x" + std::to_string(b.rollouts);
    const double apart = difference(split.mean, exact.mean);
    EXPECT_LT(apart, 1e-6) << which;
    EXPECT_GT(apart, 1e-9) << which << ": of floats after all";
    const double rounded_apart = difference(rounded.mean, exact.mean);
    EXPECT_LT(rounded_apart, 1e-2) << which;
    EXPECT_GT(rounded_apart, 1e-4) << which << ": not rounded to 8 bits";
    RecordProperty("tf32x3_1e9_" + which, static_cast<int>(apart * 1e9));
    RecordProperty("bf16_1e6_" + which, static_cast<int>(rounded_apart * 1e6));
    EXPECT_EQ(split.used, exact.used);
    if (many) {
      EXPECT_LT(difference(split.variance, exact.variance), 2e-6) << which;
    }
  }
}

// Breaks when a trajectory's gradient depends on what it is taken with: other trajectories, chunks,
// parts that are simulated again, kernels that are launched ahead.
TEST_P(TensorCoresOf, GiveTheSameBitsWhateverTheBatch) {
  const Members m = members_of(5, 1), pairs = members_of(2, 4);
  const BatchShape shape = m.shape(19, steps), pairs_shape = pairs.shape(19, steps);
  const Windows windows = windows_of(19);
  for (const TensorCores t : {TensorCores::tf32x3, TensorCores::bf16}) {
    const Gradient together = gradient(m, shape, t);
    const auto np = static_cast<std::ptrdiff_t>(together.mean.size() / 5);
    for (const std::size_t b : {0U, 3U}) {
      Members one;
      one.trajectories = one.policies = {b};
      const auto from = together.mean.begin() + static_cast<std::ptrdiff_t>(b) * np;
      EXPECT_EQ(differing_bits(gradient(one, one.shape(19, steps), t).mean, {from, from + np}), 0U)
          << b;
    }
    const Gradient expected = gradient(pairs, pairs_shape, t, true);
    EngineSpec s = tensor_core_spec(case_, pairs_shape, t);
    s.chunk_blocks = 3;
    EXPECT_EQ(differing_bits(gradient(pairs, s, pairs_shape, true).mean, expected.mean), 0U);
    for (const Tape tape : {Tape::store, Tape::recompute}) {
      s.tape = tape;
      const auto engine = Engine::create(s, pairs_shape);
      set_numbers(case_, pairs, *engine);
      engine->expect(Expectation{windows, {Chain::segment, 0, true}});
      simulate_members(case_, pairs, *engine);
      const Gradient ahead = gradient_of(*engine, windows, {Chain::segment, 0, true});
      EXPECT_EQ(differing_bits(ahead.mean, expected.mean), 0U) << static_cast<int>(tape);
      EXPECT_EQ(differing_bits(ahead.variance, expected.variance), 0U) << static_cast<int>(tape);
    }
  }
}

/// A recorded trajectory, whose numbers are any.
class TensorCoresOnRecordsOf : public TensorCoresOf {
 protected:
  explicit TensorCoresOnRecordsOf(int segments = 600) : shape_(members_.shape(segments, steps)) {
    shape_.ragged = true;
  }

  std::unique_ptr<Engine> engine(TensorCores t, const GridTrajectory& record) const {
    auto made = Engine::create(tensor_core_spec(case_, shape_, t), shape_);
    set_numbers(case_, members_, *made);
    made->load({record});
    return made;
  }

  const Members members_ = members_of(1, 1);
  BatchShape shape_;
};

// Breaks when long sums are left to tensor cores, which cut them: they get further away with every
// decision.
TEST_P(TensorCoresOnRecordsOf, StayNearOverManyDecisions) {
  const GridTrajectory record = case_.recorded(0, shape_);
  const Windows windows{0, shape_.segments, {static_cast<double>(shape_.segments)}};
  const auto by = [&](TensorCores t) {
    return gradient_of(*engine(t, record), windows, by_segment).mean;
  };
  const double apart = difference(by(TensorCores::tf32x3), by(TensorCores::off));
  RecordProperty("tf32x3_1e9", static_cast<int>(apart * 1e9));
  EXPECT_LT(apart, 1e-6);
}

// Breaks when a decision without a gradient gets into the sums by the state that it was taken at.
TEST_P(TensorCoresOnRecordsOf, LeaveOutWhatHasNoGradient) {
  const Windows windows{20, 30, {60}};
  GridTrajectory record = case_.recorded(0, shape_);
  const auto first = gradient_of(*engine(TensorCores::tf32x3, record), windows, by_segment);
  EXPECT_GT(difference(first.mean, std::vector<double>(first.mean.size(), 0.0)), 0);
  std::fill_n(record.decided_at.begin(), 19 * case_.size.nx, std::nan(""));
  const auto second = gradient_of(*engine(TensorCores::tf32x3, record), windows, by_segment);
  EXPECT_EQ(differing_bits(second.mean, first.mean), 0U);
}

// Breaks when sums go by where a trajectory is cut that is differentiated as it arrives.
TEST_P(TensorCoresOnRecordsOf, GiveTheSameBitsAhead) {
  const GridTrajectory record = case_.recorded(0, shape_);
  const Windows windows{2, 40, {100}};
  for (const TensorCores t : {TensorCores::tf32x3, TensorCores::bf16}) {
    const auto once = gradient_of(*engine(t, record), windows, by_segment);
    const auto ahead = engine(t, record);
    for (const int end : {1, 5, 17, 18, 33, 34, 35, 90}) {
      ahead->differentiate_ahead(windows, by_segment, end);
    }
    EXPECT_EQ(differing_bits(gradient_of(*ahead, windows, by_segment).mean, once.mean), 0U);
  }
}

// Where there is no such GPU.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TensorCoresOf);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TensorCoresOnRecordsOf);
INSTANTIATE_TEST_SUITE_P(Kernels, TensorCoresOf, testing::ValuesIn(tensor_core_entries()),
                         test_name);
INSTANTIATE_TEST_SUITE_P(Kernels, TensorCoresOnRecordsOf, testing::ValuesIn(tensor_core_entries()),
                         test_name);

}  // namespace
}  // namespace phigrad
