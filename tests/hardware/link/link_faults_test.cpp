// ST4: whatever the network does, the learner has what the robot sent, each row once, bit for bit.
#include <gtest/gtest.h>

#include "tests/hardware/link/link_fixture.hpp"
#include "tests/hardware/link/tcp_proxy.hpp"

namespace phigrad::link {
namespace {

using namespace fixture;

/// Loses, repeats and holds back frames; one held back goes out after some later ones.
struct RandomFaults : WireFaults {
  std::mt19937 random;
  unsigned lost_of_100, repeated_of_100, held_of_100;
  std::vector<OutgoingFrame> held;
  int lost = 0, repeated = 0, reordered = 0;

  RandomFaults(unsigned seed, unsigned loss, unsigned repetition, unsigned holding)
      : random(seed), lost_of_100(loss), repeated_of_100(repetition), held_of_100(holding) {}

  void pass(const OutgoingFrame& frame, std::vector<OutgoingFrame>& out) override {
    const bool is_lost = random() % 100 < lost_of_100;
    const bool is_repeated = random() % 100 < repeated_of_100;
    const bool is_held = random() % 100 < held_of_100;
    if (is_lost) {
      ++lost;
    } else if (is_held) {
      held.push_back(frame);
    } else {
      out.push_back(frame);
      if (is_repeated) out.push_back(frame);
      repeated += is_repeated ? 1 : 0;
    }
    if (!held.empty() && random() % 3 == 0) {
      const std::size_t which = random() % held.size();
      out.push_back(held[which]);
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(which));
      ++reordered;
    }
  }
};

// Breaks when a lost, repeated or late frame, of rows, of a rollout's beginning or end, of the
// greeting, of an acknowledgement or of credit, costs a row, adds one, or stops the link.
TEST(LinkFaults, LossRepetitionAndDisorderChangeNothing) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    RandomFaults from_robot(seed, 15, 15, 15), from_learner(100 + seed, 15, 15, 15);
    LinkBench bench;
    bench.of_robot.seam.faults = &from_robot;
    bench.of_learner.seam.faults = &from_learner;
    bench.of_robot.ping_s = 0.02;
    bench.of_robot.resend_s = 0.02;
    bench.of_learner.credit_blocks = 8;  // lost credit must not stop it for good
    bench.start();
    std::vector<MadeRollout> all;
    for (std::uint64_t number = 1; number <= 3; ++number) {
      all.emplace_back(number, 60 + 30 * number, seed);
      bench.give(all.back(), 8);
      bench.drive(milliseconds(5));
    }
    ASSERT_TRUE(bench.settle()) << "seed " << seed;
    for (const MadeRollout& made : all) bench.expect_stored(made);
    EXPECT_EQ(bench.store.stored.size(), all.size());
    EXPECT_GT(from_robot.lost, 5);
    EXPECT_GT(from_robot.repeated, 5);
    EXPECT_GT(from_robot.reordered, 5);
    EXPECT_GT(bench.robot->counts().resent_blocks, 0u);
  }
}

// One rollout while the connection is cut behind a certain frame; false where all was over before
// that frame came.
bool is_cut_behind(std::size_t frame, bool to_learner) {
  LinkBench bench;
  bench.start_learner();
  TcpProxy proxy(port_of(bench.of_learner.endpoint));
  proxy.cut_behind(to_learner, frame);
  bench.also = [&] { proxy.pump(); };
  bench.start_robot(proxy.endpoint());
  const MadeRollout made(1, 45);
  bench.give(made);
  EXPECT_TRUE(bench.settle(milliseconds(2000))) << "cut behind frame " << frame;
  bench.expect_stored(made);
  return proxy.cuts() == 1;
}

// Breaks when a connection that ends behind any one frame, of the handshake or of a message,
// between its two parts or after it, in either direction, costs or doubles a row, or when the robot
// is not back within two seconds.
TEST(LinkFaults, ACutBehindAnyFrameChangesNothing) {
  for (const bool to_learner : {true, false}) {
    std::size_t cuts = 0;
    while (cuts < 100 && is_cut_behind(cuts + 1, to_learner)) ++cuts;
    // Frames that every rollout takes, two a message; pings come on top, more on a slow machine.
    // To the learner: Hello, the beginning, five blocks of samples, one of segments, the end.
    const std::size_t handshake = 2;
    EXPECT_GE(cuts, handshake + 2U * (to_learner ? 9 : 2)) << to_learner;
    EXPECT_LT(cuts, 100U) << "frames without end";
    RecordProperty(to_learner ? "cuts_to_learner" : "cuts_to_robot", std::to_string(cuts));
  }
}

// Breaks when reconnecting takes longer than two seconds with the settings that a robot has.
TEST(LinkFaults, ComesBackWithinTwoSeconds) {
  LinkBench bench;
  const RobotLinkSettings usual;
  bench.of_robot.ping_s = usual.ping_s;
  bench.of_robot.reconnect_s = usual.reconnect_s;
  bench.of_robot.resend_s = usual.resend_s;
  bench.start();
  ASSERT_TRUE(bench.until([&] { return bench.robot->is_connected(); }));
  bench.learner.reset();
  // At once, not after the silence of five pings: a closed connection shows.
  ASSERT_TRUE(bench.until([&] { return !bench.robot->is_connected(); }, milliseconds(700)));
  bench.drive(milliseconds(300));
  const auto back = SteadyClock::now();
  bench.start_learner();
  ASSERT_TRUE(bench.until([&] { return bench.robot->is_connected(); }));
  EXPECT_LE(SteadyClock::now() - back, milliseconds(2000));
  EXPECT_EQ(bench.agent.losses, 1);
  EXPECT_EQ(bench.robot->counts().reconnects, 1u);
}

// Breaks when a command of an earlier session still takes effect: the robot was told to go, was
// lost, and goes when it comes back.
TEST(LinkFaults, OldCommandsAreDiscarded) {
  struct Keep : WireFaults {
    std::vector<OutgoingFrame> commands;
    void pass(const OutgoingFrame& frame, std::vector<OutgoingFrame>& out) override {
      if (frame.type == MessageType::control) {
        commands.push_back(frame);
      } else {
        out.push_back(frame);
        // Anything that goes out to the robot now takes the old commands along.
        for (OutgoingFrame& old : commands) {
          if (old.to == frame.to) continue;
          old.to = frame.to;
          out.push_back(old);
        }
      }
    }
  } keep;
  LinkBench bench;
  bench.of_learner.seam.faults = &keep;
  bench.start_learner();
  TcpProxy proxy(port_of(bench.of_learner.endpoint));
  bench.also = [&] { proxy.pump(); };
  bench.start_robot(proxy.endpoint());
  ASSERT_TRUE(bench.until([&] { return bench.robot->is_connected(); }));
  bench.learner->control("car-1", Command::arm);
  bench.drive(milliseconds(20));
  ASSERT_EQ(keep.commands.size(), 1u);
  proxy.cut_behind(true, 0);
  ASSERT_TRUE(bench.until([&] { return bench.robot->counts().reconnects == 1; }));
  ASSERT_TRUE(bench.until([&] { return bench.robot->counts().stale_commands == 1; }));
  EXPECT_TRUE(bench.agent.commands.empty());
}

}  // namespace
}  // namespace phigrad::link
