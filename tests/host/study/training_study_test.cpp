// Studies that train their cells: what a cell learns, whichever batch it is in.
#include "host/study/training_study.hpp"

#include <atomic>
#include <cmath>

#include "host/experiment/training.hpp"
#include "host/study/trained_cells.hpp"
#include "tests/host/config/expect_error.hpp"
#include "tests/host/study/study_fixture.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

/// Learns the scalar system's setpoint, in few iterations; the cells differ in plant, model, step.
ordered_json scalar_training(const std::string& training, const std::string& sweep) {
  ordered_json document = scalar_study(sweep, R"({"training": )" + training + "}");
  document["rollout"]["per_update"] = 3;
  document["optimiser"]["iterations"] = 4;
  return document;
}

const char* const two_plants =
    R"([{"plant.a": [1.1, 1.3], "optimiser.step": [0.01, 0.002], "seed": [3, 40]}])";

/// Costs, or another number, [iterations][seeds] of `phigrad train` with a cell's own config.
std::vector<std::vector<double>> trained_alone(const Experiment& e, int seeds,
                                               double Metric::*number = &Metric::cost) {
  const TemporaryDirectory folder;
  RunStore store = RunStore::create(folder.path() / "run", e.resolved.dump());
  TrainingOptions options;
  options.backend = "cpu";
  options.seeds = seeds;
  train(e, options, store);
  std::vector<std::vector<double>> costs;
  for (const std::vector<Metric>& iteration : store.metrics()) {
    costs.emplace_back();
    for (const Metric& m : iteration) costs.back().push_back(m.*number);
  }
  return costs;
}

// Breaks when a cell of a batch has another's plant, model, step, seeds or noise, or its numbers
// depend on its neighbours by a bit.
TEST(TrainingStudy, ACellLearnsAsItWouldAlone) {
  const ordered_json document = scalar_training(R"({"seeds": 3})", two_plants);
  const StudyPlan plan = read_study(document, "test.json");
  ASSERT_EQ(training_batches(plan, "cpu").size(), 1U) << "the cells must share a batch";
  const std::vector<ordered_json> rows = rows_of(document);
  std::vector<std::vector<std::vector<double>>> curves;
  for (const Cell& cell : plan.cells) {
    curves.push_back(training_curve(rows[static_cast<std::size_t>(cell.index)], "cost"));
    EXPECT_EQ(curves.back(), trained_alone(cell.experiment, 3)) << cell_name(cell);
    const auto norms = training_curve(rows[static_cast<std::size_t>(cell.index)], "gradient_norm");
    EXPECT_EQ(norms, trained_alone(cell.experiment, 3, &Metric::gradient_norm));
    EXPECT_GT(spread_of(norms.front()).mean, 0) << "or nothing is learned";
  }
  EXPECT_NE(curves[0], curves[1]);
}

// Breaks when cells of other lengths, chains or numbers of rollouts land in one batch.
TEST(TrainingStudy, BatchesHoldWhatDiffersInNumbersOnly) {
  const StudyPlan plan =
      read_study(scalar_training(R"({"seeds": 2})",
                                 R"([{"plant.a": [1.1, 1.2]}, {"gradient.truncate_steps": [0, 3]},
                          {"rollout.per_update": [3, 4]}])"),
                 "test.json");
  EXPECT_EQ(training_batches(plan, "cpu"),
            (std::vector<std::vector<int>>{{0, 4}, {1, 5}, {2, 6}, {3, 7}}));
}

// Breaks when a step size is chosen by the seeds that the result is of, arms are tuned with unequal
// effort, or another step than the best is taken.
TEST(TrainingStudy, TakesTheStepThatDidBestOnOtherSeeds) {
  const ordered_json document = scalar_training(
      R"({"seeds": 2, "tuning_seeds": 3, "step_factors": [0.1, 1, 40]})", two_plants);
  const StudyPlan plan = read_study(document, "test.json");
  const std::vector<ordered_json> rows = rows_of(document);
  for (const Cell& cell : plan.cells) {
    const ordered_json& steps = rows[static_cast<std::size_t>(cell.index)]["training"]["steps"];
    ASSERT_EQ(steps["tried"].size(), 3U);
    std::size_t best = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      ordered_json alone = cell.experiment.resolved;
      alone["seed"] = cell.experiment.common.seed + 2;
      alone["optimiser"]["step"] = steps["tried"][k];
      const double cost =
          spread_of(trained_alone(read_experiment(alone, "alone.json"), 3).back()).mean;
      EXPECT_NEAR(number_of(steps["cost"][k]), cost, 1e-12 * cost);
      if (number_of(steps["cost"][k]) < number_of(steps["cost"][best])) best = k;
    }
    EXPECT_EQ(steps["taken"], steps["tried"][best]);
    EXPECT_EQ(training_curve(rows[static_cast<std::size_t>(cell.index)], "cost").front().size(),
              2U);
  }
}

// Breaks when a policy is scored anew with the old objective, or another policy is.
TEST(TrainingStudy, RescoresTheTrainedPolicies) {
  ordered_json document = scalar_training(R"({"seeds": 2, "rescore": ["rollout.segments=6"]})",
                                          R"([{"plant.a": [1.2]}])");
  std::string rescored = "cost_after, rollout.segments=6";
  const double shorter = value_of(rows_of(document)[0], rescored);
  rescored = "cost_after, rollout.segments=12 optimiser.beta1=0.8";
  document["study"]["training"]["rescore"] = {"rollout.segments=12 optimiser.beta1=0.8"};
  document["optimiser"]["iterations"] = 5;
  const ordered_json row = rows_of(document)[0];
  EXPECT_GT(value_of(row, rescored), shorter);
  // The sixth iteration's rollouts are those that the fifth update's policies are scored by.
  document["optimiser"]["iterations"] = 6;
  const auto costs = training_curve(rows_of(document)[0], "cost");
  EXPECT_EQ(value_of(row, rescored), spread_of(costs[5]).mean);
}

// Breaks when a batch that was finished is trained again, or one that was not is left out.
TEST(TrainingStudy, GoesOnWhereItWasStopped) {
  const ordered_json document =
      scalar_training(R"({"seeds": 2})", R"([{"rollout.segments": [6, 8, 12]}])");
  const StudyPlan plan = read_study(document, "test.json");
  const TemporaryDirectory folder;
  { StudyStore::create(folder.path(), plan.document.dump()); }
  int runs = 0;
  for (bool done = false; !done; ++runs) {
    ASSERT_LT(runs, 10);
    StudyStore store = StudyStore::resume(folder.path());
    std::atomic<bool> stop{false};
    std::int64_t last = 0;
    StudyOptions options;
    options.backend = "cpu";
    options.stop = &stop;
    options.on_part = [&](const StudyProgress& p) {
      EXPECT_LE(p.done, p.all);
      last = p.done - p.at_start;
      stop = last >= 2 * 3 * 5;  // within the second batch of what is left
    };
    done = run_study(plan, options, *one_rank(), &store);
  }
  EXPECT_EQ(runs, 3);
  const std::vector<ordered_json> rows = study_rows(plan, StudyStore::resume(folder.path()));
  const std::vector<ordered_json> whole = rows_of(document);
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_EQ(rows[i]["training"], whole[i]["training"]);
}

// Breaks when a mean is compared with another cell's or iteration's reference, or the errors of
// only one side count.
TEST(TrainingStudy, ReferencesAreComparedInStandardErrors) {
  ordered_json document = scalar_training(R"({"seeds": 4, "show_iterations": [0, 2, 3],
      "reference": {"source": "by hand", "seeds": 9, "iterations": [2, 3],
                    "mean": [[5, 6], [7, 8]], "sd": [[3, 6], [9, 0]]}})",
                                          two_plants);
  const StudyPlan plan = read_study(document, "test.json");
  const std::vector<ordered_json> rows = rows_of(document);
  const std::vector<ShownCost> shown = shown_costs(plan, rows[1]);
  ASSERT_EQ(shown.size(), 3U);
  EXPECT_FALSE(shown[0].reference);
  EXPECT_TRUE(std::isnan(shown[0].difference()));
  const Spread ours = spread_of(training_curve(rows[1], "cost")[2]);
  EXPECT_DOUBLE_EQ(shown[1].difference(), (ours.mean - 7) / std::hypot(ours.sd / 2, 9.0 / 3));
  document["study"]["training"]["reference"]["mean"] = {{5, 6, 7}};
  expect_error([&] { read_study(document, "s.json"); }, Exit::input,
               "rows of 3 numbers for 2 iterations [s.json: study.training.reference.mean]; give "
               "each cell a number for each of reference.iterations");
}

// Breaks when a label sets something, replaces the keys of another axis, or is no text.
TEST(TrainingStudy, LabelsStandForTheirAxis) {
  const StudyPlan plan = read_study(
      scalar_training(R"({"seeds": 2})", R"([{"label.loop": ["near", "far"], "plant.a": [1.1, 1.3],
          "controller.gain": [0.5, 0.7]}, {"rollout.segments": [6, 8]}])"),
      "test.json");
  EXPECT_EQ(cell_name(plan.cells[3]), "loop=\"far\", rollout.segments=8");
  EXPECT_EQ(plan.cells[3].experiment.setup.plant[0], 1.3);
  EXPECT_EQ(plan.axes, (std::vector<std::size_t>{2, 2}));
  expect_error([] { read_study(scalar_study(R"([{"label.loop": [1]}])", "{}"), "s.json"); },
               Exit::input,
               "a label is a text [s.json: sweep.0.\"label.loop\"]; write [\"on\", \"off\"]");
}

// Breaks when a wrong alternative, or rollouts that cannot be paired, are found after hours of
// training.
TEST(TrainingStudy, RefusesBeforeItTrains) {
  expect_error(
      [] {
        read_study(scalar_training(R"({"seeds": 2, "rescore": ["plant.mass=2"]})",
                                   R"([{"plant.a": [1.1]}])"),
                   "s.json");
      },
      Exit::input,
      "unknown key [study.training.rescore \"plant.mass=2\", plant.a=1.1: plant.mass]; known keys: "
      "a, b");
  const StudyPlan plan =
      read_study(scalar_training(R"({"seeds": 2})",
                                 R"([{"gradient.estimator": ["model", "finite_differences"],
                           "rollout.per_update": [3, 4]}])"),
                 "s.json");
  const TemporaryDirectory folder;
  StudyStore store = StudyStore::create(folder.path(), plan.document.dump());
  StudyOptions options;
  options.backend = "cpu";
  options.on_part = [](const StudyProgress&) { ADD_FAILURE() << "it trained"; };
  expect_error([&] { run_study(plan, options, *one_rank(), &store); }, Exit::input,
               "4 rollouts, where central differences take two for each parameter [test: "
               "rollout.per_update]; write 2");
}

// Breaks when a study promises to measure and to train.
TEST(TrainingStudy, TrainsOrMeasures) {
  expect_error(
      [] {
        read_study(scalar_study("[]", R"({"training": {"seeds": 2}, "bias": true})"), "s.json");
      },
      Exit::input,
      "a study measures gradients or trains, not both [s.json: study.training]; leave study.bias, "
      "likelihood_ratio, growth, bounds and smoothness out, or study.training");
}

// Breaks when the page leaves out a curve, a path, the reference or what was tried; when a number
// is none; or the CSV misses a seed.
TEST(TrainingStudy, IsReportedWhole) {
  ordered_json document = read_json(config_path("car_mismatch"));
  document["optimiser"]["iterations"] = 3;
  document["study"]["training"]["seeds"] = 2;
  document["study"]["training"]["step_factors"] = {0.5, 1};
  document["study"]["training"]["tuning_seeds"] = 1;
  const FinishedStudy study(document);
  const std::string page = body_of(study.html());
  for (const char* part :
       {"<figure id=\"paths-0\"", "<figure id=\"paths-3\"", "<figure id=\"cost-0\"",
        "<figure id=\"path_error-0\"", "<figure id=\"gradient_norm-0\"", "model.scale 0.25",
        "difference in standard errors", "of 4 are within three standard errors",
        "2 step sizes each, tried with 1 other seeds", "Dashes join the authors"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
  for (const char* none : {"nan", "undefined", "inf<", "inf "}) {
    EXPECT_EQ(page.find(none), std::string::npos) << none;
  }
  const std::string csv = training_csv(study.plan, study.rows);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 4 * 3 * 2);
  EXPECT_EQ(csv.rfind("cell,model.scale,seed,iteration,cost,path_error,gradient_norm\n", 0), 0U);
}

}  // namespace
}  // namespace phigrad
