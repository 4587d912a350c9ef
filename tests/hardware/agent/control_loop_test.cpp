// A period at a time: when the loop drives, what it records, when it swaps policies.
#include "hardware/agent/control_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/hardware/agent/expect_error.hpp"
#include "tests/hardware/agent/loop_fixture.hpp"
#include "tests/hardware/link/allocation_meter.hpp"

namespace phigrad {
namespace {

using testing::input_error_of;
using testing::LoopFixture;
using testing::policy_of;
using testing::TestDriver;
using Kind = LoopRecord::Kind;

class ControlLoopTest : public LoopFixture {};

// Breaks when it moves without arm, policy, link or measurement.
TEST_F(ControlLoopTest, EveryFactIsNeeded) {
  for (int missing = 0; missing < 5; ++missing) {
    SCOPED_TRACE(missing);
    make();
    driver.measures = missing != 0;
    if (missing != 1) offer(1, theta);
    if (missing != 2) ports->orders.push(Order::authenticated);
    if (missing != 3) ports->orders.push(Order::arm);
    for (int i = 0; i < 10; ++i) tick();
    EXPECT_EQ(loop->moving(), missing == 4);
    EXPECT_EQ(driver.last, missing == 4 ? TestDriver::Call::command : TestDriver::Call::neutral);
  }
}

// Breaks when a rollout is longer or shorter than its segments, is not recorded row by row, or the
// next begins without a new policy.
TEST_F(ControlLoopTest, DrivesOneWholeRolloutForEachPolicy) {
  ready();
  for (int i = 0; i < 60; ++i) tick();
  EXPECT_EQ(driver.commands, static_cast<std::uint64_t>(4 * steps));
  EXPECT_EQ(driver.last, TestDriver::Call::neutral);
  const auto all = records();
  const auto samples = of_kind(all, Kind::sample);
  ASSERT_EQ(of_kind(all, Kind::begin).size(), 1u);
  ASSERT_EQ(samples.size(), static_cast<std::size_t>(4 * steps));
  ASSERT_EQ(of_kind(all, Kind::end).size(), 1u);
  EXPECT_EQ(all.front().kind, Kind::begin);
  EXPECT_EQ(all.front().policy_version, 1u);
  EXPECT_EQ(all.back().ending, RolloutEnding::complete);
  EXPECT_EQ(all.back().number, samples.size());
  EXPECT_EQ(all.back().segment_number, 4u);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    EXPECT_EQ(samples[i].number, i);
    EXPECT_EQ(samples[i].opens_segment, i % steps == 0);
    EXPECT_NEAR(samples[i].sample[0], 0.02 * static_cast<double>(i), 1e-12);
  }
  ASSERT_EQ(offer(2, theta), PolicyRefusal::none);
  tick();
  EXPECT_TRUE(loop->moving());
  EXPECT_EQ(records().front().policy_version, 2u);
}

// Breaks when a policy is exchanged inside a rollout: the commands on record would be of two.
TEST_F(ControlLoopTest, PolicyIsExchangedBeforeARolloutOnly) {
  const std::vector<double> other = policy_of(experiment, 9);
  ready();
  std::vector<LoopRecord> all;
  for (int i = 0; i < 60; ++i) {
    tick();
    if (i == 3) offer(2, other);  // in the middle of a segment
    for (const LoopRecord& r : records()) all.push_back(r);
  }
  const auto begins = of_kind(all, Kind::begin);
  ASSERT_EQ(begins.size(), 2u);
  EXPECT_EQ(begins[0].policy_version, 1u);
  EXPECT_EQ(begins[1].policy_version, 2u);
  ControlPolicy again(experiment);
  int rollout = -1, wrong = 0;
  double segment_time = 0;
  for (const LoopRecord& r : all) {
    if (r.kind == Kind::begin) ++rollout;
    if (r.kind != Kind::sample) continue;
    const double* x = r.sample.data() + 1;
    if (r.number == 0) again.begin(x, 0);
    if (r.opens_segment) {
      segment_time = r.segment[1];
      again.refresh((rollout == 0 ? theta : other).data(), x, segment_time,
                    static_cast<int>(r.segment_number));
    }
    double u[2];
    again.act(x, r.sample[0] - segment_time, static_cast<int>(r.number % steps), u);
    wrong += u[0] != r.sample[5] || u[1] != r.sample[6];
  }
  EXPECT_EQ(wrong, 0);
}

// Breaks when a ring that nobody empties makes the loop wait, lose the end, or leave a gap.
TEST_F(ControlLoopTest, FullRingEndsTheRolloutAndNothingIsLost) {
  settings.segments = 100;
  make();
  ready();
  for (int i = 0; i < 700; ++i) tick();
  EXPECT_FALSE(loop->moving());
  EXPECT_EQ(loop->counts().cut_short, 1u);
  auto all = records();
  EXPECT_TRUE(of_kind(all, Kind::end).empty());
  ports->orders.push(Order::hold);
  tick();
  for (const LoopRecord& r : records()) all.push_back(r);
  const auto samples = of_kind(all, Kind::sample);
  for (std::size_t i = 0; i < samples.size(); ++i) ASSERT_EQ(samples[i].number, i);
  const auto ends = of_kind(all, Kind::end);
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends[0].number, samples.size());
  EXPECT_EQ(ends[0].ending, RolloutEnding::cut_short);
}

// Breaks when the loop drives on after a stop, or begins again although it is told to hold.
TEST_F(ControlLoopTest, StopEndsTheRolloutAndHoldKeepsTheNextBack) {
  start_driving();
  ports->orders.push(Order::stop);
  ports->orders.push(Order::hold);
  tick();
  EXPECT_EQ(driver.last, TestDriver::Call::neutral);
  EXPECT_EQ(records().back().ending, RolloutEnding::cut_short);
  for (int i = 0; i < 20; ++i) tick();
  EXPECT_FALSE(loop->moving());
  ports->orders.push(Order::go);
  tick();
  EXPECT_TRUE(loop->moving());
}

// Breaks when a robot that its operator has stopped drives off again under the same policy.
TEST_F(ControlLoopTest, StoppedRobotWaitsForANewPolicyOrForArm) {
  for (const bool by_policy : {true, false}) {
    make();
    start_driving();
    ports->orders.push(Order::stop);
    for (int i = 0; i < 20; ++i) tick();
    EXPECT_FALSE(loop->moving());
    EXPECT_EQ(loop->state().phase, failsafe::Phase::armed);
    if (by_policy) {
      offer(2, theta);
    } else {
      ports->orders.push(Order::arm);
    }
    tick();
    EXPECT_TRUE(loop->moving());
  }
}

// Breaks when the agent would go on after the rollouts that were asked for.
TEST_F(ControlLoopTest, IsDoneAfterTheWantedRollouts) {
  settings.rollouts_per_policy = 5;
  settings.most_rollouts = 2;
  make();
  ready();
  for (int i = 0; i < 200; ++i) {
    tick();
    records();
  }
  EXPECT_TRUE(loop->done());
  EXPECT_EQ(loop->counts().complete, 2u);
}

// Breaks when an ordinary end cuts a command off although a slower stop was asked for.
TEST_F(ControlLoopTest, OrdinaryEndComesToRestAtTheStopsSlew) {
  for (ChannelLimit& c : channels) c.slew_per_s = c.stop_slew_per_s = 2;  // 0.04 a period
  make();
  start_driving(20);
  double last = driver.sent[0];
  ASSERT_GT(std::abs(last), 0.1);
  ports->orders.push(Order::stop);
  int periods = 0;
  for (tick(); driver.last == TestDriver::Call::command; tick(), ++periods) {
    EXPECT_LE(std::abs(driver.sent[0] - last), 0.04 + 1e-12);
    EXPECT_LE(std::abs(driver.sent[0]), std::abs(last));
    last = driver.sent[0];
  }
  EXPECT_GT(periods, 1);
}

// Breaks when the control thread allocates: in a rollout, at its ends, at a swap, in a trip.
TEST_F(ControlLoopTest, TickAllocatesNothing) {
  ready();
  settings.rollouts_per_policy = 1;
  ASSERT_EQ(offer(2, theta), PolicyRefusal::none);
  const AllocationMeter meter;
  for (int i = 0; i < 45; ++i) tick();
  const std::size_t after_rollout = meter.count();
  ports->orders.push(Order::internal_fault);
  for (int i = 0; i < 10; ++i) tick();
  EXPECT_EQ(loop->counts().complete, 1u);
  EXPECT_EQ(after_rollout, 0u);
  EXPECT_EQ(meter.count(), 0u);
}

// Breaks when settings that no loop can keep are taken.
TEST_F(ControlLoopTest, UnsoundSettingsAreRefused) {
  const auto error = [&](auto change) {
    LoopSettings changed = settings;
    change(changed);
    settings = changed;
    const std::string text = input_error_of([&] { make(); });
    settings = LoopSettings{};
    return text;
  };
  EXPECT_THAT(error([](LoopSettings& s) { s.period_s = 0; }), ::testing::HasSubstr("period"));
  EXPECT_THAT(error([](LoopSettings& s) { s.longest_period_s = 0.02; }),
              ::testing::HasSubstr("longest period"));
  EXPECT_THAT(error([](LoopSettings& s) { s.pose_limit_s = 0.03; }),
              ::testing::HasSubstr("dead man"));
  channels.resize(3);
  EXPECT_THAT(error([](LoopSettings&) {}), ::testing::HasSubstr("limits for 3 inputs"));
}

}  // namespace
}  // namespace phigrad
