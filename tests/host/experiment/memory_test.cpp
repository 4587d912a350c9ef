// Memory of training: what was planned is what it takes, and a run that does not fit is the same
// run in parts.
#include <gtest/gtest.h>
#include <malloc.h>

#include <filesystem>
#include <fstream>

#include "host/bench/resident.hpp"
#include "host/config/json_document.hpp"
#include "host/config/overrides.hpp"
#include "host/experiment/iteration_plan.hpp"
#include "host/experiment/learner.hpp"
#include "host/experiment/training.hpp"
#include "host/rollouts/stored_rollout.hpp"
#include "host/support/error.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

/// benchmarks/cases/pendulum.json
Experiment pendulum(const std::vector<std::string>& set) {
  const std::string file = std::string(PHIGRAD_SOURCE_DIR) + "/benchmarks/cases/pendulum.json";
  auto document = read_json(file);
  for (const std::string& assignment : set) apply_override(document, assignment);
  return read_experiment(document, file);
}

class TrainingMemory : public testing::Test {
 protected:
  RunStore trained(const Experiment& e, const std::string& name, int seeds) const {
    RunStore store = RunStore::create(own_.path() / name, e.resolved.dump());
    TrainingOptions options;
    options.seeds = seeds;
    options.backend = "cpu";
    description_ = train(e, options, store).backend;
    return store;
  }

  const TemporaryDirectory own_;
  mutable std::string description_;
};

// Breaks when a part of a run draws other starts or noise, its gradient is rounded between parts,
// or a part's rollouts are stored under another's number. A policy's rollouts in parts, and
// policies in parts, under Adam.
TEST_F(TrainingMemory, TheSameRunInParts) {
  struct Case {
    const char* per_update;
    int seeds;
    const char *few, *many;  // MiB
  };
  for (const Case& c :
       {Case{"rollout.per_update=302", 1, "rollout.memory_mib=3", "rollout.memory_mib=1"},
        Case{"rollout.per_update=1", 302, "rollout.memory_mib=3", "rollout.memory_mib=1"}}) {
    const auto experiment = [&](const std::string& memory) {
      return pendulum({"rollout.segments=60", "rollout.noise.input=[0.1,0.1]", c.per_update,
                       "optimiser.type=adam", "optimiser.step=0.01", "optimiser.iterations=2",
                       "store.rollouts=all", memory});
    };
    const RunStore whole =
        trained(experiment("rollout.memory_mib=0"), "whole" + std::to_string(c.seeds), c.seeds);
    EXPECT_EQ(description_.find("parts"), std::string::npos);
    for (const char* memory : {c.few, c.many}) {
      const RunStore parts = trained(experiment(memory), memory + std::to_string(c.seeds), c.seeds);
      EXPECT_NE(description_.find(" parts that fit"), std::string::npos) << description_;
      EXPECT_TRUE(parts.latest()->policies == whole.latest()->policies) << description_;
      EXPECT_TRUE(parts.latest()->optimiser == whole.latest()->optimiser) << description_;
      for (const int iteration : {0, 1}) {
        const auto expected = whole.rollouts(iteration), stored = parts.rollouts(iteration);
        ASSERT_EQ(expected.size(), 302U);
        ASSERT_EQ(stored.size(), 302U);
        for (std::size_t i = 0; i < stored.size(); ++i) {
          ASSERT_TRUE(stored[i].arrays == expected[i].arrays) << i << description_;
        }
      }
    }
  }
}

// Breaks when a run whose samples are simulated again learns or keeps something else.
TEST_F(TrainingMemory, TheSameRunSimulatedAgain) {
  const auto run = [&](const std::string& tape) {
    return trained(pendulum({"rollout.segments=20", "rollout.noise.input=[0.1,0.1]",
                             "rollout.per_update=21", "optimiser.type=adam", "optimiser.step=0.01",
                             "optimiser.iterations=3", "rollout.tape=" + tape}),
                   tape, 2);
  };
  const RunStore stored = run("store");
  EXPECT_EQ(description_.find("again"), std::string::npos);
  const RunStore again = run("recompute");
  EXPECT_NE(description_.find("samples simulated again"), std::string::npos) << description_;
  EXPECT_TRUE(again.latest()->policies == stored.latest()->policies);
  EXPECT_TRUE(again.latest()->optimiser == stored.latest()->optimiser);
  for (const int iteration : {0, 2}) {
    const auto expected = stored.rollouts(iteration), kept = again.rollouts(iteration);
    ASSERT_EQ(kept.size(), 42U);
    ASSERT_EQ(expected.size(), 42U);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      ASSERT_TRUE(kept[i].arrays == expected[i].arrays) << i;
    }
  }
}

// Breaks when a config asks for what its gradient, its estimator or its store cannot do and is not
// told so before anything is simulated.
TEST_F(TrainingMemory, WhatCannotBeSimulatedAgainIsSaid) {
  for (const char* set : {"gradient.estimator=spsa", "rollout.faults.command_delay_s=0.05",
                          "store.rollouts=all", "gradient.truncate_steps=3"}) {
    const Experiment e = pendulum({"rollout.tape=recompute", "rollout.per_update=4", set});
    EXPECT_THROW(require_trainable(e, "cpu"), Error) << "after a run was begun: " << set;
    try {
      plan_iteration(e, 1, "cpu");
      ADD_FAILURE() << set;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::input);
      EXPECT_NE(std::string(error.what()).find("rollout.tape"), std::string::npos) << error.what();
    }
    const Experiment by_rule = pendulum({"rollout.tape=auto", "rollout.per_update=4", set});
    EXPECT_FALSE(plan_iteration(by_rule, 1, "cpu").engine.backend.recompute) << set;
  }
}

std::int64_t resident_now() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    std::int64_t kib = 0;
    if (word == "VmRSS:" && status >> kib) return kib * 1024;
  }
  return 0;
}

// Breaks when something that grows with the batch is not in the plan, of the engine or beside it.
TEST_F(TrainingMemory, IsWhatWasPlanned) {
  if (sanitized) GTEST_SKIP() << "a sanitizer has memory of its own for ours";
  struct Case {
    std::vector<std::string> set;
    int seeds;
  };
  const std::string noise = "rollout.noise.input=[0.1,0.1]";
  for (const Case& c : {Case{{"rollout.per_update=30000", "rollout.segments=30"}, 1},
                        Case{{"rollout.per_update=30000", "rollout.segments=30", noise}, 1},
                        Case{{"rollout.per_update=10000", "rollout.segments=30"}, 3}}) {
    std::vector<std::string> set = c.set;
    set.insert(set.end(), {"optimiser.iterations=2", "store.rollouts=none"});
    const Experiment e = pendulum(set);
    const IterationPlan plan = plan_iteration(e, c.seeds, "cpu");
    EXPECT_EQ(plan.engine.cut.parts(), 1);
    malloc_trim(0);  // what the case before left
    forget_peak_resident();
    const std::int64_t before = resident_now();
    const RunStore store =
        trained(e, "planned" + std::to_string(set.size() + 10 * static_cast<std::size_t>(c.seeds)),
                c.seeds);
    const auto grown = static_cast<double>(peak_resident() - before);
    const auto planned = static_cast<double>(plan.bytes());
    EXPECT_NEAR(grown, planned, 0.05 * planned) << "planned " << planned << ", grew by " << grown;
  }
}

// Breaks when the rollouts that a run keeps are held until they are written: they take several
// times the batch. What SQLite and its log hold is some MiB, whatever their number.
TEST_F(TrainingMemory, KeptRolloutsAreNotHeld) {
  if (sanitized) GTEST_SKIP() << "a sanitizer has memory of its own for ours";
  const Experiment e = pendulum({"rollout.per_update=4000", "rollout.segments=30",
                                 "optimiser.iterations=1", "store.rollouts=all"});
  malloc_trim(0);
  forget_peak_resident();
  const std::int64_t before = resident_now();
  const RunStore store = trained(e, "kept", 1);
  const auto grown = static_cast<double>(peak_resident() - before);
  const auto planned = static_cast<double>(plan_iteration(e, 1, "cpu").bytes());
  const auto kept = static_cast<double>(std::filesystem::file_size(store.directory() / "run.db"));
  EXPECT_GT(kept, planned + 48e6);
  EXPECT_LT(grown, planned + 24e6) << "planned " << planned << ", kept " << kept;
}

}  // namespace
}  // namespace phigrad
