// Live training through crashes, Ctrl-C and a full disk: no acknowledged rollout is lost or used
// twice, and the policies are those of a run that nothing happened to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <stdexcept>

#include "hardware/learner/live_source.hpp"
#include "tests/hardware/learner/live_training.hpp"

namespace phigrad {
namespace {

using fixture::Learner;
using ::testing::Contains;
using ::testing::HasSubstr;

class LiveRecovery : public fixture::LiveTraining {};

struct Crash : std::runtime_error {
  Crash() : std::runtime_error("kill -9") {}
};

// Breaks when a rollout that was acknowledged before a crash is lost, used twice, or used in
// another place: whatever the poll in which the learner dies, the final policies are the
// uninterrupted run's.
TEST_F(LiveRecovery, ACrashChangesNothing) {
  const std::vector<std::string> set = {"rollout.per_update=2", "optimiser.iterations=3",
                                        "optimiser.type=adam"};
  const Experiment e = jetracer(set);
  const Array expected = of_file(set, "file");
  for (const int crash : {1, 2, 3, 5}) {
    const std::string name = "crash " + std::to_string(crash);
    std::size_t driven = 0;
    {
      RunStore store = fresh(e, name.c_str());
      Learner learner(e, store, script());
      int polls = 0;
      learner.robot.before_poll = [&] {
        if (polls++ == crash) throw Crash();
      };
      EXPECT_THROW(learner.run(), Crash);
      driven = learner.robot.at;
      EXPECT_EQ(driven, static_cast<std::size_t>(crash));
    }
    RunStore store = RunStore::resume(directory_ / name);
    EXPECT_EQ(store.next_iteration(), crash / 2);
    Learner learner(e, store, script());
    // The robot never got the last acknowledgement: it sends that rollout again.
    learner.robot.at = driven - 1;
    learner.robot.next_rollout = driven;
    learner.run();
    EXPECT_TRUE(store.latest()->policies == expected) << crash;
    EXPECT_EQ(learner.robot.acknowledged, 6 - crash) << crash;
  }
}

// Breaks when a crash between the last rollout of an iteration and its commit costs that rollout:
// the resumed iteration must not wait for a robot.
TEST_F(LiveRecovery, StoredRolloutsAreUsedFirst) {
  const Experiment e = jetracer({"optimiser.iterations=1"});
  const Array expected = of_file({"optimiser.iterations=1"}, "file");
  {
    RunStore store = fresh(e, "run");
    Learner learner(e, store, script());
    TrainingOptions options;
    options.backend = "cpu";
    options.source = &learner.source;
    struct Dying : RolloutSource {
      LiveSource& inner;
      explicit Dying(LiveSource& s) : inner(s) {}
      BatchShape shape() const override { return inner.shape(); }
      std::optional<Windows> next(int i, const std::vector<double>& theta, Engine& g) override {
        inner.next(i, theta, g);
        throw Crash();
      }
      LoggedRollout logged(const Engine& g, std::int64_t b) const override {
        return inner.logged(g, b);
      }
    } dying(learner.source);
    options.source = &dying;
    EXPECT_THROW(train(e, options, store), Crash);
  }
  RunStore store = RunStore::resume(directory_ / "run");
  EXPECT_EQ(store.next_iteration(), 0);
  Learner learner(e, store, script());
  learner.robot.before_poll = [] { FAIL() << "nothing is missing"; };
  learner.run();
  EXPECT_TRUE(store.latest()->policies == expected);
  EXPECT_EQ(store.rollouts(0).size(), 1U);
}

// Breaks when Ctrl-C waits for a robot, or leaves a run that cannot go on.
TEST_F(LiveRecovery, StopsWhileItWaits) {
  const std::vector<std::string> set = {"rollout.per_update=2", "optimiser.iterations=3"};
  const Experiment e = jetracer(set);
  const Array expected = of_file(set, "file");
  {
    RunStore store = fresh(e, "run");
    Learner learner(e, store, script());
    learner.robot.before_poll = [&] { learner.stop = learner.robot.at == 2; };
    const TrainingResult result = learner.run();
    EXPECT_TRUE(result.interrupted);
    EXPECT_EQ(result.finished, 1);
    EXPECT_EQ(store.rollouts(1).size(), 1U);
  }
  RunStore store = RunStore::resume(directory_ / "run");
  Learner learner(e, store, script());
  learner.robot.at = 3;
  learner.robot.next_rollout = 4;
  EXPECT_FALSE(learner.run().interrupted);
  EXPECT_TRUE(store.latest()->policies == expected);
}

// Breaks when a rollout is acknowledged that is not on the disk, or is lost once there is room
// again.
TEST_F(LiveRecovery, WhatCannotBeStoredIsNotAcknowledged) {
  const Experiment e = jetracer({"optimiser.iterations=1"});
  RunStore store = fresh(e, "run");
  Learner learner(e, store, script());
  // No file may grow beyond what it has, as on a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit as_it_was{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &as_it_was), 0);
  const auto limit_files = [&as_it_was](rlim_t bytes) {
    const rlimit limited{bytes, as_it_was.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limited), 0);
  };
  learner.robot.before_poll = [&] {
    if (learner.robot.at == 0) limit_files(4096);
    if (learner.robot.at == 1) {
      limit_files(as_it_was.rlim_cur);
      EXPECT_EQ(learner.robot.acknowledged, 0);
      EXPECT_TRUE(store.rollouts(0).empty());
      EXPECT_THAT(learner.status.news, Contains(HasSubstr("cannot be stored yet")));
      learner.robot.next_rollout = 1;  // the link offers it again
    }
  };
  learner.run();
  EXPECT_EQ(learner.robot.acknowledged, 1);
  EXPECT_EQ(store.rollouts(0).size(), 1U);
  EXPECT_EQ(store.rollouts(0)[0].rollout, 0);
}

}  // namespace
}  // namespace phigrad
