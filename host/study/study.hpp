// A study: every cell of a sweep simulated, differentiated and summed up, or trained; resumable.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "host/study/cell_result.hpp"
#include "host/study/ranks.hpp"
#include "host/study/study_store.hpp"

namespace phigrad {

/// How far a study is: trajectories of all its cells.
struct StudyProgress {
  std::int64_t done, all;
  std::int64_t at_start;  // that were done when the study was taken up again
  std::string backend;
};

struct StudyOptions {
  std::string backend = "auto";
  std::function<std::vector<double>(const std::string& path)> read_policy;
  std::function<void(const StudyProgress&)> on_part;
  const std::atomic<bool>* stop = nullptr;  // set: end after the part in progress
};

/// A straight line of one quantity against one swept key, the other keys held (one for each of
/// their combinations), in logarithms.
struct StudyFit {
  std::string quantity, key;
  nlohmann::ordered_json held;
  bool exponential;  // log of the quantity against the key itself; else against its logarithm
  Estimate slope;    // the power of the key; or the growth of the logarithm a unit of it
  double r_squared;
  bool better;  // than the other law, by R²
};

/// Simulates what is not in the store yet, shared among the ranks; the result does not depend on
/// how many there are. A study that trains its cells runs on one. `store` on rank 0 alone, null
/// elsewhere. True when the study is whole, false when it was stopped.
bool run_study(const StudyPlan& plan, const StudyOptions& options, Ranks& ranks, StudyStore* store);

/// All rows of a whole study, by cell.
std::vector<nlohmann::ordered_json> study_rows(const StudyPlan& plan, const StudyStore& store);

/// Of variance and bias against every numeric key with three values or more.
std::vector<StudyFit> study_fits(const StudyPlan& plan,
                                 const std::vector<nlohmann::ordered_json>& rows);

/// Tidy CSV, one observation a line: cell, keys…, quantity, value, low, high.
std::string study_csv(const StudyPlan& plan, const std::vector<nlohmann::ordered_json>& rows);
/// cell, keys…, loop, lag, log_mean, log_max, log_q05, log_q50, log_q95; empty without growth.
std::string growth_csv(const StudyPlan& plan, const std::vector<nlohmann::ordered_json>& rows);
/// cell, keys…, seed, iteration, cost, path_error, gradient_norm; empty without training.
std::string training_csv(const StudyPlan& plan, const std::vector<nlohmann::ordered_json>& rows);

}  // namespace phigrad
