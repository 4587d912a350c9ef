// A cell's result as a row of its study, and back.
#include <cmath>
#include <limits>

#include "host/study/cell_result.hpp"
#include "host/study/loop_growth.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

ordered_json number(double v) {
  if (!std::isfinite(v)) return nullptr;
  return v;
}

}  // namespace

ordered_json row_of(const Cell& cell, const CellResult& result) {
  ordered_json row;
  row["cell"] = cell.index;
  row["keys"] = cell.keys;
  row["seed"] = cell.experiment.common.seed;
  row["trajectories"] = result.trajectories;
  row["used"] = result.used;
  for (const Quantity& q : result.quantities) {
    row["quantities"][q.name] = {{"value", number(q.estimate.value)},
                                 {"low", number(q.estimate.low)},
                                 {"high", number(q.estimate.high)}};
  }
  for (int loop = 0; loop < 2; ++loop) {
    if (result.growth[loop].empty()) continue;
    ordered_json& curve = row["growth"][loop_names[loop]];
    for (const GrowthPoint& p : result.growth[loop]) {
      curve.push_back({p.lag, number(p.log_mean), number(p.log_max), number(p.log_q05),
                       number(p.log_q50), number(p.log_q95)});
    }
  }
  if (row.contains("growth")) row["growth_norm"] = growth_norm;
  row["remarks"] = result.remarks;
  return row;
}

CellResult result_of(const ordered_json& row) {
  CellResult result;
  result.trajectories = row.at("trajectories").get<std::int64_t>();
  result.used = row.at("used").get<std::int64_t>();
  for (const auto& [name, e] : row.at("quantities").items()) {
    result.quantities.push_back(
        {name, {number_of(e.at("value")), number_of(e.at("low")), number_of(e.at("high"))}});
  }
  for (int loop = 0; loop < 2; ++loop) {
    if (!row.contains("growth") || !row["growth"].contains(loop_names[loop])) continue;
    for (const ordered_json& p : row["growth"][loop_names[loop]]) {
      result.growth[loop].push_back({p.at(0).get<int>(), number_of(p.at(1)), number_of(p.at(2)),
                                     number_of(p.at(3)), number_of(p.at(4)), number_of(p.at(5))});
    }
  }
  result.remarks = row.at("remarks").get<std::vector<std::string>>();
  return result;
}

double number_of(const ordered_json& v) {
  return v.is_null() ? std::numeric_limits<double>::quiet_NaN() : v.get<double>();
}

}  // namespace phigrad
