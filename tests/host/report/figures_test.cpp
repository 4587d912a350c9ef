#include "host/report/figures.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/host/report/occurrences.hpp"
#include "tests/support/special_values.hpp"

namespace phigrad {
namespace {

CurvesFigure figure(const std::vector<Series>& series) {
  return {"cost", "Cost", "J", "one standard deviation", series, Colours().of(series)};
}

// Breaks if the same arm of a study has two colours, or two arms of a figure the same.
TEST(Figures, ANameHasOneColourThroughoutTheReport) {
  Colours colours;
  const std::vector<Series> four = {{"a", {}, {}, {}}, {"b", {}, {}, {}}, {"c", {}, {}, {}}};
  EXPECT_EQ(colours.of(four), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(colours.of({{"c", {}, {}, {}}, {"d", {}, {}, {}}, {"a", {}, {}, {}}}),
            (std::vector<int>{2, 3, 0}));
  EXPECT_EQ(colours.of({{"b", {}, {}, {}}}), std::vector<int>{1});
  EXPECT_EQ(colours.of({{"alone", {}, {}, {}}}), std::vector<int>{0});
}

// Breaks if a logarithmic axis is offered where none exists, or chosen where it helps nobody.
TEST(Figures, LogarithmicAxesNeedPositiveMeans) {
  const auto buttons = [](const std::vector<Series>& s) {
    return occurrences(figure(s).html(), "<button");
  };
  const auto chosen = [](const std::vector<Series>& s) {
    return figure(s).json()["logarithmic"].get<bool>();
  };
  const std::vector<Series> steep = {{"a", {100, nan, 1}, {}, {}}};
  const std::vector<Series> flat = {{"a", {2, 1}, {-1, -1}, {3, 3}}};
  const std::vector<Series> zero = {{"a", {100, 1}, {}, {}}, {"b", {100, 0}, {}, {}}};
  EXPECT_EQ(buttons(steep), 2);
  EXPECT_TRUE(chosen(steep));
  EXPECT_EQ(buttons(flat), 2);
  EXPECT_FALSE(chosen(flat));
  EXPECT_EQ(buttons(zero), 0);
  EXPECT_FALSE(chosen(zero));
}

// Breaks if the caption says something else than what is drawn.
TEST(Figures, CaptionsSayWhatIsShown) {
  const std::vector<Series> seeds = {{"a", {1, 2}, {0, 1}, {2, 3}, 64}};
  EXPECT_NE(figure(seeds).html().find("<figcaption>Cost at each iteration; the line is the mean "
                                      "over 64 seeds, the band one standard deviation."),
            std::string::npos);
  const std::vector<Series> mixed = {{"a", {1, 2}, {}, {}, 64}, {"b", {1, 2}, {}, {}, 10}};
  EXPECT_NE(figure(mixed).html().find("the mean over 10 to 64 seeds.<"), std::string::npos);
  const std::vector<Series> one = {{"a", {1, 2}, {}, {}, 1}};
  EXPECT_NE(figure(one).html().find("<figcaption>Cost at each iteration.<"), std::string::npos);
}

// Breaks if the table of a long run has thousands of rows, or misses the first or last iteration.
TEST(Figures, TablesHaveBothEndsAndAFewRows) {
  for (const std::size_t length : {1U, 2U, 25U, 26U, 27U, 400U, 10001U}) {
    std::vector<double> values(length);
    for (std::size_t i = 0; i < length; ++i) values[i] = 1000.0 + static_cast<double>(i);
    const std::string html = figure({{"a", values, {}, {}}}).html();
    EXPECT_NE(html.find("<tr><td>0</td><td>1000</td>"), std::string::npos) << length;
    EXPECT_NE(html.find("<tr><td>" + std::to_string(length - 1) + "</td>"), std::string::npos);
    const int rows = occurrences(html, "<tr><td>");
    EXPECT_LE(rows, 27) << length;
    EXPECT_GE(rows, std::min<int>(static_cast<int>(length), 13)) << length;
    EXPECT_EQ(html.find("a selection of iterations") != std::string::npos,
              rows < static_cast<int>(length));
  }
}

// Breaks if the numbers to draw are not those given.
TEST(Figures, JsonHoldsTheNumbers) {
  const std::vector<Series> series = {{"a", {1, nan}, {0.5, -1}, {2, 4}, 8}};
  const auto json = figure(series).json();
  EXPECT_EQ(json["id"], "cost");
  EXPECT_EQ(json["axis"], "Cost (J)");
  EXPECT_EQ(json["series"][0]["mean"].dump(), "[1.0,null]");
  EXPECT_EQ(json["series"][0]["low"].dump(), "[0.5,-1.0]");
  EXPECT_EQ(json["series"][0]["high"].dump(), "[2.0,4.0]");
  EXPECT_EQ(json["series"][0]["seeds"], 8);

  const Path task{"task", {0, 1}, {2, 3}};
  const std::vector<Path> driven = {{"before", {4}, {5}}, {"after", {6}, {nan}}};
  const auto paths = PathsFigure{task, driven}.json()["paths"];
  ASSERT_EQ(paths.size(), 3U);
  EXPECT_EQ(paths[0]["colour"], "task");
  EXPECT_EQ(paths[0]["y"].dump(), "[2.0,3.0]");
  EXPECT_EQ(paths[1]["name"], "before");
  EXPECT_NE(paths[1]["colour"], paths[2]["colour"]);
  EXPECT_EQ(paths[2]["y"].dump(), "[null]");
}

// Breaks if a figure over a swept key speaks of iterations, loses its xs, or lists a law that is
// only drawn; or if a logarithmic scale is offered that makes no sense.
TEST(Figures, OverAKeyOfASweep) {
  Series law{"a", {1, 3, 9}, {}, {}};
  law.line = Line::dashed;
  law.aside = true;
  CurvesFigure f{"v", "Variance", "", "", {{"a", {1, 2, 8}, {1, 2, 7}, {1, 2, 9}}, law}, {0, 0}};
  f.x = {25, 50, 100};
  f.x_title = "rollout.segments";
  f.x_logarithmic = true;
  f.caption = "Against <the> horizon.";
  const std::string html = f.html();
  EXPECT_EQ(html.find("iteration"), std::string::npos);
  EXPECT_NE(html.find("<figcaption>Against &lt;the&gt; horizon.<"), std::string::npos);
  EXPECT_EQ(occurrences(html, "<th scope=\"col\">"), 2);
  EXPECT_EQ(occurrences(html, "<li>"), 0) << "one curve needs no key";
  EXPECT_NE(html.find("<tr><td>100</td><td>8 <small>(7 to 9)"), std::string::npos);
  const auto json = f.json();
  EXPECT_EQ(json["x"].dump(), "[25.0,50.0,100.0]");
  EXPECT_EQ(json["x_title"], "rollout.segments");
  EXPECT_TRUE(json["x_logarithmic"]);
  EXPECT_EQ(json["series"][1]["line"], "dashed");
  EXPECT_TRUE(json["series"][1]["aside"]);
  EXPECT_FALSE(json["series"][0]["aside"]);
  f.series.insert(f.series.begin(), {"b", {2, 2, 2}, {}, {}});
  f.colours = {1, 0, 0};
  EXPECT_EQ(occurrences(f.html(), "<li>"), 2);
  f.logarithmic_ratio = std::numeric_limits<double>::infinity();
  EXPECT_EQ(occurrences(f.html(), "<button"), 0);
  EXPECT_FALSE(f.json()["logarithmic"]);
}

// Breaks if a task that is one point is announced as a line.
TEST(Figures, ATargetIsACross) {
  const std::vector<Path> driven = {{"tip", {0, 1}, {0, 1}}};
  EXPECT_NE(PathsFigure({Path{"target", {1}, {1}}, driven}).html().find("class=\"target\""),
            std::string::npos);
  EXPECT_NE(PathsFigure({Path{"task", {1, 2}, {1, 2}}, driven}).html().find("class=\"task\""),
            std::string::npos);
}

}  // namespace
}  // namespace phigrad
