// Both ends of the link together, undisturbed.
#include <gtest/gtest.h>

#include "host/support/error.hpp"
#include "tests/hardware/link/link_fixture.hpp"

namespace phigrad::link {
namespace {

using namespace fixture;

// Breaks when rows are lost, changed or stored twice on a link on which nothing goes wrong; when
// the robot keeps what was stored; when its name is not that of its key.
TEST(Link, CarriesRolloutsBitForBit) {
  LinkBench bench;
  bench.start();
  const MadeRollout first(1, 95), second(2, 1), third(3, 40);
  for (const MadeRollout* made : {&first, &second, &third}) {
    bench.give(*made);
    bench.step();
  }
  ASSERT_TRUE(bench.settle());
  for (const MadeRollout* made : {&first, &second, &third}) bench.expect_stored(*made);
  EXPECT_EQ(bench.learner->robots(), std::vector<RobotName>{"car-1"});
  EXPECT_EQ(bench.learner->counts().rollouts, 3u);
  EXPECT_EQ(bench.learner->counts().refused_frames, 0u);
  const RobotLinkCounts counts = bench.robot->counts();
  EXPECT_EQ(counts.acknowledged_blocks, counts.sent_blocks);
  EXPECT_EQ(counts.refused_frames, 0u);
  const RolloutEnd& end = bench.store.stored[{"car-1", 1}].end;
  ASSERT_EQ(end.events.size(), 1u);
  EXPECT_EQ(end.events[0].text, "done");
}

// Breaks when ipc or a link without keys on the loopback does not work, as on one Jetson.
TEST(Link, WorksOverIpcWithAndWithoutKeys) {
  for (const bool insecure : {false, true}) {
    TemporaryDirectory folder;
    LinkBench bench;
    bench.of_learner.endpoint = "ipc://" + (folder.path() / "link").string();
    bench.of_learner.insecure_loopback = bench.of_robot.insecure_loopback = insecure;
    bench.start();
    const MadeRollout made(1, 30);
    bench.give(made);
    ASSERT_TRUE(bench.settle()) << insecure;
    bench.expect_stored(made, insecure ? "insecure-car" : "car-1");
  }
}

// Breaks when a policy does not arrive whole and bit-equal, or twice, or only those published while
// the robot is there; 5258 parameters are two frames.
TEST(Link, CarriesPoliciesWhole) {
  LinkBench bench;
  bench.start_learner();
  const std::vector<double> before = many_parameters(5258, 0.5), after = many_parameters(5258, 9);
  bench.learner->publish(announce(7, before.size()), before);
  bench.start_robot();
  ASSERT_TRUE(bench.until([&] { return bench.agent.policies.size() == 1; }));
  EXPECT_EQ(bench.agent.welcome.policy_version, 7u);
  bench.learner->publish(announce(8, after.size()), after);
  ASSERT_TRUE(bench.until([&] { return bench.agent.policies.size() == 2; }));
  bench.drive(milliseconds(30));
  ASSERT_EQ(bench.agent.policies.size(), 2u);
  EXPECT_TRUE(LinkBench::same_bits(bench.agent.policies[0].parameters, before));
  EXPECT_TRUE(LinkBench::same_bits(bench.agent.policies[1].parameters, after));
  EXPECT_EQ(to_cbor(bench.agent.policies[1].announcement), to_cbor(announce(8, after.size())));
  EXPECT_THROW(bench.learner->publish(announce(9, 5), after), Error);
}

// Breaks when a policy that does not fit into ZeroMQ's queues at once loses a part of itself.
TEST(Link, CarriesALargePolicy) {
  LinkBench bench;
  bench.start();
  const std::vector<double> large = many_parameters(std::size_t{1} << 20, 0.5);  // 256 frames
  bench.learner->publish(announce(3, large.size()), large);
  ASSERT_TRUE(bench.until([&] { return bench.agent.policies.size() == 1; }));
  EXPECT_TRUE(LinkBench::same_bits(bench.agent.policies[0].parameters, large));
}

// Breaks when commands, poses, events or the good-bye go astray, come twice, or out of order.
TEST(Link, CarriesSmallMessages) {
  LinkBench bench;
  bench.start();
  ASSERT_TRUE(bench.until([&] { return bench.robot->is_connected(); }));
  bench.learner->control("car-1", Command::arm);
  bench.learner->control("car-1", Command::disarm);
  bench.learner->control("nobody", Command::stop);
  Pose pose;
  pose.id = "car";
  pose.q = {1, 0, 0, 0};
  bench.learner->pose("car-1", pose);
  bench.robot->event({"clamped", "throttle"});
  ASSERT_TRUE(bench.until([&] {
    return bench.agent.commands.size() == 2 && bench.store.events.size() == 1 &&
           bench.agent.poses.size() == 1;
  }));
  EXPECT_EQ(bench.agent.commands, (std::vector<Command>{Command::arm, Command::disarm}));
  EXPECT_EQ(bench.store.events[0].first, "car-1");
  EXPECT_EQ(bench.store.events[0].second.kind, "clamped");
  bench.robot->bye("off to bed");
  ASSERT_TRUE(bench.until([&] { return bench.store.leaves.size() == 1; }));
  bench.drive(milliseconds(30));
  EXPECT_EQ(bench.store.joins.size(), 1u);
  EXPECT_TRUE(bench.learner->robots().empty());
}

// Breaks when a robot that the experiment cannot use is let in, or is not told why.
TEST(Link, RefusesARobotThatIsNotWanted) {
  LinkBench bench;
  bench.store.refuse_with = "a car of 4 states is wanted";
  bench.start();
  ASSERT_TRUE(bench.until([&] { return !bench.robot->obstacle().empty(); }));
  EXPECT_NE(bench.robot->obstacle().find("a car of 4 states is wanted"), std::string::npos);
  EXPECT_FALSE(bench.robot->is_connected());
  EXPECT_EQ(bench.agent.connects, 0);
  EXPECT_TRUE(bench.store.leaves.empty());
  EXPECT_EQ(bench.learner->counts().refused_peers, 1u);
  bench.store.refuse_with.clear();
  ASSERT_TRUE(bench.until([&] { return bench.robot->is_connected(); }));
  EXPECT_TRUE(bench.robot->obstacle().empty());
}

// Breaks when a robot that fell silent, or a learner that did, is still counted as there.
TEST(Link, NoticesSilence) {
  LinkBench bench;
  bench.of_learner.silence_s = 0.1;
  bench.start();
  ASSERT_TRUE(bench.until([&] { return bench.robot->is_connected(); }));
  const auto end = SteadyClock::now() + milliseconds(2000);
  while (bench.store.leaves.empty() && SteadyClock::now() < end)
    bench.learner->poll(milliseconds(5));
  EXPECT_EQ(bench.store.leaves, std::vector<RobotName>{"car-1"});
  while (bench.agent.losses == 0 && SteadyClock::now() < end) bench.robot->poll(milliseconds(5));
  EXPECT_EQ(bench.agent.losses, 1);
  ASSERT_TRUE(bench.until([&] { return bench.robot->is_connected(); }));
  EXPECT_EQ(bench.robot->counts().reconnects, 1u);
}

}  // namespace
}  // namespace phigrad::link
