#include "host/study/trained_cells.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/experiment/learner.hpp"
#include "host/experiment/simulated_source.hpp"
#include "host/study/trained_row.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

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
      t.costs.push_back(std::isfinite(sum) ? sum / static_cast<double>(seeds)
                                           : std::numeric_limits<double>::infinity());
    }
    t.best = static_cast<std::size_t>(std::min_element(t.costs.begin(), t.costs.end()) -
                                      t.costs.begin());
  }
  return tunings;
}

/// One cell's loops.
std::vector<std::vector<WatchedLoop>> part_of(const std::vector<std::vector<WatchedLoop>>& loops,
                                              std::size_t cell) {
  std::vector<std::vector<WatchedLoop>> part;
  part.reserve(loops.size());
  for (const std::vector<WatchedLoop>& iteration : loops) part.push_back({iteration[cell]});
  return part;
}

}  // namespace

std::optional<TrainingCurves> train_cohort(const Cohort& cohort, const CohortOptions& options,
                                           std::vector<double>& theta) {
  SimulatedSource source(cohort);
  // The loops are watched between iterations.
  Learner learner(cohort, source, options.backend, !options.watch_loops);
  learner.set_theta(initial_policies(cohort, learner.parameters()));
  TrainingCurves curves;
  const int end = cohort.first().common.optimiser.iterations;
  const auto keep = [&] {
    curves.cost.push_back(learner.cost());
    curves.path_error.push_back(learner.path_error());
    curves.gradient_norm.push_back(learner.gradient_norm());
    if (options.on_iteration) {
      options.on_iteration(learner.engine().shape().trajectories(), learner.engine().description());
    }
  };
  for (int i = 0; i < end;) {
    if (options.stop != nullptr && options.stop->load()) return std::nullopt;
    if (options.watch_loops) {
      const WatchedLoops loops = watch_loops(cohort, learner.theta(), i);
      curves.model_loop.push_back(loops.model);
      curves.plant_loop.push_back(loops.plant);
    }
    const int done = learner.advance(i, end, keep);
    if (done == 0) return std::nullopt;
    i += done;
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
  CohortOptions watching = options;
  watching.watch_loops = plan.settings.training->watch_loops;
  std::vector<double> theta;
  const std::optional<TrainingCurves> curves = train_cohort(cohort, watching, theta);
  if (!curves) return std::nullopt;
  const auto seeds = static_cast<std::size_t>(cohort.seeds);
  const std::size_t np = theta.size() / static_cast<std::size_t>(cohort.policies());
  const std::vector<double> initial = initial_policies(cohort, static_cast<int>(np));
  std::vector<ordered_json> rows;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const std::size_t first = c * seeds;
    const TrainingCurves own{part_of(curves->cost, first, seeds),
                             part_of(curves->path_error, first, seeds),
                             part_of(curves->gradient_norm, first, seeds),
                             part_of(curves->model_loop, c), part_of(curves->plant_loop, c)};
    rows.push_back(trained_row(plan, plan.cells[static_cast<std::size_t>(cells[c])],
                               {experiments[c], own, part_of(initial, first * np, seeds * np),
                                part_of(theta, first * np, seeds * np), (*tunings)[c]},
                               options.backend));
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
