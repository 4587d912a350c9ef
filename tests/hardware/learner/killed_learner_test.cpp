// kill -9 of `phigrad learn`, again and again, with a robot at the other end of a real socket that
// goes on as if it knew of nothing.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "host/store/metrics_journal.hpp"
#include "host/store/run_store.hpp"
#include "tests/hardware/learner/learner_bench.hpp"
#include "tests/hardware/learner/robot_thread.hpp"
#include "tests/support/database_integrity.hpp"
#include "tests/support/random_numbers.hpp"
#include "tests/support/soak.hpp"

namespace phigrad {
namespace {

using fixture::LearnerBench;
using fixture::LearnerPhase;
using fixture::RobotScript;
using fixture::RobotThread;
using fixture::StreamedRollout;

constexpr std::chrono::seconds patience{60};
constexpr std::chrono::milliseconds a_while{50};
constexpr int most_in_a_life = 3;  // rollouts, so that the run outlasts all kills

Experiment experiment_with(int per_update, int iterations) {
  return experiment_of(
      "jetracer", {"rollout.segments=20", "gradient.drop_segments=2", "gradient.window_segments=4",
                   "rollout.per_update=" + std::to_string(per_update), "optimiser.type=adam",
                   "optimiser.iterations=" + std::to_string(iterations)});
}

/// A lap beside the task's, a little different each time; one that is `off` costs much more.
StreamedRollout made_rollout(const Experiment& e, std::size_t number, bool off) {
  constexpr std::size_t nx = 4, nu = 2, nz = 10;
  const auto steps = static_cast<std::size_t>(e.setup.steps_per_segment);
  const auto segments = static_cast<std::size_t>(e.common.rollout.segments);
  const double dt_s = e.common.rollout.dt_s;
  const std::vector<double> noise =
      random_numbers(20, number, segments * (steps + 1) * (nx + nu + nz), -0.002, 0.002);
  std::size_t drawn = 0;
  StreamedRollout s;
  s.begin.nx = nx;
  s.begin.nu = nu;
  s.begin.nz = nz;
  s.begin.dt_s = dt_s;
  s.begin.before.assign(nz, 0.0);
  for (std::size_t i = 0; i < segments * steps; ++i) {
    const double t_s = static_cast<double>(i) * dt_s;
    std::vector<double> x = e.setup.on_task(t_s);
    for (double& value : x) value += noise[drawn++] + (off ? 0.5 : 0.05);
    if (i % steps == 0) {
      std::vector<double>& row = s.segments.emplace_back(std::vector<double>{double(i), t_s});
      append(row, x);
      append(row, {x[0], x[1], x[2] * std::cos(x[3]), x[2] * std::sin(x[3])});
      while (row.size() < 2 + nx + nz) row.push_back(noise[drawn++]);
    }
    std::vector<double>& row = s.samples.emplace_back(1, t_s);
    append(row, x);
    for (std::size_t k = 0; k < nu; ++k) row.push_back(100 * noise[drawn++]);
  }
  return s;
}

/// What a run comes to.
struct Result {
  std::vector<Array> policies;  // after each iteration
  Array optimiser;
  std::string loss_curve, journal;
  std::vector<std::string> events;
};

class KilledLearner : public ::testing::TestWithParam<int> {
 protected:
  KilledLearner() {
    for (int i = 0; i < iterations; ++i) {
      // Two in a row are a relapse: the best policy goes out again, and Adam starts anew.
      for (int r = 0; r < per_update; ++r) {
        script.rollouts.push_back(
            made_rollout(experiment, script.rollouts.size(), i % 12 == 7 || i % 12 == 8));
      }
    }
    script.per_policy = static_cast<std::uint64_t>(per_update);
    script.rows_a_poll = 8;
    script.poll = std::chrono::milliseconds(1);
  }

  std::string config(const LearnerBench& bench) const {
    const std::string file = (bench.directory / "config.json").string();
    std::ofstream(file) << experiment.resolved.dump();
    return file;
  }

  Result result(const LearnerBench& bench) const {
    const RunStore store = RunStore::open_readonly(bench.run);
    Result r;
    EXPECT_EQ(store.next_iteration(), iterations);
    const std::vector<std::vector<Metric>> metrics = store.metrics();
    for (int i = 0; i < store.next_iteration(); ++i) {
      r.policies.push_back(store.policies(i).value());
      r.loss_curve += metrics_lines(i, metrics[static_cast<std::size_t>(i)]);
    }
    r.optimiser = store.latest()->optimiser;
    r.journal = testing::read_text(bench.run / "metrics.jsonl");
    for (const Event& e : store.events()) r.events.push_back(e.text);
    return r;
  }

  /// What was never killed, and how long its phases take on this machine.
  Result uninterrupted() {
    const LearnerBench bench;
    RobotThread robot(bench.robot(), script);
    const auto learner = bench.learn(config(bench));
    EXPECT_EQ(learner->exit_code(patience), 0) << bench.said();
    for (std::size_t p = 0; p < fixture::learner_phases; ++p) {
      typical.push_back(robot.duration(static_cast<LearnerPhase>(p)));
    }
    return result(bench);
  }

  /// Numbers of the stored rollouts, each of which is what the robot drove.
  std::set<std::uint64_t> stored(const RunStore& store, int first) const {
    std::set<std::uint64_t> numbers;
    for (int i = first; i <= store.next_iteration(); ++i) {
      for (const StoredRollout& rollout : store.rollouts(i)) {
        const auto live = live_from(rollout);
        EXPECT_TRUE(live) << "a rollout that no robot sent";
        if (!live) continue;
        const std::uint64_t n = live->identity.rollout;
        EXPECT_TRUE(numbers.insert(n).second) << "rollout " << n << " is there twice";
        const LoggedRollout sent = fixture::live_of(experiment, script.rollouts.at(n - 1));
        EXPECT_EQ(live->logged.states, sent.states) << n;
        EXPECT_EQ(live->logged.inputs, sent.inputs) << n;
        EXPECT_EQ(live->logged.decisions, sent.decisions) << n;
      }
    }
    return numbers;
  }

  /// Kills the learner somewhere in a phase, and looks at what it left. False where it could not.
  bool kill_in(LearnerPhase phase, const LearnerBench& bench, RobotThread& robot) {
    const std::uint64_t before = robot.entries(phase);
    robot.drive_up_to(robot.acknowledged() + most_in_a_life);
    const auto learner = bench.learn(config(bench));
    // In the second such phase, too. A learner starts and publishes once.
    const bool recurs = phase > LearnerPhase::publishing;
    const std::uint64_t wanted = before + 1 + (recurs ? random() % 2 : 0);
    const auto end = std::chrono::steady_clock::now() + patience;
    while (phase != LearnerPhase::starting && !robot.wait_for(phase, wanted, a_while)) {
      if (learner->is_running() && std::chrono::steady_clock::now() < end) continue;
      ADD_FAILURE() << "phase " << static_cast<int>(phase) << " does not come; " << bench.said();
      return false;
    }
    std::uniform_real_distribution<double> part(0, 1.3);
    std::this_thread::sleep_for(part(random) * typical[static_cast<std::size_t>(phase)]);
    const LearnerPhase hit = robot.phase();
    const bool was_killed = learner->kill_9();
    EXPECT_TRUE(was_killed) << "it ended on its own; " << bench.said();
    look(hit, bench, robot.acknowledged());
    return was_killed;
  }

  void look(LearnerPhase hit, const LearnerBench& bench, std::uint64_t acknowledged) {
    if (!std::filesystem::exists(bench.run / "run.db")) {
      EXPECT_EQ(acknowledged, 0U);
      ++killed["while_starting"];
      return;
    }
    EXPECT_EQ(testing::integrity(bench.run), "ok");
    const RunStore store = RunStore::open_readonly(bench.run);
    if (std::filesystem::exists(bench.run / "config.json")) {
      EXPECT_EQ(testing::read_text(bench.run / "config.json"), store.config_text());
    }
    const auto per = static_cast<std::uint64_t>(per_update);
    const std::set<std::uint64_t> numbers = stored(store, static_cast<int>(looked_at / per));
    for (; looked_at < acknowledged; ++looked_at) lost += 1 - numbers.count(looked_at + 1);
    const bool is_stored = numbers.count(acknowledged + 1) > 0;
    const bool is_committed =
        static_cast<std::uint64_t>(store.next_iteration()) >= acknowledged / per;
    const char* const where[fixture::learner_phases] = {
        "while_starting", "while_publishing", "while_rows_arrived",
        is_stored ? "with_a_rollout_stored" : "before_a_rollout_was_stored",
        is_committed ? "after_a_commit" : "before_a_commit"};
    ++killed[where[static_cast<std::size_t>(hit)]];
  }

  const int per_update = GetParam();
  const int planned = trials(50, 10);
  const int iterations = (most_in_a_life * planned) / per_update + 4;
  const Experiment experiment = experiment_with(per_update, iterations);
  RobotScript script;
  std::vector<std::chrono::duration<double>> typical;
  std::mt19937 random{static_cast<unsigned>(5 + per_update)};
  std::map<std::string, int> killed;  // how often, by where it fell
  std::uint64_t looked_at = 0, lost = 0;
};

// Breaks when a kill costs an acknowledged rollout, leaves a file that is half old and half new,
// uses a rollout twice or in another place, or forgets the optimiser, the rollback or an update.
TEST_P(KilledLearner, EndsAsIfNothingHadHappened_slow) {
  const Result expected = uninterrupted();
  const LearnerBench bench;
  RobotThread robot(bench.robot(), script);
  // What is written is written in the last two.
  using P = LearnerPhase;
  const P cycle[] = {P::starting, P::publishing, P::receiving, P::storing,
                     P::learning, P::storing,    P::learning};
  std::vector<P> phases;
  for (int i = 0; i < planned; ++i) phases.push_back(cycle[static_cast<std::size_t>(i) % 7]);
  std::shuffle(phases.begin(), phases.end(), random);
  for (const P phase : phases) ASSERT_TRUE(kill_in(phase, bench, robot));
  robot.drive_up_to(script.rollouts.size());
  const auto learner = bench.learn(config(bench));
  ASSERT_EQ(learner->exit_code(patience), 0) << bench.said();

  const Result found = result(bench);
  EXPECT_TRUE(found.policies == expected.policies);
  EXPECT_TRUE(found.optimiser == expected.optimiser);
  EXPECT_EQ(found.loss_curve, expected.loss_curve);
  EXPECT_EQ(found.journal, expected.loss_curve);
  EXPECT_EQ(found.events, expected.events);
  EXPECT_FALSE(expected.events.empty()) << "there was no rollback";
  const RunStore store = RunStore::open_readonly(bench.run);
  EXPECT_EQ(stored(store, 0).size(), script.rollouts.size());
  EXPECT_GE(robot.acknowledged() + 1, script.rollouts.size());
  EXPECT_EQ(lost, 0U);
  for (const auto& entry : std::filesystem::directory_iterator(bench.run)) {
    EXPECT_EQ(entry.path().string().find(".tmp"), std::string::npos) << entry.path();
  }
  RecordProperty("kills", planned);
  for (const auto& [where, times] : killed) RecordProperty("killed_" + where, times);
  RecordProperty("rollouts_acknowledged", static_cast<int>(robot.acknowledged()));
  RecordProperty("acknowledged_rollouts_lost", static_cast<int>(lost));
}
INSTANTIATE_TEST_SUITE_P(RolloutsAnUpdate, KilledLearner, ::testing::Values(1, 2),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace phigrad
