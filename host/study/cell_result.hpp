// What a study says of one cell: numbers with their intervals, growth curves, and remarks.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/statistics/jackknife.hpp"
#include "host/study/smoothness.hpp"
#include "host/study/study_sums.hpp"
#include "host/study/sweep.hpp"

namespace phigrad {

struct Quantity {
  std::string name;
  Estimate estimate;
};

/// Growth of one loop at one lag: mean, largest and quantiles of ‖Φ‖₂ over all trajectories and
/// times. Natural logarithms.
struct GrowthPoint {
  int lag;
  double log_mean, log_max, log_q05, log_q50, log_q95;
};

struct CellResult {
  std::int64_t trajectories = 0, used = 0;
  std::vector<Quantity> quantities;
  std::vector<GrowthPoint> growth[2];  // of the model's loop, of the plant's
  std::vector<std::string> remarks;

  const Estimate* find(const std::string& name) const;
};

/// The result of the cell that is number `position` in its launch.
CellResult cell_result(const Cell& cell, const StudySettings& study, const StudySums& sums,
                       int position);

/// Adds what was measured of the cell's smoothness.
void add_smoothness(const Smoothness& smoothness, CellResult& result);

/// As a study's row: cell, keys, counts, quantities as {value, low, high}, remarks; and the way
/// back.
nlohmann::ordered_json row_of(const Cell& cell, const CellResult& result);
CellResult result_of(const nlohmann::ordered_json& row);

/// A number of a row; NaN where it was not finite, which JSON has as null.
double number_of(const nlohmann::ordered_json& value);

}  // namespace phigrad
