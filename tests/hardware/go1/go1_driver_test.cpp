// The Go1's driver against an emulated robot on 127.0.0.1: standing, walking, stopping.
#include "hardware/go1/go1_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <utility>

#include "tests/hardware/go1/go1_pair.hpp"
#include "tests/support/special_values.hpp"

namespace phigrad {
namespace {

namespace emulated = go1_emulation;
using emulated::command;
using emulated::eventually;
using emulated::Pair;
using emulated::seconds_now;
using testing::IsEmpty;

// Breaks when a command is not what the robot takes, when its mode or gait is wrong, when what is
// measured is not where the robot went, or when neutral() idles a robot that still walks.
TEST(Go1Driver, StandsWalksMeasuresAndGoesNeutral) {
  emulated::Go1 robot;
  robot.body = {0.5, -0.25, 1.0, 0, 0};
  Pair pair(robot);
  for (int step = 0; step < 60; ++step) {
    const double before = seconds_now();
    ASSERT_TRUE(command(pair.driver, step < 40 ? 0.5 : -0.25, 0.8));
    const auto m = pair.settle();
    ASSERT_TRUE(m);
    EXPECT_EQ(robot.seen.back().mode, 2);
    EXPECT_EQ(robot.seen.back().gait, 1);
    EXPECT_NEAR(m->state[0], robot.body.x, 1e-6);
    EXPECT_NEAR(m->state[1], robot.body.y, 1e-6);
    EXPECT_NEAR(m->state[2], step < 40 ? 1.165 * 0.5 : 1.165 * -0.25, 1e-6);
    EXPECT_NEAR(std::remainder(m->state[3] - robot.body.heading, 2 * M_PI), 0, 1e-6);
    EXPECT_LE(std::abs(m->state[3]), M_PI);  // the robot turns through 3.6 rad
    EXPECT_GE(m->at_s, before);
    EXPECT_LE(m->at_s, seconds_now());
  }
  EXPECT_NEAR(robot.body.heading, 1.0 + 60 * 0.75 * 0.8 * 0.1, 1e-5);

  robot.seen.clear();
  for (std::size_t call = 0; call < 8; ++call) {
    ASSERT_TRUE(pair.driver.neutral());
    pair.settle();
    ASSERT_EQ(robot.seen.size(), call + 1) << "neutral() must keep sending";
    const emulated::Seen& seen = robot.seen.back();
    EXPECT_EQ(seen.mode, call < 3 ? 2 : 0) << call;
    EXPECT_EQ(seen.speed, 0.0f);
    EXPECT_EQ(seen.yaw_rate, 0.0f);
  }
  EXPECT_THAT(robot.faults, IsEmpty());
  EXPECT_EQ(pair.driver.counts().refused(), 0u);
  EXPECT_EQ(pair.driver.counts().unsent, 0u);
}

// Breaks when neutral() makes a robot that stands step on the spot, or when walking again after
// idling leaves out the slowing down.
TEST(Go1Driver, SlowsDownOnlyAfterWalking) {
  emulated::Go1 robot;
  Pair pair(robot);
  std::string modes;
  const auto neutral = [&](int calls) {
    for (int i = 0; i < calls; ++i) pair.driver.neutral();
  };
  neutral(2);
  command(pair.driver, 0.3, 0);
  neutral(2);  // a short pause: the slowing begins anew after the next command
  command(pair.driver, 0.3, 0);
  neutral(5);
  pair.settle();
  for (const emulated::Seen& seen : robot.seen) modes += static_cast<char>('0' + seen.mode);
  EXPECT_EQ(modes, "00222222200");
  EXPECT_EQ(robot.seen[6].speed, 0.0f);
  EXPECT_THAT(robot.faults, IsEmpty());
}

// Breaks when the heights or the gait of the settings do not reach the robot.
TEST(Go1Driver, SendsHeightsAndGaitOfTheSettings) {
  emulated::Go1 robot;
  robot.walking_gait = 3;
  Go1Settings settings = settings_for(robot);
  settings.gait = Go1Gait::stairs;
  settings.foot_raise_m = 0.02;
  settings.body_height_m = -0.05;
  Pair pair(robot, settings);
  command(pair.driver, 0.1, 0);
  pair.settle();
  EXPECT_THAT(robot.faults, IsEmpty());
  ASSERT_EQ(robot.seen.size(), 1u);
  EXPECT_EQ(robot.seen[0].foot_raise, 0.02f);
  EXPECT_EQ(robot.seen[0].body_height, -0.05f);
}

// Breaks when a command beyond the caps, a NaN or an infinity reaches the wire.
TEST(Go1Driver, ClampsAndStopsAsTheLastGuard) {
  emulated::Go1 robot;
  Go1Settings settings = settings_for(robot);
  settings.speed_cap_m_per_s = 0.5;
  settings.yaw_rate_cap_rad_per_s = 2;
  Pair pair(robot, settings);
  const auto sent = [&](double speed, double yaw_rate, bool taken) {
    EXPECT_EQ(command(pair.driver, speed, yaw_rate), taken);
    pair.settle();
    return std::make_pair(robot.seen.back().speed, robot.seen.back().yaw_rate);
  };
  EXPECT_EQ(sent(0.4, -1.5, true), std::make_pair(0.4f, -1.5f));
  EXPECT_EQ(pair.driver.counts().clamped_commands, 0u);
  EXPECT_EQ(sent(7, -9, true), std::make_pair(0.5f, -2.0f));
  EXPECT_EQ(sent(-1e300, 1e300, true), std::make_pair(-0.5f, 2.0f));
  EXPECT_EQ(pair.driver.counts().clamped_commands, 2u);
  for (const double bad : {nan, inf, -inf}) {
    EXPECT_EQ(sent(bad, 1, false), std::make_pair(0.0f, 0.0f));
    EXPECT_EQ(sent(0.4, bad, false), std::make_pair(0.0f, 0.0f));
  }
  EXPECT_EQ(robot.seen.size(), 9u);
  EXPECT_EQ(pair.driver.counts().spoilt_commands, 6u);
  EXPECT_THAT(robot.faults, IsEmpty());
}

// Breaks when any pair of doubles gets past the last guard: half of them random bit patterns.
TEST(Go1Driver, KeepsRandomCommandsWithinTheCaps) {
  emulated::Go1 robot;
  Pair pair(robot);
  robot.answers = false;
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> near(-4, 4);
  for (int i = 0; i < 20000; ++i) {
    double u[2];
    for (double& value : u) {
      const std::uint64_t bits = random();
      std::memcpy(&value, &bits, sizeof value);
      if (i % 2 == 0) value = near(random);
    }
    pair.driver.command(u);
    if (i % 16 == 0) pair.settle();
  }
  pair.settle();
  EXPECT_EQ(robot.seen.size(), 20000u);
  EXPECT_THAT(robot.faults, IsEmpty());  // the emulator refuses what is beyond 1 m/s and 3 rad/s
  EXPECT_GT(pair.driver.counts().clamped_commands, 5000u);
}

// Breaks when settings that no config reader has seen widen the caps or stop the clock.
TEST(Go1Driver, CutsSettingsThatCodeFilledIn) {
  emulated::Go1 robot;
  Go1Settings settings = settings_for(robot);
  settings.speed_cap_m_per_s = 50;
  settings.yaw_rate_cap_rad_per_s = nan;
  settings.foot_raise_m = inf;
  settings.body_height_m = nan;
  settings.answer_within_s = 1e300;
  settings.slowing_calls = -5;
  Pair pair(robot, settings);
  command(pair.driver, 20, 1);
  command(pair.driver, 0, 0);
  pair.driver.neutral();
  pair.settle();
  ASSERT_EQ(robot.seen.size(), 3u);
  EXPECT_EQ(robot.seen[0].speed, 1.0f);
  EXPECT_EQ(robot.seen[0].yaw_rate, 0.0f);
  EXPECT_EQ(robot.seen[0].foot_raise, 0.03f);
  EXPECT_EQ(robot.seen[0].body_height, 0.0f);
  EXPECT_EQ(robot.seen[2].mode, 0);
}

// Breaks when a driver that is dropped while it walks leaves the robot walking.
TEST(Go1Driver, StopsTheRobotWhenItEnds) {
  emulated::Go1 robot;
  {
    Pair pair(robot);
    command(pair.driver, 0.5, 1);
  }
  EXPECT_TRUE(eventually([&] {
    robot.serve();
    return robot.seen.size() == 3;
  }));
  ASSERT_EQ(robot.seen.size(), 3u);
  EXPECT_EQ(robot.seen[1].mode, 2);
  EXPECT_EQ(robot.seen[1].speed, 0.0f);
  EXPECT_EQ(robot.seen[2].mode, 0);
  EXPECT_THAT(robot.faults, IsEmpty());
}

// Breaks when people cannot see what is driven and where.
TEST(Go1Driver, DescribesItself) {
  Go1Settings settings;
  settings.speed_cap_m_per_s = 0.8;
  EXPECT_EQ(Go1Driver(settings).description(),
            "Unitree Go1 at 192.168.123.161:8082, trot, at most 0.8 m/s and 3 rad/s");
}

}  // namespace
}  // namespace phigrad
