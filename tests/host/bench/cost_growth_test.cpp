// `phigrad bench --growth`: where a curve is full, what is a cliff, and what was measured.
#include "host/bench/cost_growth.hpp"

#include <gtest/gtest.h>

#include "tests/support/file_text.hpp"

namespace phigrad {
namespace {

/// A curve over B of so many nanoseconds a step.
CostCurve curve_of(const std::vector<std::pair<int, double>>& points) {
  CostCurve curve;
  curve.name = "made";
  curve.what = "gradient";
  curve.states = 2;
  for (const auto& [batch, ns] : points) {
    CostPoint p;
    p.batch = batch;
    p.steps = 10;
    p.timing.seconds = {ns * 1e-9 * batch * 10, 2 * ns * 1e-9 * batch * 10};
    curve.points.push_back(p);
  }
  return curve;
}

// Breaks when a slow start is taken for a cliff, or a slow end for none.
TEST(CostGrowth, ACliffIsAboveTheBestWhereItIsFull) {
  const CostCurve level = curve_of({{1, 40}, {4, 14.5}, {16, 10}, {64, 14.9}});
  EXPECT_NEAR(level.best(), 10, 1e-9);
  EXPECT_EQ(level.saturated_from(), 1U);
  EXPECT_EQ(level.worst_saturated(), 3U);
  EXPECT_FALSE(level.has_cliff());
  EXPECT_EQ(verdict_of(level),
            "made over B: full from 4 on, there at most 1.49 times the best (at 64): no cliff");
  CostCurve cliff = curve_of({{1, 40}, {4, 14.5}, {16, 10}, {64, 15.2}, {256, 11}});
  cliff.ended = "its time was up";
  EXPECT_TRUE(cliff.has_cliff());
  EXPECT_EQ(verdict_of(cliff),
            "made over B: full from 4 on, there at most 1.52 times the best (at 64): A CLIFF; it "
            "ends early: its time was up");
  const auto j = to_json({level, cliff});
  EXPECT_EQ(j.at("rows").size(), 9U);
  EXPECT_EQ(j.at("rows").at(0).at("full"), false);
  EXPECT_EQ(j.at("curves").at(1).at("cliff"), true);
  EXPECT_EQ(j.at("curves").at(1).at("worst_at"), 64);
  EXPECT_NE(cost_growth_html({level, cliff}, {}).find("1 of 2 curves have a cliff"),
            std::string::npos);
}

// Breaks when something else is varied than is said, a step is cut off, or time does not end it.
TEST(CostGrowth, MeasuresWhatItSays) {
  const std::string file = std::string(PHIGRAD_SOURCE_DIR) + "/benchmarks/cases/pendulum.json";
  const BenchConfig config{testing::read_text(file), file, {}};
  CostSweep sweep;
  sweep.batches = {1, 16};
  sweep.horizons = {10, 25};
  sweep.policies = {1, 8, 64};
  sweep.batch = 16;
  sweep.steps = 20;
  int points = 0;
  const auto curves =
      measure_cost_growth({config}, {"cpu", 2, {}}, "", sweep, [&](const CostCurve&) { ++points; });
  ASSERT_EQ(curves.size(), 3U);
  EXPECT_EQ(points, 6);
  const auto rows = to_json(curves).at("rows");
  const auto column = [&](const char* key) {
    std::vector<int> all;
    for (const auto& row : rows) all.push_back(row.at(key).get<int>());
    return all;
  };
  EXPECT_EQ(column("policies"), (std::vector<int>{1, 8, 1, 1, 1, 1}));
  EXPECT_EQ(column("steps"), (std::vector<int>{20, 20, 10, 30, 20, 20}));
  EXPECT_EQ(column("batch"), (std::vector<int>{16, 16, 16, 16, 1, 16}));
  EXPECT_EQ(column("states"), std::vector<int>(6, 4));
  for (const auto& row : rows) {
    EXPECT_GT(row.at("ns_per_step").get<double>(), 0);
    EXPECT_GE(row.at("ratio_to_best").get<double>(), 1);
  }
  const std::string page = cost_growth_html(curves, {{"machine", "this one"}});
  for (const char* id : {"cost-batch", "cost-horizon", "cost-policies", "cost-states"}) {
    EXPECT_NE(page.find("<figure id=\"" + std::string(id)), std::string::npos) << id;
  }
  sweep.seconds = 1e-9;
  EXPECT_TRUE(measure_cost_growth({config}, {"cpu", 2, {}}, "", sweep, {}).empty());
}

}  // namespace
}  // namespace phigrad
