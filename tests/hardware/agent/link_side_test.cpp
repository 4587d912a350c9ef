// Records become the learner's rollout, and its words become orders.
#include "hardware/agent/link_side.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "host/engine/kernel_registry.hpp"
#include "host/replay/replay.hpp"
#include "host/rollouts/stored_rollout.hpp"
#include "host/store/run_store.hpp"
#include "tests/hardware/agent/fake_uplink.hpp"
#include "tests/hardware/agent/loop_fixture.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

using std::chrono::milliseconds;
using testing::FakeUplink;
using testing::logged_of;
using testing::LoopFixture;
using testing::Received;
using testing::TestDriver;

/// What replay runs on while this lives.
class Flavour {
 public:
  explicit Flavour(const std::string& flavour) {
    setenv("PHIGRAD_CPU_FLAVOUR", flavour.c_str(), 1);
  }
  ~Flavour() { unsetenv("PHIGRAD_CPU_FLAVOUR"); }
  Flavour(const Flavour&) = delete;
  Flavour& operator=(const Flavour&) = delete;
};

class LinkSideTest : public LoopFixture {
 protected:
  void SetUp() override { connect(); }

  void connect() {
    side = std::make_unique<LinkSide>(
        LinkSideSetup{"car", policy.nx(), policy.nu(), policy.nz(), 0.02, "test car"}, *ports,
        *slot, memory, nullptr, clock, [&](const std::string& line) { lines.push_back(line); });
    uplink.listener = side.get();
  }

  /// A period and the link thread's round after it.
  void step(std::int64_t after_ns = period_ns) {
    tick(after_ns);
    clock.step(after_ns);
    side->attend(uplink, milliseconds(0));
  }

  /// The learner comes, arms and sends its first policy.
  void begin_session() {
    step();
    uplink.send_policy(keys, "car", 1, theta);
    side->control(link::Command::arm);
  }

  SteppedClock clock;
  AgentMemory memory{"", "car"};
  FakeUplink uplink;
  std::vector<std::string> lines;
  std::unique_ptr<LinkSide> side;
};

// Breaks when a row, a time or a decision on record is not the one that was driven with: the replay
// computes the commands again from them alone.
TEST_F(LinkSideTest, RolloutReplaysToTheVeryCommands) {
  settings.segments = 156;
  settings.task_time_s = 0.4;
  make();
  connect();
  begin_session();
  std::mt19937 random(3);
  std::uniform_int_distribution<std::int64_t> late_ns(-6'000'000, 6'000'000);
  while (loop->counts().complete < 1 && now_ns < 1'100'000'000'000) {
    step(period_ns + late_ns(random));
  }
  step();
  ASSERT_EQ(uplink.rollouts.size(), 1u);
  const Received& r = uplink.rollouts[0];
  EXPECT_TRUE(r.ended);
  EXPECT_TRUE(r.gapless);
  EXPECT_EQ(r.reason, link::EndReason::complete);
  EXPECT_EQ(r.begin.policy_version, 1u);
  EXPECT_EQ(r.begin.policy_hash, hash_parameters(theta.data(), theta.size()));
  ASSERT_EQ(r.sample_count(), 156u * 7u);
  ASSERT_EQ(r.segment_count(), 156u);

  ControlPolicy again(experiment);
  again.begin(r.segments.data() + 2, r.segments[1]);
  EXPECT_EQ(r.begin.before, std::vector<double>(again.before(), again.before() + again.nz()));
  const LoggedRollout logged = logged_of(r);
  const TemporaryDirectory folder;
  const auto directory = folder.path() / "run";
  {
    RunStore store = RunStore::create(directory, experiment.resolved.dump());
    StoredRollout stored;
    stored.provenance = r.begin.provenance;
    stored.arrays = arrays_of(logged);
    EXPECT_TRUE(store.record_rollout(stored));
  }
  ReplayOptions options;
  options.backend = "cpu";
  options.growth = false;
  // The flavour on board; those with a fused multiply-add differ in the last bits.
  const Flavour plainest(usable_cpu_flavours().back());
  for (const bool with_policy : {false, true}) {
    options.theta = with_policy ? theta : std::vector<double>();
    const Replay replayed = replay(experiment, {directory}, options);
    ASSERT_EQ(replayed.rollouts.size(), 1u);
    EXPECT_THAT(replayed.rollouts[0].quarantined, ::testing::IsEmpty());
    EXPECT_EQ(replayed.rollouts[0].command_mismatches, 0);
    EXPECT_EQ(replayed.rollouts[0].command_error_max, 0.0);
    EXPECT_GT(replayed.rollouts[0].gradient_norm, 0.0);
  }
}

// Breaks when a trip reaches the learner as a complete rollout, or without its reason.
TEST_F(LinkSideTest, TrippedRolloutIsMarked) {
  begin_session();
  for (int i = 0; i < 10; ++i) step();
  ASSERT_TRUE(loop->moving());
  driver.measures = false;
  for (int i = 0; i < 5; ++i) step();
  ASSERT_EQ(uplink.rollouts.size(), 1u);
  EXPECT_EQ(uplink.rollouts[0].reason, link::EndReason::tripped);
  ASSERT_FALSE(uplink.rollouts[0].events.empty());
  EXPECT_EQ(uplink.rollouts[0].events[0].kind, "trip");
  EXPECT_EQ(uplink.rollouts[0].events[0].text, text(Trip::pose_stale));
  EXPECT_EQ(side->last_trip(), Trip::pose_stale);
}

// Breaks when a learner that does not keep up makes the robot wait or drive on unseen, or half a
// rollout is called complete.
TEST_F(LinkSideTest, FullSpoolEndsTheRollout) {
  begin_session();
  for (int i = 0; i < 10; ++i) step();
  ASSERT_TRUE(loop->moving());
  uplink.has_room = false;
  for (int i = 0; i < 4; ++i) step();
  EXPECT_EQ(driver.last, TestDriver::Call::neutral);
  ASSERT_EQ(uplink.rollouts.size(), 1u);
  EXPECT_TRUE(uplink.rollouts[0].ended);
  EXPECT_EQ(uplink.rollouts[0].reason, link::EndReason::aborted);
  for (int i = 0; i < 20; ++i) step();
  EXPECT_FALSE(loop->moving());
  uplink.has_room = true;
  for (int i = 0; i < 3; ++i) step();
  EXPECT_TRUE(loop->moving());
}

// Breaks when the end of a rollout whose last rows found no room is called complete.
TEST_F(LinkSideTest, CompleteRolloutWithoutItsLastRowsIsAborted) {
  begin_session();
  while (loop->counts().complete < 1 && now_ns < 1'100'000'000'000) {
    if (loop->counts().ticks == 25) uplink.has_room = false;
    tick();  // the link thread is slow: all rows wait in the ring
  }
  side->attend(uplink, milliseconds(0));
  uplink.has_room = true;
  for (int i = 0; i < 3; ++i) step();
  for (const Received& r : uplink.rollouts) {
    if (r.ended && r.sample_count() != 28) {
      EXPECT_EQ(r.reason, link::EndReason::aborted);
    }
  }
}

// Breaks when an order of the learner is lost or means something else.
TEST_F(LinkSideTest, LearnersWordsBecomeOrders) {
  begin_session();
  for (int i = 0; i < 5; ++i) step();
  ASSERT_TRUE(loop->moving());
  side->control(link::Command::stop);
  step();
  EXPECT_EQ(loop->state().phase, failsafe::Phase::stopping);
  side->control(link::Command::disarm);
  step();
  EXPECT_EQ(loop->state().phase, failsafe::Phase::disarmed);
  side->control(link::Command::arm);
  step();
  ASSERT_TRUE(loop->moving());
  side->lost();
  step();
  EXPECT_EQ(loop->state().phase, failsafe::Phase::tripped);
  EXPECT_EQ(side->last_trip(), Trip::link_lost);
}

// Breaks when orders are lost because the control thread does not take them at once.
TEST_F(LinkSideTest, OrdersWaitForRoom) {
  for (int i = 0; i < 100; ++i) side->send(Order::hold);
  side->send(Order::arm);
  tick();
  EXPECT_EQ(loop->state().phase, failsafe::Phase::disarmed);
  side->attend(uplink, milliseconds(0));
  tick();
  EXPECT_EQ(loop->state().phase, failsafe::Phase::armed);
}

// SA3. Breaks when a policy with another signature, or an older one, reaches the slot.
TEST_F(LinkSideTest, PolicyOfAnotherKeyIsRefusedAndSaidSo) {
  begin_session();
  const testing::PolicyKeys stranger(2);
  uplink.send_policy(stranger, "car", 2, theta);
  EXPECT_EQ(side->refused_policies(), 1u);
  EXPECT_THAT(lines, ::testing::Contains(::testing::HasSubstr("signature")));
  uplink.send_policy(keys, "car", 1, theta);  // the learner's own again, after a reconnect
  EXPECT_EQ(side->refused_policies(), 1u);
  EXPECT_EQ(slot->newest_version(), 1u);
}

// Breaks when what the limits did to the commands is not told to the learner.
TEST_F(LinkSideTest, LimitedCommandsAreReported) {
  channels[0].high = 0.05;
  make();
  connect();
  begin_session();
  for (int i = 0; i < 40; ++i) step();
  ASSERT_EQ(uplink.rollouts.size(), 1u);
  ASSERT_EQ(uplink.rollouts[0].events.size(), 1u);
  EXPECT_EQ(uplink.rollouts[0].events[0].kind, "clamped");
}

}  // namespace
}  // namespace phigrad
