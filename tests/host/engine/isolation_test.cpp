// One trajectory's NaN never touches another's result (NU9): of 4096 trajectories one is spoilt,
// the others do not change in a bit, the mean leaves it out, the status says where it was lost.
#include <gtest/gtest.h>

#include "tests/support/bits.hpp"
#include "tests/support/engine_case.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/support/special_values.hpp"

namespace phigrad {
namespace {

constexpr int segments = 2;
constexpr int steps = 2;
const Windows windows{0, 1, {2}};
const GradientOptions options{Chain::rollout, 0, true};

enum class Spoilt { start, plant, model, sample };

class Isolation : public ::testing::TestWithParam<KernelEntry> {
 protected:
  Isolation() : case_(GetParam()) {
    // NU9's thousand trials go to the cheapest bundle, in double and in lanes; networks cost
    // thousands of times as much, and get fewer trajectories too.
    const int np = case_.size.parameters(segments);
    const bool thousand = GetParam().kernels == "scalar_trajectory" &&
                          GetParam().precision == "double" && case_.size.width > 1;
    trajectories_ = np > 1000 ? 64 : 4096;
    trials_ = sanitized ? 6 : thousand ? 1000 : np > 1000 ? 12 : 24;
    members_ = Members::first(trajectories_);
  }

  struct Results {
    std::vector<double> by_trajectory;  // [B, n]: loss, then ∂loss/∂z
    std::vector<int> status;
    Gradient gradient;
  };

  static void take(Engine& engine, Results& r) {
    Scores scores;
    engine.score(windows, scores);
    engine.gradient(windows, options, r.gradient);
    r.status = r.gradient.status;
    r.by_trajectory.clear();
    for (std::int64_t b = 0; b < engine.shape().trajectories(); ++b) {
      r.by_trajectory.push_back(scores.loss[static_cast<std::size_t>(b)]);
      append(r.by_trajectory, engine.decision_gradient(b));
    }
  }

  /// Numbers of one kind for all trajectories.
  template <class F>
  std::vector<double> all(const F& of) const {
    std::vector<double> numbers;
    for (const std::size_t b : members_.trajectories) append(numbers, of(b));
    return numbers;
  }

  /// Everything but the spoilt trajectory's own rows, bit for bit.
  static void expect_only(std::size_t spoilt, const Results& before, const Results& after,
                          int first_slot, int last_slot) {
    const std::size_t n = before.by_trajectory.size() / before.status.size();
    for (std::size_t b = 0; b < before.status.size(); ++b) {
      const bool same = std::memcmp(&before.by_trajectory[b * n], &after.by_trajectory[b * n],
                                    n * sizeof(double)) == 0;
      if (b == spoilt && after.status[b] == -1) {
        // Only a number that nothing depends on (the gain of a saturated input) may go unnoticed.
        ASSERT_TRUE(same) << b << " is spoilt and said to be sound";
        continue;
      }
      if (b == spoilt) {
        ASSERT_GE(after.status[b], first_slot);
        ASSERT_LE(after.status[b], last_slot);
        continue;
      }
      ASSERT_EQ(after.status[b], -1) << b << " beside " << spoilt;
      ASSERT_TRUE(same) << b << " beside " << spoilt;
    }
    const int lost = after.status[spoilt] == -1 ? 0 : 1;
    ASSERT_EQ(after.gradient.used[0], static_cast<int>(before.status.size()) - lost);
  }

  /// The mean of the batch without one trajectory, from a batch without it.
  std::vector<double> mean_without(std::size_t left_out, Engine& engine, bool recorded,
                                   const std::vector<GridTrajectory>& grid) const {
    Members rest;
    rest.policies = {0};
    for (const std::size_t b : members_.trajectories) {
      if (b != left_out) rest.trajectories.push_back(b);
    }
    BatchShape shape = engine.shape();
    --shape.rollouts;
    const auto other = Engine::create(case_.spec(shape), shape);
    set_numbers(case_, rest, *other);
    if (recorded) {
      std::vector<GridTrajectory> remaining;
      for (const std::size_t b : rest.trajectories) remaining.push_back(grid[b]);
      other->load(remaining);
    } else {
      simulate_members(case_, rest, *other);
    }
    Gradient g;
    other->gradient(windows, options, g);
    append(g.mean, g.variance);
    return g.mean;
  }

  static std::vector<double> mean_of(const Results& r) {
    std::vector<double> m = r.gradient.mean;
    append(m, r.gradient.variance);
    return m;
  }

  std::size_t pick(std::size_t trial, std::uint64_t what, std::size_t n) const {
    return static_cast<std::size_t>(
        random_numbers(200 + what, trial, 1, 0, static_cast<double>(n))[0]);
  }

  const EngineCase case_;
  std::size_t trajectories_ = 0, trials_ = 0;
  Members members_;
};

// Breaks when lanes mix, when a NaN is multiplied by 0 instead of selected away, or when the mean
// takes whatever comes.
TEST_P(Isolation, OfSimulatedTrajectories) {
  const auto engine = simulated(case_, members_, members_.shape(segments, steps));
  const auto starts = all([&](std::size_t b) { return case_.start(b); });
  const auto times = all([&](std::size_t b) { return std::vector<double>{case_.start_time(b)}; });
  const auto plants = all([&](std::size_t b) { return case_.plant(b); });
  const auto models = all([&](std::size_t b) { return case_.model(b); });
  Results clean, spoilt;
  take(*engine, clean);
  for (std::size_t trial = 0; trial < trials_; ++trial) {
    const std::size_t b = pick(trial, 0, trajectories_);
    const auto which = static_cast<Spoilt>(trial % 3);
    auto starts_now = starts, plants_now = plants, models_now = models;
    if (which == Spoilt::start) {
      const auto nx = static_cast<std::size_t>(case_.size.nx);
      starts_now[b * nx + pick(trial, 1, nx)] = nan;
    } else {
      const bool plant = which == Spoilt::plant;
      const auto size = static_cast<std::size_t>(plant ? case_.size.plant : case_.size.model);
      (plant ? plants_now : models_now)[b * size + pick(trial, 1, size)] = nan;
    }
    engine->set_plant(plants_now);
    engine->set_model(models_now);
    engine->simulate(starts_now, times);
    take(*engine, spoilt);
    // A parameter spoils the state after the first step; a model spoils what is pulled through it.
    const int first = which == Spoilt::plant ? 1 : 0;
    const int last = which == Spoilt::start ? 0 : which == Spoilt::plant ? 1 : steps * segments - 1;
    expect_only(b, clean, spoilt, first, last);
    if (HasFatalFailure()) FAIL() << "trial " << trial;
    if (trial < 3) {
      ASSERT_EQ(differing_bits(mean_of(spoilt), mean_without(b, *engine, false, {})), 0U) << trial;
    }
  }
}

// Breaks likewise for recordings, whose samples are NaN at any time.
TEST_P(Isolation, OfRecordedTrajectories) {
  BatchShape shape = members_.shape(segments, steps);
  shape.ragged = true;
  const auto engine = Engine::create(case_.spec(shape), shape);
  set_numbers(case_, members_, *engine);
  std::vector<GridTrajectory> grid;
  for (const std::size_t b : members_.trajectories) {
    grid.push_back(case_.recorded(b, shape));
    grid.back().count.assign(segments, steps);
  }
  Results clean, spoilt;
  engine->load(grid);
  take(*engine, clean);
  for (std::size_t trial = 0; trial < (trials_ + 1) / 2; ++trial) {
    const std::size_t b = pick(trial, 2, trajectories_);
    const GridTrajectory kept = grid[b];
    const std::size_t slot = pick(trial, 3, segments * steps);
    const auto nx = static_cast<std::size_t>(case_.size.nx);
    const auto nu = static_cast<std::size_t>(case_.size.nu);
    if (trial % 2 == 0) {
      grid[b].states[slot * nx + pick(trial, 4, nx)] = nan;
    } else {
      grid[b].inputs[slot * nu + pick(trial, 4, nu)] = nan;
    }
    grid[b].status = static_cast<double>(slot);
    engine->load(grid);
    take(*engine, spoilt);
    expect_only(b, clean, spoilt, static_cast<int>(slot), static_cast<int>(slot));
    if (HasFatalFailure()) FAIL() << "trial " << trial;
    if (trial == 0) {
      ASSERT_EQ(differing_bits(mean_of(spoilt), mean_without(b, *engine, true, grid)), 0U);
    }
    grid[b] = kept;
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, Isolation, ::testing::ValuesIn(runnable_entries()), test_name);

}  // namespace
}  // namespace phigrad
