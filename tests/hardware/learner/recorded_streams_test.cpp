// Every training rollout of the real car, through a real encrypted socket into `phigrad learn`: as
// fast as it goes, and in ./dev soak in the time that the car took.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "host/config/json_document.hpp"
#include "host/config/overrides.hpp"
#include "host/experiment/training.hpp"
#include "host/rollouts/stored_rollout.hpp"
#include "tests/hardware/learner/learner_bench.hpp"
#include "tests/hardware/learner/robot_thread.hpp"
#include "tests/support/soak.hpp"

namespace phigrad {
namespace {

using fixture::LearnerBench;
using fixture::RobotScript;
using fixture::RobotThread;

constexpr int rollouts = 15;  // in each log
const std::chrono::minutes longest(soaks() ? 20 : 1);

/// The policies after training on a log: a recording or a run directory.
Array trained_on(const std::filesystem::path& log, const std::filesystem::path& run) {
  const Experiment e = experiment_of("jetracer", {"rollout.logs=[\"" + log.string() + "\"]"});
  RunStore store = RunStore::create(run, e.resolved.dump());
  TrainingOptions options;
  options.backend = "cpu";
  train(e, options, store);
  EXPECT_EQ(store.next_iteration(), rollouts);
  return store.latest()->policies;
}

class RecordedStreams : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { REQUIRE_RECORDINGS(); }

  const std::filesystem::path log = recorded_file(GetParam() + ".bson");
  const LearnerBench bench;
};

// Breaks when a row, its order or its time does not survive the way from the robot to the gradient.
TEST_P(RecordedStreams, TeachWhatTheFileDoes_slow) {
  RobotScript script;
  script.in_real_time = soaks();
  for (const RecordedRollout& r : read_log(log).rollouts) script.rollouts.emplace_back(r);
  ASSERT_EQ(script.rollouts.size(), static_cast<std::size_t>(rollouts));
  const RobotThread robot(bench.robot(), script);
  const auto begin = std::chrono::steady_clock::now();
  const auto learner = bench.learn(config_path("jetracer"), {"--set", "live.rollback=false"});
  ASSERT_EQ(learner->exit_code(longest), 0) << bench.said();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const RunStore store = RunStore::open_readonly(bench.run);
  EXPECT_EQ(store.next_iteration(), rollouts);
  EXPECT_TRUE(store.latest()->policies == trained_on(log, bench.directory / "file"));
  RecordProperty("rollouts", rollouts);
  RecordProperty("wall_s", std::to_string(took.count()));
}

// Breaks when the agent's own way from a measurement to the learner loses or changes a sample: what
// it measures is on record, and what is learned live is what the run directory teaches.
TEST_P(RecordedStreams, TheAgentCarriesThem_slow) {
  auto document = read_json(config_path("jetracer"));
  document["agent"] = nlohmann::ordered_json::parse(R"({
    "driver": {"type": "replay"},
    "limits": {"low": [-0.75, -1], "high": [0.75, 1]},
    "geofence": {"type": "none"}
  })");
  document["agent"]["driver"]["log"] = log.string();
  document["agent"]["driver"]["real_time"] = soaks();
  if (soaks()) {
    // How late a busy machine makes the agent is measured, and no reason to stop.
    for (const char* limit : {"dead_man_s", "link_dead_man_s", "longest_period_s"}) {
      document["agent"][limit] = 5;
    }
  }
  const std::string config = (bench.directory / "config.json").string();
  std::ofstream(config) << document.dump();

  const auto learner = bench.learn(config, {"--set", "live.rollback=false"});
  const std::filesystem::path summary = bench.directory / "agent.json";
  const std::filesystem::path said = bench.directory / "agent.txt";
  ChildProcess agent(
      {"agent", config, "--learner", bench.endpoint, "--keys", bench.key_file("car1.secret.json"),
       "--learner-key", bench.key_file("learner.public.json"), "--arm", "--rollouts",
       std::to_string(rollouts), "--json"},
      summary, said);
  ASSERT_EQ(agent.exit_code(longest), 0) << testing::read_text(said) << bench.said();
  ASSERT_EQ(learner->exit_code(longest), 0) << bench.said();

  const auto told = nlohmann::json::parse(testing::read_text(summary));
  EXPECT_EQ(told["complete"], rollouts);
  EXPECT_EQ(told["dropped_records"], 0);
  EXPECT_EQ(told["acknowledged"], true);
  const RunStore store = RunStore::open_readonly(bench.run);
  EXPECT_EQ(store.next_iteration(), rollouts);
  const Experiment e = experiment_of("jetracer");
  const std::vector<LoggedRollout> recorded = read_rollouts(log, e.setup);
  const auto samples =
      static_cast<std::size_t>(e.common.rollout.segments * e.setup.steps_per_segment);
  for (int i = 0; i < rollouts; ++i) {
    const std::vector<StoredRollout> stored = store.rollouts(i);
    ASSERT_EQ(stored.size(), 1U);
    const LoggedRollout driven = live_from(stored[0])->logged;
    ASSERT_EQ(driven.sample_time.size(), samples);
    const std::vector<double>& states = recorded[static_cast<std::size_t>(i)].states;
    EXPECT_TRUE(std::equal(driven.states.begin(), driven.states.end() - 4, states.begin())) << i;
  }
  EXPECT_TRUE(store.latest()->policies == trained_on(bench.run, bench.directory / "again"));
  RecordProperty("rollouts", rollouts);
  RecordProperty("late_p50_s", told["late_s"]["p50"].dump());
  RecordProperty("late_p99_s", told["late_s"]["p99"].dump());
  RecordProperty("late_max_s", told["late_s"]["max"].dump());
}

INSTANTIATE_TEST_SUITE_P(Logs, RecordedStreams,
                         ::testing::Values("jetracer_training_1", "jetracer_training_3"),
                         [](const auto& log) { return log.param; });

}  // namespace
}  // namespace phigrad
