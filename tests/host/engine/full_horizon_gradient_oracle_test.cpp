// The policy gradient of whole trajectories against the complex step of the replayed cost (NU2),
// for every robot, chain and truncation.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "host/engine/kernel_registry.hpp"
#include "tests/support/replay_oracle.hpp"
#include "tests/support/robot_cases.hpp"

namespace phigrad {
namespace {

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Random directions, over all of θ and over a twentieth of it.
std::vector<std::vector<double>> directions(std::size_t n) {
  std::vector<std::vector<double>> all;
  for (std::size_t i = 0; i < 4; ++i) {
    all.push_back(random_numbers(9, i, n, -1, 1));
    if (i % 2 == 0) continue;
    const std::vector<double> keep = random_numbers(10, i, n, 0, 1);
    for (std::size_t k = 0; k < n; ++k) all.back()[k] *= keep[k] < 0.05 || n < 20 ? 1 : 0;
  }
  return all;
}

template <class Robot>
class FullHorizonGradient : public ::testing::Test {
 protected:
  /// Windows inside the trajectory, so that some segments count often, some once and some never.
  Windows some_windows() const {
    const int segments = case_.shape.segments;
    return {segments / 6, segments / 3, {segments - 1.0}};
  }
  /// One window up to the end, with the terminal cost.
  Windows to_the_end() const {
    const int segments = case_.shape.segments;
    return {segments / 6, segments - segments / 6, {1.0 * segments}};
  }

  void expect_slopes(Engine& engine, const ReplayRecord& record, const Windows& windows,
                     const GradientOptions& options, const char* what) {
    Gradient gradient;
    engine.gradient(windows, options, gradient);
    ASSERT_EQ(gradient.status[0], -1) << what;
    const double norm = std::sqrt(dot(gradient.mean, gradient.mean));
    // An input that no cost within reach depends on has no gradient; then the oracle says so too.
    largest_norm_ = std::max(largest_norm_, norm);
    ReplayOracle<Robot> oracle(record);
    std::vector<std::vector<double>> along = directions(gradient.mean.size());
    if (options.truncate > 0) along.resize(2);  // for time
    for (const std::vector<double>& d : along) {
      const double expected = oracle.slope(windows, options, d);
      EXPECT_NEAR(dot(gradient.mean, d), expected, 1e-10 * norm) << what << ", norm " << norm;
      if (options.truncate == 0) {
        Scores scores;
        engine.score(windows, scores);
        EXPECT_NEAR(oracle.value(), scores.loss[0], 1e-12 * std::abs(scores.loss[0])) << what;
      }
    }
    EXPECT_LE(oracle.value_error(), 1e-15) << what << ": the replay leaves the record";
  }

  ReplayRecord simulated_record(Engine& engine) const {
    ReplayRecord r =
        record_of(case_.spec, case_.shape, engine.trajectory(0), case_.time, engine.nx());
    r.theta = case_.theta;
    r.model = case_.experiment.setup.model;
    return r;
  }

  void TearDown() override { EXPECT_GT(largest_norm_, 1e-3); }

  const RobotCase case_ = robot_case<Robot>();
  double largest_norm_ = 0;
};
TYPED_TEST_SUITE(FullHorizonGradient, AllRobots, RobotNames);

// Breaks when any derivative on the way is wrong, when a path is missing (through the state, the
// plan, the head, the decision before), or when a window is counted wrongly.
TYPED_TEST(FullHorizonGradient, IsTheComplexStepOfTheReplay) {
  const auto engine = this->case_.simulated();
  const ReplayRecord record = this->simulated_record(*engine);
  ASSERT_LE(this->case_.shape.slots(), 300);
  for (const Windows& w : {this->some_windows(), this->to_the_end()}) {
    this->expect_slopes(*engine, record, w, {Chain::rollout, 0, false}, "rollout");
    this->expect_slopes(*engine, record, w, {Chain::window, 0, false}, "window");
    this->expect_slopes(*engine, record, w, {Chain::segment, 0, false}, "segment");
  }
}

// Breaks when a truncated sensitivity reaches a step too far or too short, or loses what the plan
// or the head carry; the oracle adds up the effects of single steps, as the definition has it.
TYPED_TEST(FullHorizonGradient, TruncatedIsTheSumOverNearbySteps) {
  const auto engine = this->case_.simulated();
  const ReplayRecord record = this->simulated_record(*engine);
  Windows w = this->to_the_end();
  w.drop = this->case_.shape.segments - 5;
  w.length = 3;
  for (const int truncate : {1, 2, this->case_.shape.steps_per_segment + 2, 1000}) {
    for (const Chain chain : {Chain::rollout, Chain::window, Chain::segment}) {
      this->expect_slopes(*engine, record, w, {chain, truncate, false}, "truncated");
    }
  }
}

// Breaks when a limit beyond the horizon is not the same as no limit.
TYPED_TEST(FullHorizonGradient, FarTruncationIsNone) {
  const auto engine = this->case_.simulated();
  for (const Chain chain : {Chain::rollout, Chain::window, Chain::segment}) {
    Gradient whole, truncated;
    engine->gradient(this->some_windows(), {chain, 0, false}, whole);
    engine->gradient(this->some_windows(), {chain, 100000, false}, truncated);
    const double norm = std::sqrt(dot(whole.mean, whole.mean));
    this->largest_norm_ = std::max(this->largest_norm_, norm);
    for (std::size_t i = 0; i < whole.mean.size(); ++i) {
      ASSERT_NEAR(whole.mean[i], truncated.mean[i], 1e-12 * norm) << i;
    }
  }
}

// Breaks when padding counts, when a segment without samples stops a sensitivity, or when the head
// is differentiated elsewhere than at the state it was shown.
TYPED_TEST(FullHorizonGradient, OfRaggedRecordings) {
  const auto simulated = this->case_.simulated();
  ReplayRecord record = this->simulated_record(*simulated);
  GridTrajectory& g = record.grid;
  const int steps = this->case_.shape.steps_per_segment;
  const auto noise =
      random_numbers(11, 0, g.decided_at.size() + g.since_refresh.size(), -0.01, 0.01);
  for (std::size_t i = 0; i < g.decided_at.size(); ++i) g.decided_at[i] += noise[i];
  for (std::size_t i = 0; i < g.since_refresh.size(); ++i) {
    g.since_refresh[i] += 0.1 * this->case_.shape.dt * noise[g.decided_at.size() + i];
  }
  const int half = (steps + 1) / 2;
  for (std::size_t j = 0; j < g.count.size(); ++j) {
    if (j % 4 == 1) g.count[j] = steps - 1;
    if (j % 4 == 2) g.count[j] = half;
  }
  record.shape.ragged = true;
  RobotCase ragged = this->case_;
  ragged.shape.ragged = true;
  const auto engine = ragged.engine();
  engine->load({g});
  for (const Chain chain : {Chain::rollout, Chain::window, Chain::segment}) {
    this->expect_slopes(*engine, record, this->some_windows(), {chain, 0, false}, "ragged");
  }
  Windows few = this->some_windows();
  few.length = 3;
  few.end = {few.drop + 5.0};
  for (const Chain chain : {Chain::rollout, Chain::window, Chain::segment}) {
    this->expect_slopes(*engine, record, few, {chain, steps + 1, false}, "ragged, truncated");
  }
}

// Breaks when a bundle is registered that no oracle here knows: add it to robot_configs.hpp. Others
// on another plant have no derivatives of their own, nor has the second that learns a model.
TEST(FullHorizonGradientCases, CoverEveryBundle) {
  std::set<std::string> covered;
  const auto add = [&](auto... robots) {
    (covered.insert(robot_case<decltype(robots)>().spec.kernels), ...);
  };
  add(Car{}, CarCorrections{}, CarLapTable{}, CarOnOval{}, CarWithLearned{},
      DoublePendulumLearned{}, Go1{}, DoublePendulumSetpointNetwork{},
      DoublePendulumFeedForwardNetwork{}, DoublePendulumTrajectory{}, DoublePendulumOpenLoop{},
      DoublePendulumLinear{}, DynamicCar{}, RigidBody{}, ScalarSetpoint{}, ScalarTrajectory{},
      ScalarOpenLoop{}, ScalarLinear{});
  for (const char* plant : {"_single_track", "_identified"}) {
    for (const char* car : {"car", "car_corrections", "car_lap_table"}) {
      covered.insert(std::string(car) + plant);
    }
  }
  covered.insert("double_pendulum_feedforward_learned");
  for (const KernelEntry& e : kernel_entries()) {
    EXPECT_EQ(covered.count(e.kernels), 1U) << e.kernels;
  }
}

}  // namespace
}  // namespace phigrad
