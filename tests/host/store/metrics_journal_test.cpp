#include "host/store/metrics_journal.hpp"

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/host/store/run_fixture.hpp"

namespace phigrad {
namespace {

// Breaks if a number loses digits, or a value that JSON has no word for makes a line invalid.
TEST(MetricsJournal, LinesAreJsonWithEveryDigit) {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::string lines = metrics_lines(7, {{1, inf, nan, -0.0, 1e-300}, {0, 0.1, 2, 3, 4}});
  std::istringstream stream(lines);
  std::string line;
  ASSERT_TRUE(std::getline(stream, line));
  const auto first = nlohmann::json::parse(line);
  EXPECT_EQ(first["iteration"], 7);
  EXPECT_EQ(first["policy"], 0) << "lines are ordered by policy, as run.db gives them back";
  EXPECT_EQ(first["cost"].get<double>(), 0.1);
  EXPECT_EQ(first["path_error"].get<double>(), 2);
  EXPECT_EQ(first["gradient_norm"].get<double>(), 3);
  EXPECT_EQ(first["step"].get<double>(), 4);
  ASSERT_TRUE(std::getline(stream, line));
  const auto second = nlohmann::json::parse(line);
  EXPECT_TRUE(second["cost"].is_null());
  EXPECT_TRUE(second["path_error"].is_null());
  EXPECT_EQ(second["gradient_norm"].dump(), "0.0");
  EXPECT_EQ(second["step"].get<double>(), 1e-300);
  EXPECT_FALSE(std::getline(stream, line));
}

// Breaks if opening keeps anything of the old file, or appending starts anywhere but at its end.
TEST(MetricsJournal, OpeningRewritesAndAppendingContinues) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "metrics.jsonl";
  testing::write_text(file, "{\"iteration\":0,\"pol");
  const auto a = testing::make_iteration(0).metrics;
  const auto b = testing::make_iteration(1).metrics;
  const auto c = testing::make_iteration(2).metrics;
  MetricsJournal journal(file, {a, b});
  EXPECT_EQ(testing::read_text(file), metrics_lines(0, a) + metrics_lines(1, b));
  journal.append(2, c);
  EXPECT_EQ(testing::read_text(file),
            metrics_lines(0, a) + metrics_lines(1, b) + metrics_lines(2, c));
}

}  // namespace
}  // namespace phigrad
