#include "host/study/trained_row.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "host/experiment/drift.hpp"
#include "host/experiment/evaluation.hpp"
#include "host/statistics/spread.hpp"
#include "host/study/cell_result.hpp"
#include "host/study/rescored.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

class RowOfCell {
 public:
  RowOfCell(const StudyPlan& plan, const Cell& cell, const TrainedCell& after,
            const std::string& backend)
      : plan_(plan), cell_(cell), after_(after), trained_(after.trained), backend_(backend) {}

  ordered_json row() {
    const TrainingStudySettings& study = *plan_.settings.training;
    const TrainingCurves& curves = after_.curves;
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
    const int end = trained_.common.optimiser.iterations - 1;
    const Evaluation before =
        evaluate(drifted(trained_, 0), after_.initial, study.seeds, "cpu", "double");
    const Evaluation after =
        evaluate(drifted(trained_, end), after_.theta, study.seeds, "cpu", "double");
    add("evaluation_cost_before", before.cost);
    add("evaluation_cost_after", after.cost);
    if (has_path) {
      add("evaluation_path_error_before", before.path_error);
      add("evaluation_path_error_after", after.path_error);
    }
    const std::vector<Rescored> elsewhere =
        rescored(cell_, study, after_.initial, after_.theta, backend_);
    for (const Rescored& r : elsewhere) {
      add("cost_before, " + r.with, r.cost_before);
      add("cost_after, " + r.with, r.cost_after);
      if (!has_path) continue;
      add("path_error_before, " + r.with, r.path_error_before);
      add("path_error_after, " + r.with, r.path_error_after);
    }
    result_.quantities.push_back(
        {"step", {trained_.common.optimiser.step, std::nan(""), std::nan("")}});
    add_loop("model", curves.model_loop);
    add_loop("plant", curves.plant_loop);
    add_remarks();
    ordered_json row = row_of(cell_, result_);
    ordered_json& training = row["training"];
    training["iterations"] = curves.cost.size();
    training["rollouts_per_update"] = trained_.common.rollout.per_update;
    training["steps"] = {{"tried", after_.tuning.steps},
                         {"cost", after_.tuning.costs},
                         {"taken", trained_.common.optimiser.step}};
    training["cost"] = curves.cost;
    if (has_path) training["path_error"] = curves.path_error;
    training["gradient_norm"] = curves.gradient_norm;
    put_loop(training, "model_loop", curves.model_loop);
    put_loop(training, "plant_loop", curves.plant_loop);
    training["states_before"] = before.first.states;
    training["states_after"] = after.first.states;
    for (const Rescored& r : elsewhere) {
      training["rescored"].push_back(
          {{"with", r.with}, {"states_before", r.states_before}, {"states_after", r.states_after}});
    }
    return row;
  }

 private:
  void add(const std::string& name, const std::vector<double>& values) {
    result_.quantities.push_back({name, mean_estimate(values, plan_.settings.confidence)});
  }

  /// From which iteration on the loop is unstable, and the diagnosis says so.
  void add_loop(const std::string& name, const std::vector<std::vector<WatchedLoop>>& loop) {
    const auto first = [&](const char* quantity, const char* what, auto holds) {
      const auto found = std::find_if(loop.begin(), loop.end(),
                                      [&](const auto& now) { return holds(now.front()); });
      if (found == loop.end()) return;
      const auto at = found - loop.begin();
      result_.quantities.push_back({name + "_loop_" + quantity + "_from",
                                    {static_cast<double>(at), std::nan(""), std::nan("")}});
      char numbers[96];
      std::snprintf(numbers, sizeof numbers, "it grows by %.4g a step, its spectral radius is %.4g",
                    found->front().alpha, found->front().radius);
      result_.remarks.push_back("from iteration " + std::to_string(at) + " the " + name +
                                "'s loop is " + what + ": " + numbers);
    };
    first("beyond_unit_circle", "beyond the unit circle",
          [](const WatchedLoop& now) { return now.radius > 1; });
    first("called_unstable", "called unstable",
          [](const WatchedLoop& now) { return now.unstable; });
  }

  static void put_loop(ordered_json& training, const char* name,
                       const std::vector<std::vector<WatchedLoop>>& loop) {
    for (const std::vector<WatchedLoop>& iteration : loop) {
      training[name].push_back(std::vector<double>{iteration.front().alpha});
      training[std::string(name) + "_radius"].push_back(
          std::vector<double>{iteration.front().radius});
    }
  }

  void add_remarks() {
    const Tuning& t = after_.tuning;
    std::size_t left_out = 0, updates = 0;
    for (const std::vector<double>& iteration : after_.curves.gradient_norm) {
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
    if (std::isinf(t.costs[t.best])) {
      result_.remarks.emplace_back("no step size kept the costs of all tuning seeds finite");
    } else if (t.best == 0 || t.best + 1 == t.steps.size()) {
      const char* which = t.best == 0 ? "first" : "last";
      result_.remarks.push_back(std::string("the best step size is the ") + which +
                                " of those tried");
    }
  }

  const StudyPlan& plan_;
  const Cell& cell_;
  const TrainedCell& after_;
  const Experiment& trained_;
  const std::string& backend_;
  CellResult result_;
};

}  // namespace

ordered_json trained_row(const StudyPlan& plan, const Cell& cell, const TrainedCell& after,
                         const std::string& backend) {
  return RowOfCell(plan, cell, after, backend).row();
}

}  // namespace phigrad
