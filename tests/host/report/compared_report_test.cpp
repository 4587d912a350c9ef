// Two runs on one page.
#include "host/report/compared_report.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace phigrad {
namespace {

NamedReport run(const std::string& name, std::vector<double> cost, const std::string& config) {
  NamedReport r{name, {}};
  Series s;
  s.name = "training cost";
  s.mean = std::move(cost);
  r.data.cost = {s};
  r.data.changes = {{"training cost", "", 1, 0, 2, 0, 1}};
  r.data.driven = {{"before training", {0}, {0}}, {"after training", {1}, {1}}};
  r.data.facts = {{"robot", "car"}};
  r.data.config_json = config;
  return r;
}

// Breaks when a curve is cut to the other's length or drawn on, a path is the one before training,
// or a key that differs is not said.
TEST(ComparedReport, HoldsBothRuns) {
  const ReportData data =
      compared_report(run("a", {3, 2, 1}, R"({"optimiser": {"step": 1}, "seed": 1})"),
                      run("b", {5}, R"({"optimiser": {"step": 2, "clip_norm": 4}, "seed": 1})"));
  ASSERT_EQ(data.cost.size(), 2U);
  EXPECT_EQ(data.cost[0].name, "a");
  EXPECT_EQ(data.cost[0].mean, (std::vector<double>{3, 2, 1}));
  EXPECT_EQ(data.cost[1].mean[0], 5);
  ASSERT_EQ(data.cost[1].mean.size(), 3U);
  EXPECT_TRUE(std::isnan(data.cost[1].mean[1]));
  ASSERT_EQ(data.driven.size(), 2U);
  EXPECT_EQ(data.driven[1].name, "b, after training");
  EXPECT_EQ(data.changes[1].quantity, "b, training cost");
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"a, robot", "car"},
      {"b, robot", "car"},
      {"optimiser.clip_norm", "– | 4"},
      {"optimiser.step", "1 | 2"}};
  EXPECT_EQ(data.facts, expected);
  EXPECT_NE(report_html(data).find("b, after training"), std::string::npos);
}

}  // namespace
}  // namespace phigrad
