// Live training over a link that delivers recorded rollouts: the same policies as training on the
// file, past late, tripped and foreign rollouts.
#include "hardware/learner/live_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/support/error.hpp"
#include "tests/hardware/learner/live_training.hpp"

namespace phigrad {
namespace {

using fixture::event_texts;
using fixture::Learner;
using fixture::StreamedRollout;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LiveTraining : public fixture::LiveTraining {};

// Breaks when streaming changes a bit of what is learned, the rollouts of an update are not the
// first per_update that came, or one is not differentiated while it comes.
TEST_F(LiveTraining, LearnsWhatTheFileTeaches) {
  for (const char* per_update : {"rollout.per_update=1", "rollout.per_update=2"}) {
    const std::vector<std::string> set = {per_update, "optimiser.iterations=5",
                                          "optimiser.type=adam"};
    const Array expected = of_file(set, per_update);
    const Experiment e = jetracer(set);
    RunStore store = fresh(e, (std::string("live ") + per_update).c_str());
    Learner learner(e, store, script());
    const TrainingResult result = learner.run();
    EXPECT_EQ(result.finished, 5);
    EXPECT_FALSE(result.interrupted);
    EXPECT_TRUE(store.latest()->policies == expected) << per_update;
    const int ahead = learner.source.segments_ahead();
    EXPECT_EQ(ahead, e.common.rollout.per_update == 1 ? 155 : 0) << "of 156, of two an update none";
    EXPECT_FALSE(store.latest()->policies == *store.policy("initial")) << "nothing was learned";
    const auto per = static_cast<std::size_t>(e.common.rollout.per_update);
    EXPECT_EQ(learner.robot.acknowledged, static_cast<int>(5 * per));
    for (int i = 0; i < 5; ++i) EXPECT_EQ(store.rollouts(i).size(), per) << i;
  }
}

// Breaks when a robot that has driven for an earlier run takes this one's policies for older ones,
// or its rollouts are not known by the versions that went out.
TEST_F(LiveTraining, VersionsBeginWhereTheConfigSays) {
  const Experiment e = jetracer({"optimiser.iterations=2", "live.first_version=1700000000000"});
  const Array expected = of_file({"optimiser.iterations=2"}, "file");
  RunStore store = fresh(e, "run");
  Learner learner(e, store, script());
  learner.run();
  EXPECT_EQ(learner.robot.published[1].version, 1700000000001U);
  EXPECT_EQ(learner.source.segments_ahead(), 155);
  EXPECT_TRUE(store.latest()->policies == expected);
}

// Breaks when the robot is left with the policy before the last update.
TEST_F(LiveTraining, TheLearnedPolicyGoesOutInTheEnd) {
  const Experiment e = jetracer({"optimiser.iterations=2"});
  RunStore store = fresh(e, "run");
  Learner learner(e, store, script());
  learner.run();
  learner.robot.script.clear();
  learner.source.publish_learned();
  ASSERT_EQ(learner.robot.published.size(), 3U);
  EXPECT_EQ(learner.robot.published[2].version, 3U);
  EXPECT_EQ(learner.robot.parameters[2], store.latest()->policies.values<double>());
}

// Breaks when a policy goes out under another version, hash or signature than its own.
TEST_F(LiveTraining, PublishesSignedPolicies) {
  const Experiment e = jetracer({"optimiser.iterations=3"});
  RunStore store = fresh(e, "run");
  Learner learner(e, store, script());
  learner.run();
  ASSERT_EQ(learner.robot.published.size(), 3U);
  PolicySlot slot("car", learner.robot.parameters[0].size(), learner.keys.open);
  for (std::size_t i = 0; i < 3; ++i) {
    const link::Policy& p = learner.robot.published[i];
    const std::vector<double>& theta = learner.robot.parameters[i];
    EXPECT_EQ(p.version, i + 1);
    EXPECT_EQ(theta, *policies_of_iteration(store, static_cast<int>(i)));
    EXPECT_EQ(p.precision, link::ParameterPrecision::single_precision);
    EXPECT_EQ(slot.offer({{p.robot_kind, p.version, p.parameters, p.hash},
                          p.signature,
                          theta.data(),
                          theta.size()}),
              PolicyRefusal::none);
  }
}

// Breaks when a tripped rollout enters a gradient, or is not kept, or is learned from after all by
// a resumed run.
TEST_F(LiveTraining, TrippedRolloutsAreKeptAndNotLearnedFrom) {
  const std::vector<std::string> set = {"optimiser.iterations=2"};
  const Experiment e = jetracer(set);
  const Array expected = of_file(set, "file");
  RunStore store = fresh(e, "run");
  std::vector<StreamedRollout> all = script();
  StreamedRollout tripped = all[7];
  tripped.reason = link::EndReason::tripped;
  tripped.events = {{"tripped", "geofence_left"}};
  all.insert(all.begin(), tripped);
  Learner learner(e, store, all);
  learner.run();
  EXPECT_TRUE(store.latest()->policies == expected);
  const std::vector<StoredRollout> kept = store.rollouts(0);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_THAT(live_from(kept[0])->logged.quarantined, ElementsAre(HasSubstr("geofence_left")));
  EXPECT_THAT(live_from(kept[1])->logged.quarantined, IsEmpty());
  EXPECT_EQ(learner.robot.acknowledged, 3);

  // The same rollout counts where someone asks for it.
  const Experiment asking = jetracer({"optimiser.iterations=2", "live.use_tripped=true"});
  RunStore other = fresh(e, "use tripped");
  Learner asked(asking, other, all);
  asked.run();
  EXPECT_FALSE(other.latest()->policies == expected);
  EXPECT_EQ(other.rollouts(0).size(), 1U);
}

// Breaks when a rollout of another policy than the present one enters the gradient: one that was
// driven under the version before, and ones that this run knows nothing of.
TEST_F(LiveTraining, OtherPoliciesRolloutsAreKeptAndNotLearnedFrom) {
  const std::vector<std::string> set = {"optimiser.iterations=3"};
  const Experiment e = jetracer(set);
  const Array expected = of_file(set, "file");
  RunStore store = fresh(e, "run");
  std::vector<StreamedRollout> all = script();
  const std::vector<StreamedRollout> strangers = {all[9], all[10], all[11]};
  all.insert(all.begin() + 2, strangers.begin(), strangers.end());
  Learner learner(e, store, all);
  learner.robot.spoil = [&](StreamedRollout& s) {
    const std::vector<link::Policy>& published = learner.robot.published;
    if (s.begin.rollout == 3) {
      s.begin.policy_version = 2;
      s.begin.policy_hash = published[1].hash;
    }
    if (s.begin.rollout == 4) s.begin.policy_hash[0] ^= 1;
    if (s.begin.rollout == 5) s.begin.policy_version = 77;
  };
  learner.run();
  EXPECT_TRUE(store.latest()->policies == expected);
  EXPECT_EQ(learner.robot.acknowledged, 6);
  EXPECT_EQ(store.rollouts(0).size(), 1U);
  const std::vector<StoredRollout> second = store.rollouts(1);
  ASSERT_EQ(second.size(), 2U) << "the late one belongs to the policy that drove it";
  EXPECT_THAT(live_from(second[1])->logged.quarantined, IsEmpty());
  const std::vector<StoredRollout> third = store.rollouts(2);
  ASSERT_EQ(third.size(), 3U);
  for (std::size_t i : {0U, 1U}) {
    EXPECT_THAT(live_from(third[i])->logged.quarantined, ElementsAre(HasSubstr("did not publish")));
  }
}

// Breaks when a robot of another kind or size is let in, or is not told why.
TEST_F(LiveTraining, RefusesOtherRobots) {
  const Experiment e = jetracer({});
  RunStore store = fresh(e, "run");
  Learner learner(e, store, {});
  link::Hello hello;
  hello.robot_kind = "car";
  hello.nx = 4;
  hello.nu = 2;
  hello.nz = 10;
  const auto refusal = [&](auto member, auto value) {
    link::Hello other = hello;
    other.*member = value;
    std::string why;
    EXPECT_FALSE(learner.source.listener().joined("car1", other, why));
    return why;
  };
  EXPECT_THAT(refusal(&link::Hello::nz, 9U), HasSubstr("9 numbers a decision"));
  EXPECT_THAT(refusal(&link::Hello::nx, 5U), HasSubstr("5 states"));
  EXPECT_THAT(refusal(&link::Hello::nu, 1U), HasSubstr("1 inputs"));
  EXPECT_THAT(refusal(&link::Hello::robot_kind, "go1"), HasSubstr("it is a \"go1\""));
  EXPECT_TRUE(learner.status.robots.empty());
  std::string why;
  EXPECT_TRUE(learner.source.listener().joined("car1", hello, why)) << why;
  EXPECT_TRUE(learner.status.robots.at("car1").connected);
}

// Breaks when a robot fills the disk with events, or writes control characters to the terminal.
TEST_F(LiveTraining, EventsAreBoundedAndPrintable) {
  const Experiment e = jetracer({});
  RunStore store = fresh(e, "run");
  Learner learner(e, store, {});
  for (int i = 0; i < 300; ++i) {
    learner.source.listener().event("car1", {"note", "\033[2J" + std::string(5000, 'x')});
  }
  const std::vector<std::string> events = event_texts(store);
  EXPECT_EQ(events.size(), 51U);
  EXPECT_LT(events[0].size(), 500U);
  EXPECT_EQ(events[0].rfind("car1: note ?[2Jx", 0), 0U) << events[0];
  EXPECT_LE(learner.status.news.size(), 200U);
}

// Breaks when several policies are trained on one robot's rollouts.
TEST_F(LiveTraining, TakesOnePolicyOnly) {
  const Experiment e = jetracer({});
  RunStore store = fresh(e, "run");
  const std::vector<double> two(2, 0.0);
  store.put_policy("initial", Array::of(two.data(), {2, 1}));
  Learner learner(e, store, script());
  EXPECT_THROW(learner.run(), Error);
}

}  // namespace
}  // namespace phigrad
