// SA4: when the measured cost rises, back to the best policy; noise alone is no reason.
#include "hardware/agent/rollback.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "host/records/recordings.hpp"
#include "tests/hardware/agent/expect_error.hpp"
#include "tests/support/recorded_file.hpp"
#include "tests/support/special_values.hpp"

namespace phigrad {
namespace {

using testing::input_error_of;

/// Feeds costs of policies first, first + 1, …; the index of the first cost whose advice was not
/// to go on, or -1.
int first_alarm(Rollback& rollback, const std::vector<double>& costs, std::uint64_t first = 1) {
  for (std::size_t i = 0; i < costs.size(); ++i) {
    if (rollback.observe(first + i, costs[i]) != RollbackAdvice::go_on) return static_cast<int>(i);
  }
  return -1;
}

class RecordedCosts : public ::testing::Test {
 protected:
  void SetUp() override { REQUIRE_RECORDINGS(); }

  std::vector<double> costs(const std::string& name) const {
    return read_log(recorded_file(name + ".bson")).recorded_losses;
  }
};

// Breaks when the relapse of the car's third training is seen too late (the second bad rollout is
// number 8), earlier than there is one, or answered with another policy than the best.
TEST_F(RecordedCosts, TheRelapseIsRolledBackBeforeIterationNine) {
  Rollback rollback;
  const std::vector<double> recorded = costs("jetracer_training_3");
  ASSERT_EQ(recorded.size(), 15u);
  const int alarm = first_alarm(rollback, recorded, 100);
  EXPECT_GE(alarm, 7);
  EXPECT_LT(alarm, 9);
  EXPECT_EQ(rollback.best_version(), 106u);
  EXPECT_EQ(rollback.best_cost(), recorded[6]);
}

// Breaks when the noise of a training that only gets better is taken for a relapse. The quadruped's
// costs go up by more than six times from one rollout to the next, and back.
TEST_F(RecordedCosts, NoAlarmWhereLearningWorked) {
  for (const char* name : {"jetracer_training_1", "go1_0p5_training"}) {
    Rollback rollback;
    const std::vector<double> recorded = costs(name);
    ASSERT_GE(recorded.size(), 10u);
    EXPECT_EQ(first_alarm(rollback, recorded), -1) << name;
  }
}

// Breaks when all this hangs on one choice of the settings.
TEST_F(RecordedCosts, TheSettingsAreNoKnifeEdge) {
  const std::vector<double> relapse = costs("jetracer_training_3");
  const std::vector<double> car = costs("jetracer_training_1");
  const std::vector<double> quadruped = costs("go1_0p5_training");
  for (const double k : {1.0, 2.0, 3.0, 4.0, 5.0}) {
    for (const int window : {8, 12, 64}) {
      RollbackSettings settings;
      settings.k = k;
      settings.window = window;
      Rollback on_relapse(settings);
      Rollback on_car(settings);
      Rollback on_quadruped(settings);
      EXPECT_EQ(first_alarm(on_relapse, relapse), 8) << k << ", " << window;
      EXPECT_EQ(first_alarm(on_car, car), -1) << k << ", " << window;
      EXPECT_EQ(first_alarm(on_quadruped, quadruped), -1) << k << ", " << window;
    }
  }
}

/// Costs with known noise around a given mean, standard deviation `sigma`.
std::vector<double> noisy(std::size_t count, double start, double slope, double sigma,
                          unsigned seed) {
  std::mt19937 random(seed);
  std::vector<double> costs(count);
  for (std::size_t i = 0; i < count; ++i) {
    double normal = -6;  // the sum of 12 uniform numbers, the same with every standard library
    for (int n = 0; n < 12; ++n) normal += static_cast<double>(random()) * 0x1p-32;
    costs[i] = start + slope * static_cast<double>(i) + sigma * normal;
  }
  return costs;
}

// Breaks when sigma is not the noise's standard deviation, takes a trend for noise, or follows an
// outlier. The median of 62 bends of a window scatters by some 15 %; the mean of 200 by 1 %.
TEST(Rollback, SigmaIsTheNoiseWithoutTrendAndOutliers) {
  RollbackSettings settings;
  settings.window = RollbackSettings::most_window;
  settings.k = 1000;
  settings.least_sigma = 0;
  double steady = 0;
  double with_outlier = 0;
  constexpr int runs = 200;
  for (unsigned run = 0; run < runs; ++run) {
    std::vector<double> costs = noisy(64, 5000, -40, 3, run);
    Rollback rollback(settings);
    first_alarm(rollback, costs);
    steady += rollback.sigma() / runs;
    costs[30] += 2000;
    Rollback second(settings);
    first_alarm(second, costs);
    with_outlier += second.sigma() / runs;
  }
  EXPECT_NEAR(steady, 3, 0.15);
  EXPECT_NEAR(with_outlier, 3, 0.3);
}

// Breaks when noise that lies before the window still counts.
TEST(Rollback, SigmaForgetsWhatLeftTheWindow) {
  RollbackSettings settings;
  settings.window = 4;
  settings.k = 1000;
  Rollback rollback(settings);
  first_alarm(rollback, {100, 160, 90, 170, 80});
  EXPECT_GT(rollback.sigma(), 50);
  first_alarm(rollback, {79, 78, 77});
  EXPECT_EQ(rollback.sigma(), 0.02 * 77);
}

// Breaks when a lone bad rollout is a relapse, or two with a good one between them are.
TEST(Rollback, BadRolloutsHaveToBeInARow) {
  Rollback rollback;
  EXPECT_EQ(first_alarm(rollback, {100, 90, 81, 70, 500, 65, 500, 60, 500, 55}), -1);
  EXPECT_EQ(first_alarm(rollback, {5000, 6000}, 50), 1);
  EXPECT_EQ(rollback.best_version(), 10u);
  EXPECT_EQ(rollback.best_cost(), 55);
}

// Breaks when rollouts under suspicion already widen sigma and so excuse themselves.
TEST(Rollback, ARelapseDoesNotRaiseItsOwnThreshold) {
  RollbackSettings settings;
  settings.m = 5;
  Rollback rollback(settings);
  EXPECT_EQ(first_alarm(rollback, {100, 92, 81, 75, 68}), -1);
  const double threshold = rollback.threshold();
  EXPECT_GT(threshold, 68);
  EXPECT_LT(threshold, 100);
  for (const double cost : {150.0, 300.0, 150.0, 300.0}) {
    EXPECT_EQ(rollback.observe(9, cost), RollbackAdvice::go_on);
    EXPECT_EQ(rollback.threshold(), threshold);
  }
  EXPECT_EQ(rollback.observe(9, 150), RollbackAdvice::roll_back);
}

// Breaks when a robot whose best policy does not work any more is rolled back again and again.
TEST(Rollback, HaltsWhenRollingBackDoesNotHelp) {
  Rollback rollback;
  ASSERT_EQ(first_alarm(rollback, {100, 90, 81, 70}), -1);
  EXPECT_EQ(rollback.observe(5, 900), RollbackAdvice::go_on);
  EXPECT_EQ(rollback.observe(6, 900), RollbackAdvice::roll_back);
  EXPECT_EQ(rollback.observe(7, 900), RollbackAdvice::go_on);
  EXPECT_EQ(rollback.observe(8, 900), RollbackAdvice::halt);
  EXPECT_EQ(rollback.observe(9, 71), RollbackAdvice::go_on);  // someone has mended it
  EXPECT_EQ(rollback.observe(10, 900), RollbackAdvice::go_on);
  EXPECT_EQ(rollback.observe(11, 900), RollbackAdvice::roll_back);
  EXPECT_EQ(rollback.best_version(), 4u);
}

// Breaks when a cost that is not finite counts as good, or spoils what is known.
TEST(Rollback, NotANumberIsWorseThanAny) {
  for (const double bad :
       {nan, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    Rollback rollback;
    EXPECT_EQ(first_alarm(rollback, {bad, 100, bad, 90, 81, 70}), -1);
    EXPECT_TRUE(std::isfinite(rollback.threshold()));
    EXPECT_EQ(rollback.best_cost(), 70);
    EXPECT_EQ(first_alarm(rollback, {bad, bad}, 20), 1);
    Rollback hopeless;
    EXPECT_EQ(hopeless.observe(1, bad), RollbackAdvice::go_on);
    EXPECT_EQ(hopeless.observe(1, bad), RollbackAdvice::halt);  // there is nothing to go back to
    EXPECT_FALSE(hopeless.has_best());
  }
}

// Breaks when one lucky rollout of a policy outweighs the mean of another's.
TEST(Rollback, ThePoliciesAreComparedByTheirMeans) {
  RollbackSettings settings;
  settings.k = 100;
  Rollback rollback(settings);
  for (const double cost : {80.0, 84.0, 82.0, 78.0}) rollback.observe(3, cost);
  EXPECT_EQ(rollback.best_cost(), 81);
  rollback.observe(4, 60);
  EXPECT_EQ(rollback.best_version(), 4u);
  rollback.observe(4, 120);
  EXPECT_EQ(rollback.best_version(), 3u);
  EXPECT_EQ(rollback.best_cost(), 81);
  rollback.observe(5, 100);
  EXPECT_EQ(rollback.best_version(), 3u);
}

// Breaks when costs without any noise (a simulation) trip over their last digits.
TEST(Rollback, NoNoiseIsBelievedToBeTooSmall) {
  Rollback rollback;
  EXPECT_EQ(first_alarm(rollback, {50, 50, 50, 50, 50.5, 50.9, 50.5, 52}), -1);
  EXPECT_EQ(rollback.sigma(), 0.02 * 50);
}

// Breaks when settings without sense are taken.
TEST(Rollback, RefusesUnsoundSettings) {
  const auto refused = [](auto member, auto value) {
    RollbackSettings settings;
    settings.*member = value;
    input_error_of([&] { Rollback rollback(settings); });
  };
  for (const double k : {-1.0, nan}) refused(&RollbackSettings::k, k);
  for (const int m : {0, -1, 17}) refused(&RollbackSettings::m, m);
  for (const int window : {3, 65}) refused(&RollbackSettings::window, window);
  for (const double sigma : {-0.1, nan}) refused(&RollbackSettings::least_sigma, sigma);
}

}  // namespace
}  // namespace phigrad
