#include "host/study/training_study.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "host/experiment/learner.hpp"
#include "host/study/cell_result.hpp"
#include "host/study/launches.hpp"
#include "host/study/trained_cells.hpp"
#include "host/support/build_info.hpp"
#include "host/support/error.hpp"
#include "host/support/machine.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

/// Further than this from the reference, in standard errors, is another result.
constexpr double agreeing = 3;

std::vector<int> shown_iterations(const StudyPlan& plan, const ordered_json& row) {
  const int iterations = row.at("training").at("iterations").get<int>();
  std::vector<int> shown;
  for (const int i : plan.settings.training->show_iterations) {
    if (i < iterations) shown.push_back(i);
  }
  if (shown.empty()) shown = {0, iterations - 1};
  return shown;
}

std::optional<Spread> reference_of(const StudyPlan& plan, int cell, int iteration) {
  const std::optional<TrainingReference>& r = plan.settings.training->reference;
  const auto row = static_cast<std::size_t>(cell);
  if (!r || row >= r->mean.rows) return std::nullopt;
  const auto found = std::find(r->iterations.begin(), r->iterations.end(), iteration);
  if (found == r->iterations.end()) return std::nullopt;
  const auto column = static_cast<std::size_t>(found - r->iterations.begin());
  return Spread{r->mean(row, column), r->sd.rows > 0 ? r->sd(row, column) : std::nan(""), r->seeds};
}

}  // namespace

std::vector<std::vector<int>> training_batches(const StudyPlan& plan, const std::string& backend) {
  std::map<std::string, std::size_t> known;
  std::vector<std::vector<int>> batches;
  for (const Cell& cell : plan.cells) {
    const CommonSettings& common = cell.experiment.common;
    const std::string key = launch_key(cell, backend) + " " +
                            std::to_string(common.rollout.per_update) + " " +
                            std::to_string(common.optimiser.iterations) + " " +
                            std::to_string(static_cast<int>(common.gradient.estimator)) + " " +
                            std::to_string(common.gradient.radius) + " " +
                            std::to_string(static_cast<int>(common.tensor_cores)) + " " +
                            std::to_string(cell.experiment.setup.learned_model != nullptr);
    const auto [at, is_new] = known.emplace(key, batches.size());
    if (is_new) batches.emplace_back();
    batches[at->second].push_back(cell.index);
  }
  return batches;
}

bool run_training_study(const StudyPlan& plan, const StudyOptions& options, StudyStore& store) {
  for (const Cell& cell : plan.cells) require_trainable(cell.experiment, options.backend);
  const std::vector<std::vector<int>> batches = training_batches(plan, options.backend);
  StudyProgress progress{};
  std::vector<bool> finished;
  for (const std::vector<int>& cells : batches) {
    finished.push_back(store.row(cells.back()).has_value());
    progress.all += trajectories_of(plan, cells);
    if (finished.back()) progress.at_start += trajectories_of(plan, cells);
  }
  progress.done = progress.at_start;
  CohortOptions cohort;
  cohort.backend = options.backend;
  cohort.stop = options.stop;
  cohort.on_iteration = [&](std::int64_t trajectories, const std::string& backend) {
    progress.done += trajectories;
    progress.backend = backend;
    if (options.on_part) options.on_part(progress);
  };
  for (std::size_t b = 0; b < batches.size(); ++b) {
    if (finished[b]) continue;
    std::optional<std::vector<ordered_json>> rows = train_cells(plan, batches[b], cohort);
    if (!rows) return false;
    for (ordered_json& row : *rows) {
      row["commit"] = build_info().commit;
      row["machine"] = machine_name() + "; " + progress.backend;
    }
    store.finish(static_cast<int>(b), *rows);
  }
  return true;
}

double ShownCost::difference() const {
  if (!reference) return std::numeric_limits<double>::quiet_NaN();
  const double theirs = std::isfinite(reference->sd) ? reference->standard_error() : 0;
  return (cost.mean - reference->mean) / std::hypot(cost.standard_error(), theirs);
}

std::vector<std::vector<double>> training_curve(const ordered_json& row, const char* quantity) {
  std::vector<std::vector<double>> curve;
  if (!row.at("training").contains(quantity)) return curve;
  for (const ordered_json& iteration : row["training"][quantity]) {
    curve.emplace_back();
    for (const ordered_json& v : iteration) curve.back().push_back(number_of(v));
  }
  return curve;
}

std::vector<ShownCost> shown_costs(const StudyPlan& plan, const ordered_json& row) {
  const std::vector<std::vector<double>> cost = training_curve(row, "cost");
  std::vector<ShownCost> shown;
  for (const int i : shown_iterations(plan, row)) {
    shown.push_back({i, spread_of(cost[static_cast<std::size_t>(i)]),
                     reference_of(plan, row.at("cell").get<int>(), i)});
  }
  return shown;
}

Agreement agreement_of(const StudyPlan& plan, const std::vector<ordered_json>& rows) {
  Agreement a;
  for (const ordered_json& row : rows) {
    for (const ShownCost& s : shown_costs(plan, row)) {
      if (!s.reference) continue;
      ++a.compared;
      if (std::abs(s.difference()) <= agreeing) ++a.within;
    }
  }
  return a;
}

}  // namespace phigrad
