// Back to the best policy when the measured cost rises; a halt where that does not help.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

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

class LiveRollback : public fixture::LiveTraining {};

// Breaks when the relapse of the car's third training (rollouts 7 to 10; the best is number 6) is
// not answered with the best policy under a new version, when the update is taken all the same, or
// when a run that was resumed in between has forgotten the costs before.
TEST_F(LiveRollback, RollsBackOnTheRecordedRelapse) {
  const Experiment e =
      experiment_of("jetracer", {"optimiser.iterations=10", "optimiser.type=adam"});
  std::vector<Array> after;
  for (const int stop_after : {0, 7}) {
    const std::string name = "run " + std::to_string(stop_after);
    {
      RunStore store = fresh(e, name.c_str());
      Learner learner(e, store, script("jetracer_training_3"));
      learner.robot.before_poll = [&] {
        learner.stop = stop_after > 0 && store.next_iteration() == stop_after;
      };
      learner.run();
    }
    RunStore store = RunStore::resume(directory_ / name);
    Learner learner(e, store, script("jetracer_training_3"));
    learner.robot.at = static_cast<std::size_t>(stop_after) + (stop_after > 0 ? 1 : 0);
    learner.robot.next_rollout = learner.robot.at + 1;
    learner.run();
    ASSERT_EQ(store.next_iteration(), 10) << stop_after;
    const std::vector<std::string> events = event_texts(store);
    ASSERT_THAT(events, ElementsAre(HasSubstr("rolled back"))) << stop_after;
    const int relapse = store.events()[0].iteration;
    EXPECT_GE(relapse, 7);
    EXPECT_LT(relapse, 9);
    const int best = 6;
    EXPECT_THAT(events[0], HasSubstr("policy of iteration " + std::to_string(best + 1) + " "));
    EXPECT_EQ(*policies_of_iteration(store, relapse + 1), *policies_of_iteration(store, best));
    EXPECT_NE(*policies_of_iteration(store, relapse), *policies_of_iteration(store, best));
    EXPECT_NE(*policies_of_iteration(store, relapse + 2), *policies_of_iteration(store, best))
        << "it learns on from there";
    EXPECT_TRUE(std::isnan(store.metrics()[static_cast<std::size_t>(relapse)][0].gradient_norm));
    after.push_back(store.latest()->policies);
    EXPECT_TRUE(after.back() == after.front()) << "resumed after " << stop_after;
  }
}

// Breaks when the rollback cannot be switched off.
TEST_F(LiveRollback, LearnsOnWhereTheRollbackIsOff) {
  const Experiment e = jetracer({"optimiser.iterations=10"});
  RunStore store = fresh(e, "run");
  Learner learner(e, store, script("jetracer_training_3"));
  learner.run();
  EXPECT_EQ(store.next_iteration(), 10);
  EXPECT_THAT(event_texts(store), IsEmpty());
}

// Breaks when a robot that the best policy does not drive any more goes on unattended, or when the
// run cannot be resumed by whoever has looked.
TEST_F(LiveRollback, HaltsWhenTheBestPolicyDoesNotHelp) {
  const Experiment e = experiment_of("jetracer", {"optimiser.iterations=12"});
  std::vector<StreamedRollout> all = script("jetracer_training_3");
  // From the relapse on, bad rollouts alone.
  for (std::size_t i = 9; i < all.size(); ++i) all[i] = all[0];
  {
    RunStore store = fresh(e, "run");
    Learner learner(e, store, all);
    try {
      learner.run();
      FAIL() << "it went on";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::safety);
    }
    EXPECT_THAT(learner.robot.commands, ElementsAre(link::Command::stop));
    EXPECT_THAT(event_texts(store), ElementsAre(HasSubstr("rolled back"), HasSubstr("halted")));
    EXPECT_EQ(learner.robot.published.size(), static_cast<std::size_t>(store.next_iteration()));
  }
  RunStore store = RunStore::resume(directory_ / "run");
  Learner learner(e, store, script());
  learner.robot.next_rollout = 100;
  learner.robot.at = 9;
  learner.run();
  EXPECT_EQ(store.next_iteration(), 12);
}

}  // namespace
}  // namespace phigrad
