// What a study keeps of a cell that was trained.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/study/sweep.hpp"
#include "host/study/watched_loops.hpp"

namespace phigrad {

/// What each iteration of training cost [iterations][P], before its update.
struct TrainingCurves {
  std::vector<std::vector<double>> cost, path_error, gradient_norm;
  /// [iterations][experiments], where they were asked for: under the first policy of each.
  std::vector<std::vector<WatchedLoop>> model_loop, plant_loop;
};

/// The step sizes that a cell was tried with, and what they led to.
struct Tuning {
  std::vector<double> steps, costs;  // mean cost of the last iteration; infinite: not finite
  std::size_t best = 0;
};

/// A cell after its training.
struct TrainedCell {
  const Experiment& trained;  // with the step size that was taken
  const TrainingCurves& curves;
  std::vector<double> initial, theta;  // [seeds, np] policies before and after
  const Tuning& tuning;
};

/// The row of any study's, with quantities in intervals of Student's t over the seeds, and in
/// "training" the curves of every seed.
nlohmann::ordered_json trained_row(const StudyPlan& plan, const Cell& cell,
                                   const TrainedCell& after, const std::string& backend);

}  // namespace phigrad
