// From poses to states: against a motion known in closed form.
#include "hardware/agent/pose_filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <random>

#include "hardware/agent/posed_driver.hpp"
#include "tests/hardware/agent/expect_error.hpp"

namespace phigrad {
namespace {

using testing::input_error_of;

constexpr double sender_ahead_s = 1000;  // the sender's clock before this one

/// A pose at sender's time `t_s`.
link::Pose pose_at(std::uint64_t sequence, double t_s, double x, double y, double yaw) {
  link::Pose pose;
  pose.id = "car";
  pose.sequence = sequence;
  pose.t_s = t_s;
  pose.p = {x, y, 0.1};
  pose.q = {std::cos(yaw / 2), 0, 0, std::sin(yaw / 2)};
  return pose;
}

std::int64_t arrival(double t_s, double way_s = 0.001) {
  return std::llround((t_s - sender_ahead_s + way_s) * 1e9);
}

/// A car that drives at 2 m/s along 30 degrees, seen at 100 Hz.
class PoseFilterTest : public ::testing::Test {
 protected:
  std::optional<Measurement> see(PoseFilter& filter, int i, double speed = 2, double way_s = 0.001,
                                 double yaw = heading) {
    const double t = 5000 + 0.01 * i;
    const double s = speed * 0.01 * i;
    return filter.take(pose_at(static_cast<std::uint64_t>(i + 1), t, s * std::cos(heading),
                               s * std::sin(heading), yaw),
                       arrival(t, way_s));
  }
  static constexpr double heading = 0.5235987755982988;
};

// Breaks when the velocity's filter has another gain or time constant than it says.
TEST_F(PoseFilterTest, SpeedRisesAsTheLowPassOfFirstOrder) {
  PoseFilterSettings settings;
  settings.velocity_s = 0.03;
  PoseFilter filter(settings);
  for (int i = 0; i <= 60; ++i) {
    const auto m = see(filter, i);
    ASSERT_TRUE(m.has_value());
    EXPECT_NEAR(m->state[2], 2 * (1 - std::exp(-0.01 * i / 0.03)), 1e-6);
    EXPECT_NEAR(m->state[3], heading, 1e-12);
    EXPECT_NEAR(m->state[0], 0.02 * i * std::cos(heading), 1e-12);
    EXPECT_NEAR(m->state[1], 0.02 * i * std::sin(heading), 1e-12);
  }
}

// Breaks when the lag under acceleration is not the stated one: it enters the policy and A, B.
TEST_F(PoseFilterTest, LagUnderAccelerationIsTheStatedOne) {
  PoseFilter filter({});
  constexpr double accel = 3;
  double speed = 0, t = 0;
  for (int i = 0; i < 200; ++i) {
    t = 0.01 * i;
    speed = filter
                .take(pose_at(static_cast<std::uint64_t>(i + 1), t, accel * t * t / 2, 0, 0),
                      arrival(t))
                ->state[2];
  }
  const double gain = 1 - std::exp(-0.01 / 0.03);
  EXPECT_NEAR((accel * t - speed) / accel, 0.01 * (1 / gain - 0.5), 1e-6);
  EXPECT_NEAR((accel * t - speed) / accel, 0.03, 0.0005);
}

// Breaks when the noise that the filter lets into v is not what its comment promises.
TEST_F(PoseFilterTest, NoiseOfTheSpeedIsTheStatedOne) {
  PoseFilterSettings settings;
  settings.speed = SpeedKind::forward;
  PoseFilter filter(settings);
  std::mt19937 random(7);
  std::normal_distribution<double> noise_m(0, 0.001);
  double squares = 0;
  constexpr int n = 20000;
  for (int i = 0; i < n; ++i) {
    const double t = 0.01 * i;
    const double v =
        filter
            .take(pose_at(static_cast<std::uint64_t>(i + 1), t, noise_m(random), 0, 0), arrival(t))
            ->state[2];
    squares += v * v / n;
  }
  EXPECT_NEAR(std::sqrt(squares), 0.001 / 0.03, 0.1 * 0.001 / 0.03);
}

// Breaks when a car that backs up seems to drive forward, or the authors' speed gets a sign.
TEST_F(PoseFilterTest, SpeedAlongTheHeadingHasASign) {
  PoseFilterSettings settings;
  PoseFilter length(settings);
  settings.speed = SpeedKind::forward;
  PoseFilter forward(settings);
  double v_length = 0, v_forward = 0;
  for (int i = 0; i < 60; ++i) {
    v_length = see(length, i, -2)->state[2];
    v_forward = see(forward, i, -2)->state[2];
  }
  EXPECT_NEAR(v_length, 2, 1e-3);
  EXPECT_NEAR(v_forward, -2, 1e-3);
}

// Breaks when a pose that was held up on its way counts as fresh.
TEST_F(PoseFilterTest, DelayBeyondTheShortestWayIsAge) {
  PoseFilter filter({});
  for (int i = 0; i < 50; ++i) see(filter, i);
  const double t = 5000 + 0.5;
  const auto late = see(filter, 50, 2, 0.101);
  ASSERT_TRUE(late.has_value());
  EXPECT_NEAR(late->at_s, t - sender_ahead_s + 0.001, 1e-4);  // not 100 ms later
}

// Breaks when poses out of order, of other bodies, not finite or of swapped markers are believed.
TEST_F(PoseFilterTest, StrangePosesAreDropped) {
  PoseFilter filter({});
  for (int i = 0; i < 20; ++i) see(filter, i);
  EXPECT_FALSE(see(filter, 10).has_value());
  EXPECT_FALSE(see(filter, 19).has_value());
  link::Pose other = pose_at(30, 5000.2, 1, 1, 0);
  other.id = "drone";
  EXPECT_FALSE(filter.take(other, arrival(5000.2)).has_value());
  link::Pose spoilt = pose_at(30, 5000.2, std::numeric_limits<double>::quiet_NaN(), 1, 0);
  EXPECT_FALSE(filter.take(spoilt, arrival(5000.2)).has_value());
  EXPECT_FALSE(filter.take(pose_at(30, 5000.2, 3, 3, 0), arrival(5000.2)).has_value());
  EXPECT_EQ(filter.dropped(), 5u);
  const auto next = see(filter, 20);
  ASSERT_TRUE(next.has_value());
  EXPECT_LT(next->state[2], 2.1);
}

// Breaks when a robot that was carried away is never found again.
TEST_F(PoseFilterTest, RobotThatStaysElsewhereIsFoundAgain) {
  PoseFilter filter({});
  for (int i = 0; i < 20; ++i) see(filter, i);
  std::optional<Measurement> m;
  int dropped = 0;
  for (int i = 20; i < 40 && !m; ++i, ++dropped) {
    const double t = 5000 + 0.01 * i;
    m = filter.take(pose_at(static_cast<std::uint64_t>(i + 1), t, 30, 0, 0), arrival(t));
  }
  ASSERT_TRUE(m.has_value());
  EXPECT_GT(dropped, 3);
  EXPECT_EQ(m->state[0], 30);
  EXPECT_EQ(m->state[2], 0);
}

// Breaks when a gap gives a velocity, or a sender that was started again is not heard.
TEST_F(PoseFilterTest, GapsAndRestartsBeginFromRest) {
  PoseFilter filter({});
  for (int i = 0; i < 20; ++i) see(filter, i);
  const auto after_gap = see(filter, 60);
  ASSERT_TRUE(after_gap.has_value());
  EXPECT_EQ(after_gap->state[2], 0);
  const auto restarted = filter.take(pose_at(1, 0.5, 0, 0, 0), arrival(5000 + 5));
  ASSERT_TRUE(restarted.has_value());
  EXPECT_EQ(restarted->state[2], 0);
  EXPECT_NEAR(restarted->at_s, 4005.001, 1e-6);
}

// Breaks when settings that give no velocity at all are taken.
TEST_F(PoseFilterTest, UnsoundSettingsAreRefused) {
  PoseFilterSettings settings;
  settings.velocity_s = -1;
  EXPECT_THAT(input_error_of([&] { PoseFilter filter(settings); }),
              ::testing::HasSubstr("agent.driver.pose"));
}

/// A robot without senses.
class BlindDriver final : public Driver {
 public:
  void start() override {}
  bool command(const double* u) noexcept override { return u[0] > 0; }
  bool neutral() noexcept override { return true; }
  bool measure(Measurement&) noexcept override { return false; }
  std::string description() const override { return "a blind robot"; }
};

// Breaks when an older pose than the newest is measured, or one is measured twice.
TEST(PosedDriver, MeasuresTheNewestPoseOnce) {
  const auto ports = std::make_unique<LoopPorts>();
  PosedDriver driver(std::make_unique<BlindDriver>(), *ports);
  Measurement m{};
  EXPECT_FALSE(driver.measure(m));
  for (const double x : {1.0, 2.0, 3.0}) {
    m.state[0] = x;
    ASSERT_TRUE(ports->poses.push(m));
  }
  EXPECT_TRUE(driver.measure(m));
  EXPECT_EQ(m.state[0], 3.0);
  EXPECT_FALSE(driver.measure(m));
  const double forwards = 1, backwards = -1;
  EXPECT_TRUE(driver.command(&forwards));
  EXPECT_FALSE(driver.command(&backwards));
}

}  // namespace
}  // namespace phigrad
