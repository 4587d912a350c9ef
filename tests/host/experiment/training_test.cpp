// Training as a whole: the recorded network's rollout, the paper's curve, resume.
#include "host/experiment/training.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "host/config/json_document.hpp"
#include "host/config/overrides.hpp"
#include "host/experiment/evaluation.hpp"
#include "host/experiment/run_report.hpp"
#include "host/records/recordings.hpp"
#include "host/support/error.hpp"
#include "tests/support/recorded_file.hpp"
#include "tests/support/shipped_config.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

Experiment car(const std::vector<std::string>& set = {}) { return experiment_of("car", set); }

/// A fresh directory, removed at the end.
class Training : public testing::Test {
 protected:
  RunStore fresh(const Experiment& e, const char* name) const {
    return RunStore::create(directory_ / name, e.resolved.dump());
  }

  const TemporaryDirectory own_;
  const std::filesystem::path directory_ = own_.path();
};

// Breaks with the plant, the spline's timing, the network, the phase or the cost (NU12).
TEST_F(Training, RecordedNetworkDrivesTheRecordedLaps) {
  REQUIRE_RECORDINGS();
  const Experiment e = car();
  std::vector<double> learned;
  for (const DenseNetwork::Layer& l :
       read_network(recorded_file("car_sim_0p5_policy.bson")).layers) {
    for (std::size_t r = 0; r < l.weights.rows; ++r) {
      for (std::size_t c = 0; c < l.weights.cols; ++c) learned.push_back(l.weights(r, c));
    }
    learned.insert(learned.end(), l.bias.begin(), l.bias.end());
  }
  const std::vector<double> nominal(learned.size(), 0.0);
  for (const auto& [theta, file] : {std::pair{learned, "car_sim_0p5_eval_learned.bson"},
                                    std::pair{nominal, "car_sim_0p5_eval_initial.bson"}}) {
    const RecordedLog log = read_log(recorded_file(file));
    const Evaluation result = evaluate(e, theta, 1, "cpu", "double");
    EXPECT_NEAR(result.cost[0], log.recorded_losses[0], 1e-6) << file;
    const RecordedRollout& r = log.rollouts[0];
    ASSERT_EQ(result.steps, static_cast<int>(r.samples()));
    double worst = 0;
    for (std::size_t t = 0; t < r.samples(); ++t) {
      for (std::size_t i = 0; i < 4; ++i) {
        worst = std::max(worst, std::abs(result.first.states[4 * t + i] - r.xs(i, t)));
      }
    }
    EXPECT_LE(worst, 1e-7) << file;
  }
}

// Breaks when learning is not the authors': the paper's losses over 64 seeds at γ = 0.5, within 3
// standard errors of both means (the table's spread is taken to be ours).
TEST_F(Training, CarCurveIsThePapers) {
  const Experiment e = car();
  RunStore store = fresh(e, "curve");
  TrainingOptions options;
  options.seeds = 64;
  train(e, options, store);
  const RunCurve curve = curve_of(store);
  ASSERT_EQ(curve.cost.size(), 15U);
  for (const auto& [iteration, expected] :
       {std::pair<std::size_t, double>{0, 136.8}, {5, 53.7}, {9, 29.9}, {14, 17.2}}) {
    const Spread& s = curve.cost[iteration];
    EXPECT_NEAR(s.mean, expected, 3 * std::sqrt(2.0) * s.sd / std::sqrt(64.0) + 0.05) << iteration;
  }
}

// Breaks when ten corrections are no longer a quick first experiment.
TEST_F(Training, CorrectionsOfTheCarAreLearned) {
  const Experiment e = experiment_of("car_corrections");
  RunStore store = fresh(e, "corrections");
  TrainingOptions options;
  options.seeds = 4;
  train(e, options, store);
  const RunCurve curve = curve_of(store);
  ASSERT_EQ(curve.cost.size(), 60U);
  EXPECT_GT(curve.cost.front().mean, 130);
  EXPECT_LT(curve.cost.back().mean, 6);
}

// Breaks when anything that a run goes on from is not stored, or rounded on the way (Adam has
// state).
TEST_F(Training, ResumeIsBitExact) {
  const Experiment whole =
      car({"optimiser.type=adam", "optimiser.step=0.003", "optimiser.iterations=6"});
  const Experiment half =
      car({"optimiser.type=adam", "optimiser.step=0.003", "optimiser.iterations=3"});
  TrainingOptions options;
  options.seeds = 3;
  RunStore uninterrupted = fresh(whole, "whole");
  train(whole, options, uninterrupted);
  {
    RunStore first = fresh(whole, "halves");
    train(half, options, first);
  }
  RunStore second = RunStore::resume(directory_ / "halves");
  options.seeds = 99;  // a resumed run keeps its own
  train(whole, options, second);
  EXPECT_TRUE(second.latest()->policies == uninterrupted.latest()->policies);
  EXPECT_TRUE(second.latest()->optimiser == uninterrupted.latest()->optimiser);
}

// Breaks when a policy's draws depend on the others in the batch.
TEST_F(Training, ASeedRunsAlikeAlone) {
  const Experiment first = car({"optimiser.iterations=2"});
  const Experiment third = car({"optimiser.iterations=2", "seed=3"});
  TrainingOptions options;
  options.seeds = 3;
  RunStore together = fresh(first, "together");
  train(first, options, together);
  options.seeds = 1;
  RunStore alone = fresh(third, "alone");
  train(third, options, alone);
  const std::vector<double> all = together.latest()->policies.values<double>();
  const std::vector<double> one = alone.latest()->policies.values<double>();
  ASSERT_EQ(all.size(), 3 * one.size());
  EXPECT_EQ(std::vector<double>(all.end() - static_cast<std::ptrdiff_t>(one.size()), all.end()),
            one);
}

// Breaks when a run that robots drove goes on with the simulated plant.
TEST_F(Training, LiveRunsAreNotSimulated) {
  const Experiment e = car({"rollout.live=true"});
  RunStore store = fresh(e, "live");
  try {
    train(e, {}, store);
    ADD_FAILURE() << "it was trained";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    EXPECT_NE(std::string(error.what()).find("phigrad learn --resume"), std::string::npos);
  }
  EXPECT_EQ(store.next_iteration(), 0);
  EXPECT_FALSE(before_after(e, store));
}

// Breaks when an interrupted run is not at a clean iteration.
TEST_F(Training, StopsAtAnIteration) {
  const Experiment e = car();
  std::atomic<bool> stop{false};
  TrainingOptions options;
  options.stop = &stop;
  options.on_iteration = [&](const IterationReport& r) { stop = r.iteration == 4; };
  RunStore store = fresh(e, "stopped");
  const TrainingResult result = train(e, options, store);
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.finished, 5);
  EXPECT_EQ(store.next_iteration(), 5);
}

}  // namespace
}  // namespace phigrad
