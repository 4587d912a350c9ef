#include "host/study/trained_cells.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/experiment/evaluation.hpp"
#include "host/experiment/learner.hpp"
#include "host/experiment/simulated_source.hpp"
#include "host/statistics/spread.hpp"
#include "host/study/cell_result.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

constexpr double infinite = std::numeric_limits<double>::infinity();

std::vector<double> part_of(const std::vector<double>& values, std::size_t first,
                            std::size_t count) {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

/// The columns of one cell's policies.
std::vector<std::vector<double>> part_of(const std::vector<std::vector<double>>& curve,
                                         std::size_t first, std::size_t count) {
  std::vector<std::vector<double>> part;
  part.reserve(curve.size());
  for (const std::vector<double>& iteration : curve)
    part.push_back(part_of(iteration, first, count));
  return part;
}

std::vector<const Experiment*> pointers_to(const std::vector<Experiment>& experiments) {
  std::vector<const Experiment*> pointers;
  pointers.reserve(experiments.size());
  for (const Experiment& e : experiments) pointers.push_back(&e);
  return pointers;
}

/// The step sizes that a cell was tried with, and what they led to.
struct Tuning {
  std::vector<double> steps, costs;  // mean cost of the last iteration; infinite: not finite
  std::size_t best = 0;
};

/// Of every cell; none where it was stopped. One step size needs no trial.
std::optional<std::vector<Tuning>> tune(const StudyPlan& plan, const std::vector<int>& cells,
                                        const CohortOptions& options) {
  const TrainingStudySettings& study = *plan.settings.training;
  std::vector<Tuning> tunings(cells.size());
  std::vector<Experiment> tried;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const Experiment& cell = plan.cells[static_cast<std::size_t>(cells[c])].experiment;
    for (const double factor : study.step_factors) {
      tried.push_back(cell);
      tried.back().common.optimiser.step *= factor;
      tried.back().common.seed += static_cast<std::uint64_t>(study.seeds);
      tunings[c].steps.push_back(tried.back().common.optimiser.step);
    }
  }
  if (study.step_factors.size() == 1) return tunings;
  std::vector<double> theta;
  const auto curves = train_cohort({pointers_to(tried), study.tuning_seeds}, options, theta);
  if (!curves) return std::nullopt;
  const auto seeds = static_cast<std::size_t>(study.tuning_seeds);
  for (std::size_t c = 0; c < cells.size(); ++c) {
    Tuning& t = tunings[c];
    for (std::size_t k = 0; k < t.steps.size(); ++k) {
      double sum = 0;
      const std::size_t first = (c * t.steps.size() + k) * seeds;
      for (const double v : part_of(curves->cost.back(), first, seeds)) sum += v;
      t.costs.push_back(std::isfinite(sum) ? sum / static_cast<double>(seeds) : infinite);
    }
    t.best = static_cast<std::size_t>(std::min_element(t.costs.begin(), t.costs.end()) -
                                      t.costs.begin());
  }
  return tunings;
}

/// What rollouts of policies [P, np] cost, and their path errors, as the iteration after the last
/// would draw them.
struct Scored {
  std::vector<double> cost, path_error;  // [P]
};
Scored scored(const Experiment& e, int seeds, const std::vector<double>& theta,
              const std::string& backend) {
  const Cohort cohort{{&e}, seeds};
  SimulatedSource source(cohort);
  Learner learner(cohort, source, backend);
  learner.set_theta(theta);
  learner.collect(e.common.optimiser.iterations);
  learner.score();
  return {learner.cost(), learner.path_error()};
}

/// One cell after its training.
class TrainedCell {
 public:
  TrainedCell(const StudyPlan& plan, const Cell& cell, const Experiment& trained,
              const std::string& backend)
      : plan_(plan), cell_(cell), trained_(trained), backend_(backend) {}

  ordered_json row(const TrainingCurves& curves, const std::vector<double>& initial,
                   const std::vector<double>& theta, const Tuning& tuning) {
    const TrainingStudySettings& study = *plan_.settings.training;
    result_.trajectories = study.seeds;
    result_.used = std::count_if(curves.cost.back().begin(), curves.cost.back().end(),
                                 [](double v) { return std::isfinite(v); });
    const bool has_path = static_cast<bool>(trained_.setup.path_error);
    add("cost_first", curves.cost.front());
    add("cost_last", curves.cost.back());
    if (has_path) {
      add("path_error_first", curves.path_error.front());
      add("path_error_last", curves.path_error.back());
    }
    const Evaluation before = evaluate(trained_, initial, study.seeds, "cpu", "double");
    const Evaluation after = evaluate(trained_, theta, study.seeds, "cpu", "double");
    add("evaluation_cost_before", before.cost);
    add("evaluation_cost_after", after.cost);
    if (has_path) {
      add("evaluation_path_error_before", before.path_error);
      add("evaluation_path_error_after", after.path_error);
    }
    for (const std::string& alternative : study.rescore) {
      const Experiment e = rescored_experiment(cell_, alternative);
      const Scored first = scored(e, study.seeds, initial, backend_);
      const Scored last = scored(e, study.seeds, theta, backend_);
      add("cost_before, " + alternative, first.cost);
      add("cost_after, " + alternative, last.cost);
      if (!has_path) continue;
      add("path_error_before, " + alternative, first.path_error);
      add("path_error_after, " + alternative, last.path_error);
    }
    result_.quantities.push_back(
        {"step", {trained_.common.optimiser.step, std::nan(""), std::nan("")}});
    add_remarks(curves, tuning);
    ordered_json row = row_of(cell_, result_);
    ordered_json& training = row["training"];
    training["iterations"] = curves.cost.size();
    training["rollouts_per_update"] = trained_.common.rollout.per_update;
    training["steps"] = {
        {"tried", tuning.steps}, {"cost", tuning.costs}, {"taken", trained_.common.optimiser.step}};
    training["cost"] = curves.cost;
    if (has_path) training["path_error"] = curves.path_error;
    training["gradient_norm"] = curves.gradient_norm;
    training["states_before"] = before.first.states;
    training["states_after"] = after.first.states;
    return row;
  }

 private:
  void add(const std::string& name, const std::vector<double>& values) {
    result_.quantities.push_back({name, mean_estimate(values, plan_.settings.confidence)});
  }

  void add_remarks(const TrainingCurves& curves, const Tuning& t) {
    std::size_t left_out = 0, updates = 0;
    for (const std::vector<double>& iteration : curves.gradient_norm) {
      updates += iteration.size();
      left_out += static_cast<std::size_t>(std::count_if(
          iteration.begin(), iteration.end(), [](double v) { return !std::isfinite(v); }));
    }
    if (left_out > 0) {
      result_.remarks.push_back(std::to_string(left_out) + " of " + std::to_string(updates) +
                                " updates were left out: their gradient left the numbers");
    }
    if (result_.used < result_.trajectories) {
      result_.remarks.push_back(std::to_string(result_.trajectories - result_.used) +
                                " policies ended with a cost that is not finite");
    }
    if (t.costs.empty()) return;
    if (t.costs[t.best] == infinite) {
      result_.remarks.emplace_back("no step size kept the costs of all tuning seeds finite");
    } else if (t.best == 0 || t.best + 1 == t.steps.size()) {
      const char* which = t.best == 0 ? "first" : "last";
      result_.remarks.push_back(std::string("the best step size is the ") + which +
                                " of those tried");
    }
  }

  const StudyPlan& plan_;
  const Cell& cell_;
  const Experiment& trained_;
  const std::string& backend_;
  CellResult result_;
};

}  // namespace

std::optional<TrainingCurves> train_cohort(const Cohort& cohort, const CohortOptions& options,
                                           std::vector<double>& theta) {
  SimulatedSource source(cohort);
  Learner learner(cohort, source, options.backend);
  learner.set_theta(initial_policies(cohort, learner.parameters()));
  TrainingCurves curves;
  for (int i = 0; i < cohort.first().common.optimiser.iterations; ++i) {
    if (options.stop != nullptr && options.stop->load()) return std::nullopt;
    learner.collect(i);
    learner.score();
    learner.differentiate();
    learner.update();
    curves.cost.push_back(learner.cost());
    curves.path_error.push_back(learner.path_error());
    curves.gradient_norm.push_back(learner.gradient_norm());
    if (options.on_iteration) {
      options.on_iteration(learner.engine().shape().trajectories(), learner.engine().description());
    }
  }
  theta = learner.theta();
  return curves;
}

std::optional<std::vector<ordered_json>> train_cells(const StudyPlan& plan,
                                                     const std::vector<int>& cells,
                                                     const CohortOptions& options) {
  const std::optional<std::vector<Tuning>> tunings = tune(plan, cells, options);
  if (!tunings) return std::nullopt;
  std::vector<Experiment> experiments;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    experiments.push_back(plan.cells[static_cast<std::size_t>(cells[c])].experiment);
    experiments.back().common.optimiser.step = (*tunings)[c].steps[(*tunings)[c].best];
  }
  const Cohort cohort{pointers_to(experiments), plan.settings.training->seeds};
  std::vector<double> theta;
  const std::optional<TrainingCurves> curves = train_cohort(cohort, options, theta);
  if (!curves) return std::nullopt;
  const auto seeds = static_cast<std::size_t>(cohort.seeds);
  const std::size_t np = theta.size() / static_cast<std::size_t>(cohort.policies());
  const std::vector<double> initial = initial_policies(cohort, static_cast<int>(np));
  std::vector<ordered_json> rows;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const std::size_t first = c * seeds;
    const TrainingCurves own{part_of(curves->cost, first, seeds),
                             part_of(curves->path_error, first, seeds),
                             part_of(curves->gradient_norm, first, seeds)};
    TrainedCell cell(plan, plan.cells[static_cast<std::size_t>(cells[c])], experiments[c],
                     options.backend);
    rows.push_back(cell.row(own, part_of(initial, first * np, seeds * np),
                            part_of(theta, first * np, seeds * np), (*tunings)[c]));
  }
  return rows;
}

std::int64_t trajectories_of(const StudyPlan& plan, const std::vector<int>& cells) {
  const TrainingStudySettings& study = *plan.settings.training;
  const std::size_t tried = study.step_factors.size();
  const std::int64_t policies =
      study.seeds + (tried > 1 ? static_cast<std::int64_t>(tried) * study.tuning_seeds : 0);
  std::int64_t all = 0;
  for (const int c : cells) {
    const CommonSettings& common = plan.cells[static_cast<std::size_t>(c)].experiment.common;
    all += policies * common.optimiser.iterations * common.rollout.per_update;
  }
  return all;
}

}  // namespace phigrad
