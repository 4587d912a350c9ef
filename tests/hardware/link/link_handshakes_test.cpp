// ST3: whose handshake is refused, how often, and for how long.
#include <gtest/gtest.h>

#include "tests/hardware/link/link_fixture.hpp"
#include "tests/support/soak.hpp"

namespace phigrad::link {
namespace {

using namespace fixture;

// Breaks when a peer whose key is not listed, that has another key of this learner, or no key at
// all, is let in even once; when the log fills up with them; when they keep a listed robot out.
TEST(LinkHandshakes, UnknownAndWrongKeysAreRefused) {
  LinkBench bench;
  bench.start_learner();
  const auto begin = SteadyClock::now();
  const SecretKeys stranger = make_keys();
  RobotLinkSettings unknown = bench.of_robot, wrong = bench.of_robot, none = bench.of_robot;
  unknown.own = stranger;
  wrong.learner = public_part(stranger, "learner");
  none.insecure_loopback = true;
  const auto wanted = static_cast<std::uint64_t>(trials(10000, 200));
  std::uint64_t before = 0;
  // Each of the three tries again and again.
  for (RobotLinkSettings settings : {unknown, wrong, none}) {
    settings.endpoint = bench.of_learner.endpoint;
    settings.reconnect_s = 0.001;
    Agent agent;
    RobotLink link(settings, bench.hello, agent);
    ASSERT_TRUE(bench.until(
        [&] {
          link.poll(milliseconds(0));
          return bench.learner->counts().refused_peers >= before + wanted / 3 + 1;
        },
        std::chrono::minutes(soaks() ? 5 : 1)));
    before = bench.learner->counts().refused_peers;
    EXPECT_FALSE(link.is_connected());
    EXPECT_NE(link.obstacle().find("key"), std::string::npos);
    EXPECT_EQ(agent.connects, 0);
  }
  EXPECT_TRUE(bench.store.joins.empty());
  EXPECT_EQ(bench.learner->counts().frames, 0u);
  const auto whole_seconds =
      std::chrono::duration_cast<std::chrono::seconds>(SteadyClock::now() - begin).count();
  EXPECT_GE(bench.store.remarks.size(), 1u);
  EXPECT_LE(bench.store.remarks.size(), static_cast<std::size_t>(2 * (whole_seconds + 1)));
  const auto record = [](const char* what, std::size_t n) {
    ::testing::Test::RecordProperty(what, static_cast<int>(n));
  };
  record("handshakes_refused", before);
  record("handshakes_accepted", bench.store.joins.size());
  record("log_lines", bench.store.remarks.size());
  bench.start_robot();
  EXPECT_TRUE(bench.until([&] { return bench.robot->is_connected(); }));
}

// Breaks when a robot that was refused gives up: once its key is listed, or the learner has the key
// that the robot knows, it is let in without anybody touching it.
TEST(LinkHandshakes, ARefusedRobotIsLetInOnceItMayBe) {
  LinkBench bench;
  const LearnerLinkSettings sound = bench.of_learner;
  for (const bool is_listed : {false, true}) {
    SCOPED_TRACE(is_listed);
    bench.of_learner = sound;
    if (is_listed) {
      bench.of_learner.own = make_keys();
    } else {
      bench.of_learner.allowed = {public_part(make_keys(), "other")};
    }
    bench.start();
    ASSERT_TRUE(bench.until([&] { return bench.learner->counts().refused_peers >= 2; }));
    EXPECT_NE(bench.robot->obstacle().find("key"), std::string::npos);
    bench.learner.reset();
    bench.of_learner.own = sound.own;
    bench.of_learner.allowed = sound.allowed;
    bench.start_learner();
    EXPECT_TRUE(bench.until([&] { return bench.robot->is_connected(); }));
    EXPECT_EQ(bench.robot->obstacle(), "");
    bench.learner.reset();
  }
}

}  // namespace
}  // namespace phigrad::link
