// A study whose cells are trained: `study.training` in its config.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/statistics/spread.hpp"
#include "host/study/study.hpp"

namespace phigrad {

/// Cells whose policies are trained in one batch, as they differ in numbers only; in the order of
/// their first cells.
std::vector<std::vector<int>> training_batches(const StudyPlan& plan, const std::string& backend);

/// Trains what is not in the store yet, a batch of cells at a time. True when the study is whole,
/// false when it was stopped: the batch in progress is then begun again.
bool run_training_study(const StudyPlan& plan, const StudyOptions& options, StudyStore& store);

/// Training cost of a cell at one iteration, and the reference's.
struct ShownCost {
  int iteration;
  Spread cost;
  std::optional<Spread> reference;

  /// The difference in standard errors of both, or in ours where the reference's are not known; NaN
  /// without a reference.
  double difference() const;
};

/// At the iterations of study.training.show_iterations.
std::vector<ShownCost> shown_costs(const StudyPlan& plan, const nlohmann::ordered_json& row);

/// A curve of a row's training, [iterations][seeds]; empty where the row has none.
std::vector<std::vector<double>> training_curve(const nlohmann::ordered_json& row,
                                                const char* quantity);

/// How many costs have a reference, and how many of those are within three standard errors of it.
struct Agreement {
  int compared = 0, within = 0;
};
Agreement agreement_of(const StudyPlan& plan, const std::vector<nlohmann::ordered_json>& rows);

}  // namespace phigrad
