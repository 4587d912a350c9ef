// SA1 and SA2 through a whole period: whatever happens, neutral in time and nothing wild before.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/hardware/agent/loop_fixture.hpp"

namespace phigrad {
namespace {

using testing::LoopFixture;
using testing::TestDriver;
using Kind = LoopRecord::Kind;

class ControlLoopSafety : public LoopFixture {
 protected:
  /// Out of a trip, and into the next rollout.
  void rearm() {
    ports->orders.push(Order::disarm);
    ports->orders.push(Order::arm);
  }
};

// SA1. Breaks when measurements that stop at any moment leave the robot moving for over 60 ms.
TEST_F(ControlLoopSafety, CutMeasurementsBringNeutralWithinThreePeriods) {
  constexpr int cuts = 10000;
  settings.segments = 1000;
  make();
  ready();
  std::mt19937 random(5);
  std::uniform_int_distribution<int> periods(1, 9);
  std::uniform_real_distribution<double> age_s(0, 0.02);  // of a measurement when it is read
  double longest_s = 0;
  int late = 0;
  for (int cut = 0; cut < cuts; ++cut) {
    driver.measures = true;
    double last_data_s = 0;
    const int n = periods(random);
    for (int i = 0; i < n; ++i) {
      now_ns += period_ns;
      last_data_s = driver.at_s = static_cast<double>(now_ns) * 1e-9 - age_s(random);
      ports->orders.push(Order::alive);
      loop->tick(now_ns);
    }
    ASSERT_TRUE(loop->moving());
    driver.measures = false;
    const std::uint64_t tripped = loop->counts().tripped;
    for (int i = 0; i < 10 && driver.last == TestDriver::Call::command; ++i) {
      now_ns += period_ns;
      ports->orders.push(Order::alive);
      loop->tick(now_ns);
    }
    const double neutral_s = static_cast<double>(now_ns) * 1e-9 - last_data_s;
    longest_s = std::max(longest_s, neutral_s);
    late += neutral_s > 0.06;
    ASSERT_EQ(loop->counts().tripped, tripped + 1);
    rearm();
    for (const LoopRecord& r : records()) {
      if (r.kind == Kind::end) {
        ASSERT_EQ(r.trip, Trip::pose_stale);
      }
    }
  }
  EXPECT_EQ(late, 0);
  EXPECT_GT(longest_s, 0.03);  // the data did stop, and the robot did move until then
}

// SA1. Breaks when a link thread that hangs is not noticed.
TEST_F(ControlLoopSafety, SilentLinkThreadBringsNeutral) {
  start_driving();
  const std::int64_t last_sign = now_ns;
  settings.segments = 1000;
  while (loop->moving() && now_ns - last_sign < 3'000'000'000) {
    now_ns += period_ns;
    driver.at_s = static_cast<double>(now_ns) * 1e-9;
    loop->tick(now_ns);
    records();
  }
  EXPECT_LE(now_ns - last_sign, 1'000'000'000);
  EXPECT_EQ(driver.last, TestDriver::Call::neutral);
}

// Breaks when a trip leaves the command of its period on the wire, goes without its reason on
// record, or ends without a person's disarm and arm.
TEST_F(ControlLoopSafety, EveryTripIsNeutralInTheSamePeriod) {
  settings.fence = Geofence::circle({0, 0}, 50, {1, 0.1});
  settings.planar = {0, 1, 2, 3};
  struct Case {
    Trip trip;
    std::function<void()> cause;
    std::int64_t after_ns = period_ns;
  };
  const std::vector<Case> cases = {
      {Trip::geofence_left, [&] { driver.x[0] = 49.5; }},
      {Trip::geofence_left, [&] { driver.x[2] = 600; }},  // still inside, but not after braking
      {Trip::bus_fault, [&] { driver.takes_commands = false; }},
      {Trip::link_lost, [&] { ports->orders.push(Order::link_lost); }},
      {Trip::disarmed_in_motion, [&] { ports->orders.push(Order::disarm); }},
      {Trip::internal_fault, [&] { ports->orders.push(Order::internal_fault); }},
      {Trip::shut_down_in_motion, [&] { ports->orders.push(Order::shut_down); }},
      {Trip::deadline_missed, [] {}, 41'000'000},
      {Trip::deadline_missed, [] {}, 0},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(text(c.trip));
    driver = TestDriver(experiment);
    make();
    start_driving();
    records();
    c.cause();
    tick(c.after_ns);
    EXPECT_EQ(driver.last, TestDriver::Call::neutral);
    EXPECT_FALSE(loop->moving());
    const auto ends = of_kind(records(), Kind::end);
    ASSERT_EQ(ends.size(), 1u);
    EXPECT_EQ(ends[0].ending, RolloutEnding::tripped);
    EXPECT_EQ(ends[0].trip, c.trip);
    EXPECT_EQ(ends[0].number, 5u);
    const std::uint64_t commands = driver.commands;
    driver.takes_commands = true;
    for (int i = 0; i < 20; ++i) tick();
    EXPECT_EQ(driver.commands, commands);
  }
}

// Breaks when a robot outside its fence starts, or trips instead of waiting.
TEST_F(ControlLoopSafety, RobotOutsideTheFenceDoesNotStart) {
  settings.fence = Geofence::circle({0, 0}, 5, {0, 0});
  settings.planar = {0, 1, 2, 3};
  make();
  driver.x[0] = 6;
  ready();
  for (int i = 0; i < 10; ++i) tick();
  EXPECT_EQ(driver.commands, 0u);
  EXPECT_EQ(loop->state().phase, failsafe::Phase::armed);
  driver.x[0] = 1;
  tick();
  EXPECT_TRUE(loop->moving());
}

// Breaks when a measurement of NaN counts as fresh, or reaches the policy.
TEST_F(ControlLoopSafety, NanMeasurementsAreNone) {
  start_driving();
  driver.x[1] = std::numeric_limits<double>::quiet_NaN();
  for (int i = 0; i < 4; ++i) {
    tick();
    for (const double u : driver.sent) EXPECT_TRUE(std::isfinite(u));
  }
  EXPECT_FALSE(loop->moving());
  EXPECT_EQ(loop->counts().bad_measurements, 4u);
  EXPECT_EQ(of_kind(records(), Kind::end).at(0).trip, Trip::pose_stale);
}

// SA2. Breaks when a hostile policy gets a command to the driver that is not finite, out of range
// or too fast, or one that is not finite does not trip.
TEST_F(ControlLoopSafety, HostilePoliciesCannotLeaveTheLimits) {
  // The network's outputs are bounded; only its scales let it ask for the impossible.
  Experiment boundless = experiment;
  for (std::size_t i = 6; i < 16; ++i) boundless.setup.policy[i] = 1e308;
  ControlPolicy wild_policy(boundless);
  settings.segments = 2;
  settings.rest_s = 0;
  channels[0] = {-0.2, 0.5, 0, 5, 50};
  channels[1] = {-0.7, 0.6, 0, 10, 100};
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> exponent(-3, 308);
  std::uniform_real_distribution<double> sign(-1, 1);
  int wild = 0, violated = 0;
  std::uint64_t clamped = 0;
  for (std::uint64_t version = 1; version <= 300; ++version) {
    driving = version % 2 == 0 ? &policy : &wild_policy;
    make();
    ports->orders.push(Order::authenticated);
    ports->orders.push(Order::arm);
    std::vector<double> hostile(theta.size());
    const double scale = version == 1 ? 1e308 : std::pow(10.0, exponent(random));
    for (double& p : hostile) p = scale * sign(random);
    ASSERT_EQ(offer(version, hostile), PolicyRefusal::none);
    driver = TestDriver(experiment);
    double last[2] = {0, 0};
    for (int i = 0; i < 17; ++i) {
      tick();
      if (driver.last != TestDriver::Call::command) {
        last[0] = last[1] = 0;
        continue;
      }
      for (std::size_t k = 0; k < 2; ++k) {
        const double u = driver.sent[k];
        const bool sound = std::isfinite(u) && u >= channels[k].low && u <= channels[k].high &&
                           std::abs(u - last[k]) <= channels[k].slew_per_s * 0.02 + 1e-12;
        wild += sound ? 0 : 1;
        last[k] = u;
      }
    }
    for (const LoopRecord& r : records()) {
      if (r.kind != Kind::end) continue;
      clamped += r.clamped;
      violated += r.trip == Trip::limit_violated;
    }
  }
  EXPECT_EQ(wild, 0);
  EXPECT_GT(violated, 20);
  EXPECT_GT(clamped, 100u);
}

// SA2, SA3. Breaks when a policy with a NaN replaces the one that drives.
TEST_F(ControlLoopSafety, PolicyWithNanIsNotDriven) {
  start_driving();
  std::vector<double> spoilt = theta;
  spoilt[100] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(offer(2, spoilt), PolicyRefusal::not_finite);
  for (int i = 0; i < 60; ++i) tick();
  EXPECT_EQ(loop->policy_in_use(), 1u);
  EXPECT_EQ(loop->counts().complete, 1u);
}

}  // namespace
}  // namespace phigrad
