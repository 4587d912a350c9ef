// Live training with a recorded robot at the other end of a link that has no wire.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "host/experiment/training.hpp"
#include "tests/hardware/agent/signed_policy.hpp"
#include "tests/hardware/learner/streamed_rollout.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad::fixture {

/// A learner with one recorded robot; `run` trains until done, stopped or crashed.
struct Learner {
  Learner(const Experiment& e, RunStore& s, const std::vector<StreamedRollout>& script)
      : experiment(e),
        store(s),
        source(e, s, {&stop, nullptr}, keys.secret, status),
        robot(source.listener(), script) {
    source.connect(robot);
  }

  TrainingResult run() {
    TrainingOptions options;
    options.backend = "cpu";
    options.stop = &stop;
    options.source = &source;
    options.on_iteration = [this](const IterationReport& r) { costs.push_back(r.cost.mean); };
    return train(experiment, options, store);
  }

  const Experiment& experiment;
  RunStore& store;
  std::atomic<bool> stop{false};
  LiveStatus status;
  phigrad::testing::PolicyKeys keys{5};
  LiveSource source;
  RecordedRobot robot;
  std::vector<double> costs;
};

/// Recordings and a folder for runs.
class LiveTraining : public ::testing::Test {
 protected:
  void SetUp() override { REQUIRE_RECORDINGS(); }

  static std::vector<StreamedRollout> script(const char* name = "jetracer_training_1") {
    std::vector<StreamedRollout> all;
    for (const RecordedRollout& r : read_log(recorded_file(std::string(name) + ".bson")).rollouts) {
      all.emplace_back(r);
    }
    return all;
  }
  /// Without a rollback: the costs on record know nothing of the policies learned here.
  static Experiment jetracer(std::vector<std::string> set) {
    set.emplace_back("live.rollback=false");
    return experiment_of("jetracer", set);
  }
  RunStore fresh(const Experiment& e, const char* name) const {
    return RunStore::create(directory_ / name, e.resolved.dump());
  }
  /// The policies after training on the file itself.
  Array of_file(const std::vector<std::string>& set, const char* name) const {
    std::vector<std::string> with_log = set;
    with_log.push_back("rollout.logs=[\"" + recorded_file("jetracer_training_1.bson").string() +
                       "\"]");
    const Experiment e = jetracer(with_log);
    RunStore store = fresh(e, name);
    TrainingOptions options;
    options.backend = "cpu";
    train(e, options, store);
    return store.latest()->policies;
  }

  const TemporaryDirectory own_;
  const std::filesystem::path directory_ = own_.path();
};

inline std::vector<std::string> event_texts(const RunStore& store) {
  std::vector<std::string> texts;
  for (const Event& e : store.events()) texts.push_back(e.text);
  return texts;
}

}  // namespace phigrad::fixture
