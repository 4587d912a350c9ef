// The parts of the two ends, each by itself.
#include <gtest/gtest.h>

#include "hardware/link/key_text.hpp"
#include "hardware/link/policy_assembly.hpp"
#include "hardware/link/remarks.hpp"
#include "hardware/link/robot_rollouts.hpp"
#include "hardware/link/rollout_writer.hpp"
#include "hardware/link/spool_sender.hpp"
#include "host/support/error.hpp"
#include "tests/hardware/link/link_fixture.hpp"
#include "tests/hardware/link/rollout_fixture.hpp"

namespace phigrad::link {
namespace {

using namespace fixture;
using Time = SpoolSender::Time;

Time at(int ms) { return Time{} + milliseconds(ms); }

// Breaks when a rollout's end finds no room, when rows are taken in part or after a refusal, or
// when the end states other rows than those that lie in the spool.
TEST(RolloutWriter, KeepsRoomForTheEnd) {
  Spool spool(4, max_control_bytes);
  RolloutWriter writer(spool);
  const MadeRollout made(1, 700);
  EXPECT_FALSE(writer.rows(MessageType::samples, 0, made.samples.data(), 1));  // not begun
  EXPECT_EQ(writer.refused_full(), 0u);
  ASSERT_TRUE(writer.begin(made.begin));
  EXPECT_THROW(writer.begin(made.begin), Error);
  EXPECT_THROW(writer.rows(MessageType::samples, 1, made.samples.data(), 1), Error);
  EXPECT_FALSE(writer.rows(MessageType::samples, 0, made.samples.data(), 700));  // 3 blocks
  EXPECT_EQ(spool.size(), 1u);
  EXPECT_FALSE(writer.rows(MessageType::segments, 0, made.segments.data(), 1));  // cut
  EXPECT_EQ(writer.refused_full(), 2u);
  writer.end(EndReason::aborted, std::vector<Event>(max_events + 1, Event{"e", ""}));
  writer.end(EndReason::aborted, {});
  ASSERT_EQ(spool.size(), 2u);
  const auto end = from_cbor<RolloutEnd>(spool.block(1).payload);
  EXPECT_EQ(std::get<RolloutEnd>(end).samples, 0u);
  EXPECT_EQ(std::get<RolloutEnd>(end).events.size(), max_events);

  MadeRollout second(2, 300);
  ASSERT_TRUE(writer.begin(second.begin));
  EXPECT_FALSE(writer.rows(MessageType::samples, 0, second.samples.data(), 1));
  writer.end(EndReason::aborted, {});
  EXPECT_EQ(spool.size(), spool.capacity());
  EXPECT_FALSE(writer.begin(second.begin));
  EXPECT_EQ(writer.refused_full(), 4u);
  EXPECT_EQ(spool.refused_full(), 0u);
}

// Breaks when blocks are sent beyond the credit, twice without need, or not again when they are
// lost; when a slow rollout is sent again though nothing is missing.
TEST(SpoolSender, SendsAsCreditAllowsAndAgainWhatIsLost) {
  Spool spool(16, max_control_bytes);
  RolloutWriter writer(spool);
  SpoolSender sender(spool, milliseconds(100));
  const auto send_all = [&](int ms) {
    int sent = 0;
    for (; sender.has_next(); ++sent) sender.note_sent(at(ms));
    return sent;
  };
  using Advice = SpoolSender::Advice;
  const MadeRollout made(1, 40);
  const std::size_t columns = made.begin.sample_columns();
  ASSERT_TRUE(writer.begin(made.begin));
  for (std::size_t i = 0; i < 4; ++i) {
    ASSERT_TRUE(
        writer.rows(MessageType::samples, 10 * i, made.samples.data() + 10 * i * columns, 10));
  }
  EXPECT_FALSE(sender.has_next() && sender.sent() > 0);
  sender.start(3, at(0));
  EXPECT_EQ(send_all(0), 4);       // the beginning takes no credit
  sender.grant(Credit{2}, at(1));  // an old one
  EXPECT_EQ(send_all(1), 0);
  EXPECT_EQ(sender.check(at(700)), Advice::wait);
  EXPECT_EQ(sender.check(at(900)), Advice::rejoin);
  sender.grant(Credit{6}, at(2));  // three consumed
  EXPECT_EQ(send_all(2), 1);
  sender.grant(Credit{7}, at(3));
  EXPECT_EQ(sender.check(at(5000)), Advice::wait);  // all consumed, the rollout goes on
  writer.end(EndReason::complete, {});
  EXPECT_EQ(send_all(6000), 1);
  EXPECT_EQ(sender.check(at(6050)), Advice::wait);
  EXPECT_EQ(sender.check(at(6101)), Advice::resend);  // no acknowledgement
  EXPECT_EQ(sender.next().header.type, MessageType::rollout_begin);
  EXPECT_EQ(send_all(6101), 4);  // within the credit again
  sender.start(3, at(6101));     // a new session: from the oldest, and with its own credit
  EXPECT_EQ(send_all(6101), 4);
  sender.acknowledge(Ack{1, 20, 0, false}, at(6102));
  EXPECT_EQ(spool.size(), 3u);
  EXPECT_EQ(sender.next().header.first_sequence, 30u);
  sender.acknowledge(Ack{1, 0, 0, true}, at(6103));
  EXPECT_EQ(spool.size(), 0u);
  EXPECT_FALSE(sender.has_next());
  EXPECT_EQ(sender.check(at(99999)), Advice::wait);
  EXPECT_EQ(sender.sent(), 6u);
  EXPECT_EQ(sender.resent(), 8u);
  EXPECT_EQ(sender.acknowledged(), 6u);
}

// Breaks when a block that never arrives, of a rollout that goes on, is not sent again; when the
// pauses do not grow; when what was given up for lost is so for ever.
TEST(SpoolSender, SendsAgainWithGrowingPauses) {
  Spool spool(16, max_control_bytes);
  RolloutWriter writer(spool);
  SpoolSender sender(spool, milliseconds(100));
  const MadeRollout made(1, 40);
  ASSERT_TRUE(writer.begin(made.begin));
  ASSERT_TRUE(writer.rows(MessageType::samples, 0, made.samples.data(), 10));
  sender.start(100, at(0));
  int now = 0;
  std::vector<int> pauses;
  for (int round = 0; round < 5; ++round) {
    while (sender.has_next()) sender.note_sent(at(now));
    const int from = now;
    while (sender.check(at(now)) == SpoolSender::Advice::wait) ++now;
    pauses.push_back(now - from);
  }
  EXPECT_EQ(pauses, (std::vector<int>{100, 200, 400, 800, 800}));
}

Frame chunk(const Bytes& bytes, std::uint64_t version, std::uint64_t first) {
  Frame frame;
  frame.type = MessageType::policy;
  frame.policy_version = version;
  frame.first_sequence = first;
  frame.count = static_cast<std::uint32_t>(bytes.size() / 8);
  frame.payload = view(bytes);
  return frame;
}

// Breaks when a policy is handed over with a part missing, twice, or mixed with another; when a
// frame beyond its parameters is written to memory.
TEST(PolicyAssembly, HandsOverWholePoliciesOnce) {
  PolicyAssembly assembly;
  std::mt19937 random(3);
  const Bytes first = random_rows(random, 6, 1), last = random_rows(random, 4, 1);
  EXPECT_TRUE(assembly.take(chunk(first, 5, 0)));  // nothing was announced: nothing happens
  assembly.announce(announce(5, 10));
  EXPECT_TRUE(assembly.take(chunk(last, 5, 6)));
  EXPECT_TRUE(assembly.take(chunk(last, 5, 6)));
  EXPECT_FALSE(assembly.finished());
  EXPECT_TRUE(assembly.take(chunk(first, 4, 0)));  // of another version
  EXPECT_FALSE(assembly.take(chunk(first, 5, 5)));
  EXPECT_FALSE(assembly.take(chunk(first, 5, 10)));
  EXPECT_FALSE(assembly.take(chunk(first, 5, max_sequence - 6)));
  EXPECT_FALSE(assembly.finished());
  assembly.announce(announce(4, 10));  // older
  assembly.announce(announce(5, 10));  // repeated
  EXPECT_TRUE(assembly.take(chunk(first, 5, 0)));
  const auto whole = assembly.finished();
  ASSERT_TRUE(whole);
  Bytes joined(80);
  store_doubles(whole->parameters.data(), 10, joined.data());
  EXPECT_TRUE(std::equal(first.begin(), first.end(), joined.begin()));
  EXPECT_TRUE(std::equal(last.begin(), last.end(), joined.begin() + 48));
  EXPECT_FALSE(assembly.finished());
  assembly.restart();
  assembly.announce(announce(5, 10));  // the same, in a new session
  EXPECT_TRUE(assembly.take(chunk(first, 5, 0)) && assembly.take(chunk(last, 5, 6)));
  EXPECT_FALSE(assembly.finished());
  assembly.announce(announce(6, 10));
  EXPECT_TRUE(assembly.take(chunk(first, 6, 0)));
  assembly.restart();  // a half of it, then a new session
  assembly.announce(announce(6, 10));
  EXPECT_TRUE(assembly.take(chunk(last, 6, 6)));
  EXPECT_FALSE(assembly.finished());
  assembly.announce(announce(7, 4));  // newer, before that one is whole
  EXPECT_TRUE(assembly.take(chunk(first, 6, 0)));
  EXPECT_FALSE(assembly.finished());
  EXPECT_TRUE(assembly.take(chunk(last, 7, 0)));
  EXPECT_TRUE(assembly.finished());
}

// Breaks when a robot can make the learner keep any number of rollouts, or one is offered before
// its end, before its time, or after it is settled.
TEST(RobotRollouts, AreBoundedAndOfferedWhenFinished) {
  RobotRollouts rollouts;
  std::mt19937 random(1);
  const Sent sent(random, 20, 3);
  RolloutBegin begin = sent.begin;
  using Begun = RobotRollouts::Begun;
  EXPECT_EQ(rollouts.begin(begin, {}), Begun::opened);
  EXPECT_EQ(rollouts.begin(begin, {}), Begun::known);
  begin.before[0] += 1;
  EXPECT_EQ(rollouts.begin(begin, {}), Begun::conflicting);
  for (begin.rollout = 100; begin.rollout < 99 + RobotRollouts::max_open; ++begin.rollout) {
    EXPECT_EQ(rollouts.begin(begin, {}), Begun::opened);
  }
  EXPECT_EQ(rollouts.begin(begin, {}), Begun::crowded);
  Reassembly* rollout = rollouts.find(sent.begin.rollout);
  ASSERT_NE(rollout, nullptr);
  rollout->take(sent.all(MessageType::segments));
  rollout->take(sent.all(MessageType::samples));
  EXPECT_TRUE(rollouts.to_offer(at(1)).empty());
  rollout->take(sent.end);
  EXPECT_EQ(rollouts.to_offer(at(1)), std::vector<std::uint64_t>{sent.begin.rollout});
  rollouts.postpone(sent.begin.rollout, at(5));
  EXPECT_TRUE(rollouts.to_offer(at(4)).empty());
  rollouts.forget_unfinished();
  EXPECT_EQ(rollouts.find(100), nullptr);
  EXPECT_EQ(rollouts.to_offer(at(5)).size(), 1u);
  rollouts.settle(sent.begin.rollout);
  EXPECT_TRUE(rollouts.to_offer(at(9)).empty());
  EXPECT_TRUE(rollouts.has_settled(sent.begin.rollout));
  for (std::uint64_t i = 0; i < RobotRollouts::max_remembered; ++i) rollouts.settle(1000 + i);
  EXPECT_FALSE(rollouts.has_settled(sent.begin.rollout));
}

// Breaks when a flood of lines passes, one kind silences another, or nobody learns how many there
// were.
TEST(Remarks, PassOncePerSecondAndKind) {
  Remarks remarks;
  EXPECT_EQ(remarks.pass("a", "one", at(0)), "one");
  for (int i = 1; i < 1000; ++i) EXPECT_FALSE(remarks.pass("a", "two", at(i)));
  EXPECT_EQ(remarks.pass("b", "other", at(500)), "other");
  EXPECT_EQ(remarks.pass("a", "three", at(1000)), "three (and 999 like it before)");
  EXPECT_EQ(remarks.pass("a", "four", at(2000)), "four");
}

// Breaks when text that is no key is decoded, or read beyond its end.
TEST(KeyText, RefusesWhatIsNoKey) {
  // RFC 32's test case, four times.
  const auto key = z85_key("HelloWorldHelloWorldHelloWorldHelloWorld");
  ASSERT_TRUE(key);
  const Bytes expected = {0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B};
  for (std::size_t i = 0; i < key->size(); ++i) EXPECT_EQ((*key)[i], expected[i % 8]);
  EXPECT_FALSE(z85_key(""));
  EXPECT_FALSE(z85_key("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf"));
  EXPECT_FALSE(z85_key("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf\x80"));
  EXPECT_FALSE(z85_key("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf\x05"));
  std::uint8_t bytes[3] = {};
  EXPECT_TRUE(from_base64("AQID", bytes, 3));
  EXPECT_EQ(bytes[2], 3);
  EXPECT_EQ(to_base64(bytes, 3), "AQID");
  for (const char* text : {"AQI=", "AQIDBA==", "AQ!D", "AQID ", ""}) {
    EXPECT_FALSE(from_base64(text, bytes, 3)) << text;
  }
}

}  // namespace
}  // namespace phigrad::link
