// A trajectory that arrives in parts and is differentiated meanwhile has the gradient of the whole.
#include <gtest/gtest.h>

#include "tests/support/bits.hpp"
#include "tests/support/engine_case.hpp"

namespace phigrad {
namespace {

constexpr int segments = 9;
constexpr int steps = 3;
const Windows windows{2, 3, {8}};  // weights 0, rising, level, falling
const GradientOptions options{Chain::segment, 0, false};

class Ahead : public ::testing::TestWithParam<KernelEntry> {
 protected:
  Ahead() : case_(GetParam()), members_(Members::first(1)) {
    shape_ = members_.shape(segments, steps);
    shape_.ragged = true;
    whole_ = case_.recorded(0, shape_);
  }

  std::unique_ptr<Engine> engine() const {
    auto made = Engine::create(case_.spec(shape_), shape_);
    set_numbers(case_, members_, *made);
    return made;
  }

  static std::vector<double> rows(const std::vector<double>& from, int first, int n, int columns) {
    const auto begin = from.begin() + std::ptrdiff_t{first} * columns;
    return {begin, begin + std::ptrdiff_t{n} * columns};
  }

  /// Segments first … end − 1.
  GridTrajectory part(int first, int end) const {
    const int n = end - first, slot = first * steps, slots = n * steps;
    const int last = end == segments ? 1 : 0;
    GridTrajectory g;
    g.states = rows(whole_.states, slot, slots + last, case_.size.nx);
    g.inputs = rows(whole_.inputs, slot, slots, case_.size.nu);
    g.decisions = rows(whole_.decisions, first, n + 1, case_.size.nz);
    g.segment_time = rows(whole_.segment_time, first, n, 1);
    g.since_refresh = rows(whole_.since_refresh, slot, slots, 1);
    g.count = rows(whole_.count, first, n, 1);
    g.decided_at = rows(whole_.decided_at, first, n, case_.size.nx);
    return g;
  }

  static std::vector<double> gradient(Engine& engine, const Windows& w, const GradientOptions& o) {
    Gradient g;
    engine.gradient(w, o, g);
    EXPECT_EQ(g.used[0], 1);
    append(g.mean, engine.decision_gradient(0));
    return g.mean;
  }

  /// Of the trajectory loaded at once.
  std::vector<double> expected(Engine& engine, const Windows& w, const GradientOptions& o) const {
    engine.load({whole_});
    return gradient(engine, w, o);
  }

  const EngineCase case_;
  const Members members_;
  BatchShape shape_;
  GridTrajectory whole_;
};

// Breaks when a segment is left out, taken twice or before its successor has added to it, or when
// rows of a part land elsewhere.
TEST_P(Ahead, GivesTheSameBits) {
  const auto fresh = engine(), streamed = engine();
  const std::vector<double> once = expected(*fresh, windows, options);
  EXPECT_NE(once, std::vector<double>(once.size(), 0.0));
  const std::vector<std::vector<int>> splits = {
      {1, 2, 3, 4, 5, 6, 7, 8, 9}, {4, 9}, {9}, {1, 9}, {3, 8, 9}};
  for (const std::vector<int>& split : splits) {
    int first = 0;
    for (const int end : split) {
      streamed->load_segments(first, part(first, end));
      if (end < segments) streamed->differentiate_ahead(windows, options, end);
      first = end;
    }
    ASSERT_EQ(differing_bits(gradient(*streamed, windows, options), once), 0U) << split.front();
  }
}

// Breaks when a gradient goes on from what is no longer true.
TEST_P(Ahead, StartsAfreshWhereAnythingChanged) {
  const Windows other{1, 4, {9}};
  const GradientOptions truncated{Chain::segment, 2, false};
  const GradientOptions rollout{Chain::rollout, 0, false};
  const auto fresh = engine(), streamed = engine();
  const auto go_ahead = [&] {
    streamed->load_segments(0, part(0, 7));
    streamed->differentiate_ahead(windows, options, 7);
  };
  for (const auto& [w, o] :
       {std::pair{other, options}, std::pair{windows, truncated}, std::pair{windows, rollout}}) {
    go_ahead();
    streamed->load_segments(7, part(7, segments));
    ASSERT_EQ(differing_bits(gradient(*streamed, w, o), expected(*fresh, w, o)), 0U);
  }

  go_ahead();
  streamed->load_segments(3, part(3, segments));  // once more, as far as the engine can know
  for (Engine* e : {streamed.get(), fresh.get()}) {
    e->set_policies(case_.theta(1, segments));
    e->set_model(case_.model(1));
  }
  ASSERT_EQ(
      differing_bits(gradient(*streamed, windows, options), expected(*fresh, windows, options)),
      0U);
  go_ahead();
  whole_ = case_.recorded(1, shape_);
  streamed->load_segments(3, part(3, segments));
  streamed->load_segments(0, part(0, 3));
  ASSERT_EQ(
      differing_bits(gradient(*streamed, windows, options), expected(*fresh, windows, options)),
      0U);
}

INSTANTIATE_TEST_SUITE_P(Kernels, Ahead, ::testing::ValuesIn(runnable_entries()), test_name);

}  // namespace
}  // namespace phigrad
