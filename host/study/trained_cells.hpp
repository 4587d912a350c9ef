// Trains cells of a study that share a batch, every cell with a step size of its own.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/experiment/cohort.hpp"
#include "host/study/sweep.hpp"
#include "host/study/trained_row.hpp"

namespace phigrad {

struct CohortOptions {
  std::string backend = "auto";
  bool watch_loops = false;
  const std::atomic<bool>* stop = nullptr;  // set: end after the iteration in progress
  /// Told how many trajectories an iteration simulated, and on what.
  std::function<void(std::int64_t trajectories, const std::string& backend)> on_iteration;
};

/// Trains a cohort from its initial policies; `theta` [P, np] are the policies after it. None where
/// it was stopped.
std::optional<TrainingCurves> train_cohort(const Cohort& cohort, const CohortOptions& options,
                                           std::vector<double>& theta);

/// Rows of the cells, or none where it was stopped. A row holds the quantities of any study's, with
/// intervals of Student's t over the seeds, and in "training" the curves of every seed.
std::optional<std::vector<nlohmann::ordered_json>> train_cells(const StudyPlan& plan,
                                                               const std::vector<int>& cells,
                                                               const CohortOptions& options);

/// Trajectories that training so many cells simulates.
std::int64_t trajectories_of(const StudyPlan& plan, const std::vector<int>& cells);

}  // namespace phigrad
