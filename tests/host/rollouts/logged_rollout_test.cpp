// Rollouts out of a run directory: what was driven comes back bit for bit, replays to the losses
// and gradients that training saw, and teaches another run.
#include "host/rollouts/logged_rollout.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "host/config/json_document.hpp"
#include "host/config/overrides.hpp"
#include "host/experiment/run_report.hpp"
#include "host/experiment/training.hpp"
#include "host/replay/replay.hpp"
#include "host/rollouts/rollout_grid.hpp"
#include "host/rollouts/stored_rollout.hpp"
#include "host/store/run_store.hpp"
#include "host/support/error.hpp"
#include "tests/support/recorded_file.hpp"
#include "tests/support/shipped_config.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

class LoggedRollouts : public ::testing::Test {
 protected:
  std::filesystem::path run(const Experiment& e, const std::string& name, int seeds = 1) const {
    RunStore store = RunStore::create(directory_ / name, e.resolved.dump());
    TrainingOptions options;
    options.seeds = seeds;
    train(e, options, store);
    return directory_ / name;
  }

  static std::string message(const Experiment& e, const std::filesystem::path& log) {
    try {
      replay(e, {log}, {});
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::input);
      return error.what();
    }
    return "no error";
  }

  const TemporaryDirectory own_;
  const std::filesystem::path directory_ = own_.path();
};

// Breaks when what a replay proposes is not what gradient descent did: a policy of constant
// corrections θ ∘ scale moved by step · scale² times the proposal after every rollout.
TEST_F(LoggedRollouts, ProposeWhatGradientDescentDid) {
  const double step = 1e-6;
  const Experiment e = experiment_of(
      "car_corrections",
      {"precision=double", "optimiser.iterations=3", "store.rollouts=all", "rollout.per_update=1",
       "optimiser.type=gradient_descent", "optimiser.step=" + std::to_string(step)});
  ReplayOptions options;
  options.growth = false;
  options.proposals = true;
  const Replay r = replay(e, {run(e, "corrections")}, options);
  const auto scales = e.resolved["policy"]["scales"].get<std::vector<double>>();
  ASSERT_EQ(r.decisions.size(), scales.size());
  ASSERT_EQ(r.rollouts.size(), 3U);
  for (std::size_t k = 0; k + 1 < r.rollouts.size(); ++k) {
    for (std::size_t i = 0; i < scales.size(); ++i) {
      const double moved = r.rollouts[k + 1].correction[i] - r.rollouts[k].correction[i];
      const double proposed = step * scales[i] * scales[i] * r.rollouts[k].proposal[i];
      EXPECT_GT(std::abs(proposed), 1e-10) << r.decisions[i];  // else nothing is compared
      EXPECT_NEAR(moved, proposed, 1e-6 * std::abs(proposed) + 1e-14) << r.decisions[i];
    }
  }
}

// The real car's own updates, which other code made from the same rollouts. Breaks when a gradient
// along real trajectories points elsewhere: four gains moved as proposed.
TEST(RecordedProposals, AreWhatTheAuthorsLearnerDid) {
  REQUIRE_RECORDINGS();
  const Experiment e = experiment_of("jetracer", {});
  ReplayOptions options;
  options.growth = false;
  options.proposals = true;
  for (const char* log : {"jetracer_training_1.bson", "jetracer_training_3.bson"}) {
    const Replay r = replay(e, {recorded_file(log)}, options);
    ASSERT_EQ(r.decisions.at(9), "gain kw");
    for (const std::size_t gain : {5U, 6U, 7U, 9U}) {  // ky, kv, kphi, kw
      int same = 0;
      for (std::size_t k = 0; k + 1 < r.rollouts.size(); ++k) {
        const double moved =
            r.rollouts[k + 1].correction.at(gain) - r.rollouts[k].correction.at(gain);
        same += moved * r.rollouts[k].proposal.at(gain) > 0 ? 1 : 0;
      }
      EXPECT_GE(same, 12) << log << " " << r.decisions[gain];  // by chance 1 in 154
    }
  }
}

// Breaks when a run forgets anything of a rollout, for networks and for tabled policies.
TEST_F(LoggedRollouts, ReplayToWhatTrainingSaw) {
  for (const char* name : {"car", "double_pendulum", "scalar"}) {
    const Experiment e = experiment_of(name, {"precision=double", "optimiser.iterations=2",
                                              "store.rollouts=all", "rollout.per_update=1"});
    const std::filesystem::path directory = run(e, name, 3);
    const RunStore store = RunStore::open_readonly(directory);
    for (int p = 0; p < 3; ++p) {
      const Array initial = store.policy("initial").value();
      const auto np = static_cast<std::size_t>(initial.shape.at(1));
      const std::vector<double> all = initial.values<double>();
      ReplayOptions options;
      options.growth = false;
      const auto first =
          all.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(p) * np);
      options.theta.assign(first, first + static_cast<std::ptrdiff_t>(np));
      const Replay r = replay(e, {directory}, options);
      ASSERT_EQ(r.rollouts.size(), 6U) << name;
      const auto at = static_cast<std::size_t>(p);
      const Metric seen = store.metrics()[0][at];
      EXPECT_TRUE(r.rollouts[at].quarantined.empty()) << name;
      EXPECT_EQ(r.rollouts[at].loss, seen.cost) << name;
      EXPECT_EQ(r.rollouts[at].recorded_loss, seen.cost) << name;
      EXPECT_NEAR(r.rollouts[at].gradient_norm, seen.gradient_norm, 1e-12 * seen.gradient_norm)
          << name;
      EXPECT_GT(seen.gradient_norm, 1e-6) << name;
      EXPECT_EQ(r.rollouts[at].command_mismatches, 0) << name;
      EXPECT_LE(r.rollouts[at].command_error_max, 1e-12) << name;
    }
  }
}

// Breaks when arrays come back rounded, in another order, or with other times.
TEST_F(LoggedRollouts, ComeBackBitForBit) {
  const Experiment e = experiment_of("car", {"optimiser.iterations=1"});
  const LoggedRollout one = read_rollouts(run(e, "run"), e.setup).at(0);
  StoredRollout stored;
  stored.arrays = arrays_of(one);
  const LoggedRollout again = logged_rollout(stored, one.log, 0);
  EXPECT_EQ(again.states, one.states);
  EXPECT_EQ(again.inputs, one.inputs);
  EXPECT_EQ(again.sample_time, one.sample_time);
  EXPECT_EQ(again.segment_begin, one.segment_begin);
  EXPECT_EQ(again.segment_time, one.segment_time);
  EXPECT_EQ(again.decided_at, one.decided_at);
  EXPECT_EQ(again.decisions, one.decisions);
  EXPECT_EQ(one.samples(), 156 * 7);
  EXPECT_EQ(one.states.size(), static_cast<std::size_t>(4 * (one.samples() + 1)));
}

// Breaks when a run on logs takes other rollouts than the next in line, or another gradient than
// replay's: its costs are the recorded losses, in order and over again.
TEST_F(LoggedRollouts, TeachARunOnRecordings) {
  REQUIRE_RECORDINGS();
  const std::string log = recorded_file("jetracer_training_1.bson").string();
  const Experiment e = experiment_of("jetracer", {"rollout.logs=[\"" + log + "\"]",
                                                  "precision=double", "optimiser.iterations=17"});
  const std::filesystem::path directory = run(e, "run", 2);
  const RunStore store = RunStore::open_readonly(directory);
  const RecordedLog recorded = read_log(log);
  for (std::size_t i = 0; i < 17; ++i) {
    EXPECT_NEAR(store.metrics()[i][1].cost, recorded.recorded_losses[i % 15], 1e-6) << i;
  }
  ReplayOptions options;
  const Array initial = store.policy("initial").value();
  options.theta = initial.values<double>();
  options.theta.resize(static_cast<std::size_t>(initial.shape.at(1)));
  options.growth = false;
  const double expected = replay(e, {log}, options).rollouts[0].gradient_norm;
  EXPECT_NEAR(store.metrics()[0][0].gradient_norm, expected, 1e-12 * expected);
  EXPECT_FALSE(before_after(e, store)) << "the plant of the config was not driven";
}

// Breaks when a run cannot read back the recordings that it keeps, most of which disagree on how
// many segments they have, or does not say that its costs are of other policies.
TEST_F(LoggedRollouts, OfRecordingsAreReadBackAndReported) {
  REQUIRE_RECORDINGS();
  const std::string log = recorded_file("jetracer_training_1.bson").string();
  const Experiment e = experiment_of("jetracer", {"rollout.logs=[\"" + log + "\"]",
                                                  "optimiser.iterations=15", "store.rollouts=all"});
  const std::filesystem::path directory = run(e, "run");
  const std::vector<LoggedRollout> kept = read_rollouts(directory, e.setup);
  const std::vector<LoggedRollout> recorded = read_rollouts(log, e.setup);
  ASSERT_EQ(kept.size(), 15U);
  bool disagree = false;
  for (std::size_t i = 0; i < 15; ++i) {
    EXPECT_EQ(kept[i].segment_begin, recorded[i].segment_begin) << i;
    EXPECT_EQ(kept[i].segment_time, recorded[i].segment_time) << i;
    EXPECT_EQ(kept[i].states, recorded[i].states) << i;
    disagree = disagree || kept[i].segment_begin.size() != kept[i].segment_time.size();
  }
  EXPECT_TRUE(disagree) << "or nothing was tried";
  const RunStore store = RunStore::open_readonly(directory);
  const ReportData report = run_report(e, store, curve_of(store), std::nullopt);
  ASSERT_EQ(report.driven.size(), 2U);
  EXPECT_EQ(report.driven[0].x.size(), recorded[0].states.size() / 4);
  EXPECT_NE(report.verdict_line.find("Off-policy"), std::string::npos);
}

// Breaks when a log of something else is read as this robot's.
TEST_F(LoggedRollouts, RefuseOtherRobotsLogs) {
  const Experiment car = experiment_of("car", {"optimiser.iterations=1"});
  const Experiment scalar = experiment_of("scalar", {"optimiser.iterations=1"});
  const std::filesystem::path scalar_run = run(scalar, "scalar");
  EXPECT_NE(message(car, scalar_run).find("the log has 1 states"), std::string::npos);
  EXPECT_NE(message(scalar, directory_ / "x.bson").find("no recordings"), std::string::npos);
  EXPECT_NE(message(car, directory_).find("run"), std::string::npos);
  const Experiment none = experiment_of("car", {"optimiser.iterations=1", "store.rollouts=none"});
  EXPECT_NE(message(none, run(none, "none")).find("keeps no rollouts"), std::string::npos);
}

// Breaks when a rollout that lacks an array, or whose arrays do not fit, is read beyond its end.
TEST_F(LoggedRollouts, RefuseTornArrays) {
  const Experiment e = experiment_of(
      "car", {"optimiser.iterations=1", "rollout.segments=50", "gradient.window_segments=5"});
  const LoggedRollout one = read_rollouts(run(e, "run"), e.setup).at(0);
  const std::map<std::string, Array> whole = arrays_of(one);
  for (const auto& [name, array] : whole) {
    StoredRollout torn;
    torn.arrays = whole;
    torn.arrays.erase(name);
    EXPECT_THROW(logged_rollout(torn, "run", 0), Error) << name << " is missing";
    torn.arrays[name] = Array::zeros(DType::float32, array.shape);
    EXPECT_THROW(logged_rollout(torn, "run", 0), Error) << name << " in fp32";
    if (name == "segment_begins") {  // of recordings they may be more or fewer, but none
      torn.arrays[name] = Array::zeros(DType::float64, {0});
      EXPECT_THROW(logged_rollout(torn, "run", 0), Error) << name << " is empty";
      continue;
    }
    std::vector<std::int64_t> longer = array.shape;
    ++longer[0];
    torn.arrays[name] = Array::zeros(DType::float64, longer);
    EXPECT_THROW(logged_rollout(torn, "run", 0), Error) << name << " is longer";
  }
  StoredRollout far;
  far.arrays = whole;
  std::vector<double> begins(50, 1e9);
  far.arrays["segment_begins"] = Array::of(begins.data(), {50});
  EXPECT_THROW(logged_rollout(far, "run", 0), Error);
}

// Breaks when a grid is measured by segments that no order holds: their lengths overflow.
TEST(LoggedRolloutGrid, RefusesSegmentsWithoutOrder) {
  LoggedRollout r;
  r.sample_time = {0, 0.02, 0.04, 0.06, 0.08};
  r.segment_time = {0, 0.02, 0.04};
  r.segment_begin = {0, 2, 4};
  EXPECT_EQ(grid_size({r}, 1).steps_per_segment, 2);
  r.segment_begin = {0, 2147483646, -2147483647};
  EXPECT_THROW(grid_size({r}, 1), Error);
}

}  // namespace
}  // namespace phigrad
