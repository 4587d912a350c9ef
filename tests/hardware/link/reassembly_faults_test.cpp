// Rollouts that came whole and yet must not enter a gradient.
#include <gtest/gtest.h>

#include <limits>

#include "tests/hardware/link/rollout_fixture.hpp"

namespace phigrad::link {
namespace {

using namespace fixture;

class ReassemblyFaults : public ::testing::Test {
 protected:
  std::mt19937 random_{7};
  Sent sent_{random_, 20, 3};

  /// The rollout after all of it came, in order.
  Reassembly whole() const {
    Reassembly rollout(sent_.begin);
    rollout.take(sent_.all(MessageType::samples));
    rollout.take(sent_.all(MessageType::segments));
    EXPECT_TRUE(rollout.take(sent_.end));
    return rollout;
  }
};

// Breaks when the tests below would fail a sound rollout too.
TEST_F(ReassemblyFaults, AreNotSeenInASoundRollout) {
  const Reassembly rollout = whole();
  EXPECT_TRUE(rollout.complete());
  EXPECT_EQ(rollout.samples().rows, 20U);
  EXPECT_EQ(rollout.segments().rows, 3U);
  EXPECT_NEAR(rollout.longest_step_s(), 0.02, 1e-12);
}

// Breaks when two different rows of one number pass, whether the first was in order or early, or
// when the second replaces the first.
TEST_F(ReassemblyFaults, SeesConflictingRows) {
  Sent other = sent_;
  other.samples[8 * 7 * 5 + 30] ^= 1;  // one bit of sample 5
  for (const bool early : {false, true}) {
    Reassembly rollout(sent_.begin);
    rollout.take(sent_.block(MessageType::samples, early ? 3 : 0, 10));
    const Taken taken = rollout.take(other.block(MessageType::samples, 3, 7));
    EXPECT_EQ(taken.conflicts, 1U);
    EXPECT_EQ(taken.duplicates, 6U);
    rollout.take(sent_.all(MessageType::samples));
    rollout.take(sent_.all(MessageType::segments));
    rollout.take(sent_.end);
    EXPECT_EQ(rollout.fault(), RolloutFault::conflicting_row);
    EXPECT_EQ(rollout.fault_sequence(), 5U);
    EXPECT_FALSE(rollout.complete());
    EXPECT_EQ(bytes_of(rollout.samples()), sent_.samples);
  }
}

// Breaks when rows that RolloutEnd does not speak of make a complete rollout.
TEST_F(ReassemblyFaults, SeesOtherRowsThanWereSent) {
  for (const bool of_samples : {true, false}) {
    Sent other = sent_;
    (of_samples ? other.samples : other.segments)[8 * 6 + 2] ^= 1;
    const Sent original = sent_;
    sent_ = other;
    sent_.end = original.end;
    const Reassembly rollout = whole();
    EXPECT_EQ(rollout.fault(), RolloutFault::wrong_crc);
    EXPECT_FALSE(rollout.complete());
    sent_ = original;
  }
}

// Breaks when more rows come than RolloutEnd states, before or after it, and nobody minds.
TEST_F(ReassemblyFaults, SeesRowsBeyondTheEnd) {
  sent_.end.samples = 19;
  EXPECT_EQ(whole().fault(), RolloutFault::beyond_end);
  sent_.end.samples = 20;
  sent_.end.segments = 2;
  EXPECT_EQ(whole().fault(), RolloutFault::beyond_end);
  sent_.end.segments = 3;
  EXPECT_EQ(whole().fault(), RolloutFault::none);
  Reassembly rollout(sent_.begin);
  RolloutEnd early = sent_.end;
  early.samples = 10;
  rollout.take(early);
  rollout.take(sent_.block(MessageType::samples, 10, 1));  // a row ahead of the gap
  EXPECT_EQ(rollout.fault(), RolloutFault::beyond_end);
}

// Breaks when a second, different RolloutEnd passes, or a repeated one does not.
TEST_F(ReassemblyFaults, SeesConflictingEnds) {
  Reassembly rollout = whole();
  EXPECT_TRUE(rollout.take(sent_.end));
  EXPECT_TRUE(rollout.complete());
  RolloutEnd other = sent_.end;
  other.reason = EndReason::aborted;
  EXPECT_TRUE(rollout.take(other));
  EXPECT_EQ(rollout.fault(), RolloutFault::conflicting_end);
  EXPECT_FALSE(rollout.complete());
  other.rollout = 10;
  EXPECT_FALSE(rollout.take(other));
}

// Breaks when a rollout longer than the caps is waited for.
TEST_F(ReassemblyFaults, SeesAnEndAboveTheCaps) {
  ReassemblyCaps caps;
  caps.samples = 19;
  Reassembly rollout(sent_.begin, caps);
  EXPECT_EQ(rollout.take(sent_.all(MessageType::samples)).beyond, 1U);
  rollout.take(sent_.end);
  EXPECT_EQ(rollout.fault(), RolloutFault::over_cap);
}

// Breaks when blocks of another rollout, policy, type or width are mixed in.
TEST_F(ReassemblyFaults, LeaveStrangersOut) {
  Reassembly rollout(sent_.begin);
  const Frame sound = sent_.all(MessageType::samples);
  Frame stranger = sound;
  stranger.rollout = 8;
  EXPECT_FALSE(rollout.take(stranger).belongs);
  stranger = sound;
  stranger.policy_version = 5;
  EXPECT_FALSE(rollout.take(stranger).belongs);
  stranger = sound;
  stranger.type = MessageType::policy;
  EXPECT_FALSE(rollout.take(stranger).belongs);
  stranger = sound;
  stranger.count = 10;  // of twice the width
  EXPECT_FALSE(rollout.take(stranger).belongs);
  EXPECT_EQ(rollout.contiguous_samples(), 0U);
  EXPECT_EQ(rollout.totals().accepted, 0U);
  EXPECT_TRUE(rollout.take(sound).belongs);
}

// Breaks when the head's decisions are out of order, at no sample, or at no time, and nobody minds.
TEST_F(ReassemblyFaults, SeesSegmentsOutOfOrder) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Sent sound = sent_;
  for (const double first : {7.0, 6.0, 14.5, -1.0, nan, 1e300}) {
    sent_ = sound;
    store_doubles(&first, 1, sent_.segments.data() + 2 * 8 * sent_.begin.segment_columns());
    sent_.seal();
    const Reassembly rollout = whole();
    EXPECT_EQ(rollout.fault(), RolloutFault::segment_order) << first;
    EXPECT_EQ(rollout.fault_sequence(), 2U) << first;
    EXPECT_EQ(rollout.segments().rows, 2U) << first;
  }
  sent_ = sound;
  store_doubles(&nan, 1, sent_.segments.data() + 8);  // t0_s of the first
  sent_.seal();
  EXPECT_EQ(whole().fault(), RolloutFault::segment_order);

  for (const double first :
       {20.0, 21.0}) {  // decided at the end, ahead of a sample that never came
    sent_ = sound;
    store_doubles(&first, 1, sent_.segments.data() + 2 * 8 * sent_.begin.segment_columns());
    sent_.seal();
    EXPECT_EQ(whole().complete(), first == 20.0) << first;
  }
}

// ST5. Breaks when a clock that was set on the robot reorders a rollout, or lets a dt through that
// is negative, zero or no number.
TEST_F(ReassemblyFaults, SeesClocksThatWereSet) {
  const Sent sound = sent_;
  for (double& t : sent_.times) t += 10;  // another zero: no matter
  sent_.seal();
  EXPECT_TRUE(whole().complete());

  sent_ = sound;
  for (std::size_t i = 12; i < 20; ++i) sent_.times[i] += 1;
  sent_.seal();
  const Reassembly forward = whole();
  EXPECT_TRUE(forward.complete());
  EXPECT_NEAR(forward.longest_step_s(), 1.02, 1e-12);
  EXPECT_EQ(bytes_of(forward.samples()), sent_.samples);

  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double wrong :
       {sound.times[12] - 1, sound.times[11], nan, std::numeric_limits<double>::infinity()}) {
    sent_ = sound;
    sent_.times[12] = wrong;
    sent_.seal();
    const Reassembly rollout = whole();
    EXPECT_FALSE(rollout.complete());
    EXPECT_EQ(rollout.fault(), RolloutFault::time_not_increasing);
    EXPECT_EQ(rollout.fault_sequence(), 12U);
    EXPECT_EQ(rollout.contiguous_samples(), 20U);  // received, and may be acknowledged
    const RowsView samples = rollout.samples();
    ASSERT_EQ(samples.rows, 12U);
    for (std::size_t i = 1; i < samples.rows; ++i) {
      EXPECT_GT(samples.row(i)[0] - samples.row(i - 1)[0], 0);
    }
  }
}

}  // namespace
}  // namespace phigrad::link
