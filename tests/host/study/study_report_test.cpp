// The page that a study ends with.
#include "host/study/study_report.hpp"

#include <cmath>

#include "host/study/study_figures.hpp"
#include "tests/host/report/occurrences.hpp"
#include "tests/host/study/study_fixture.hpp"

namespace phigrad {
namespace {

FinishedStudy whole_study() {
  auto document = scalar_study(R"([{"plant.a": [1.2, 1.55]}, {"rollout.segments": [8, 16, 32]}])",
                               R"({"trajectories": 256, "groups": 8, "growth": true, "bounds": true,
          "likelihood_ratio": true})");
  document["description"] = "a <b>study</b>";
  document["model"] = {{"a_error", 0.1}};
  document["rollout"]["noise"]["input"] = {0.3};
  return FinishedStudy(document);
}

// Breaks when a quantity, an interval, a remark or where it was measured is missing from the page,
// a text becomes markup, or a number is none.
TEST(StudyReport, SaysWhatWasMeasuredAndWhere) {
  const FinishedStudy study = whole_study();
  const std::string html = study.html(), page = body_of(html);
  for (const char* part :
       {"a &lt;b&gt;study&lt;/b&gt;. ", "Theorem 1 does not hold: the plant&#39;s loop",
        "<figure id=\"variance-0\"", "<figure id=\"bias-0\"", "<figure id=\"gradient_norm-0\"",
        "<figure id=\"growth-0\"", "<figure id=\"growth-5\"", "Fitted laws", "variance_over_bound",
        "<dt>machine</dt><dd>", "<dt>commit</dt><dd>", "<dt>seeds</dt><dd>3</dd>",
        "jackknife over 8 groups", "&quot;trajectories&quot;: 256"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
  const Estimate* variance = nullptr;
  const CellResult first = result_of(study.rows[0]);
  ASSERT_NE(variance = first.find("variance"), nullptr);
  EXPECT_NE(page.find("<td>" + interval_html(*variance) + "</td>"), std::string::npos);
  EXPECT_NE(interval_html(*variance).find(" to "), std::string::npos);
  for (const char* none : {"nan", "undefined", "inf<", "inf "}) {
    EXPECT_EQ(page.find(none), std::string::npos) << none;
  }
  for (const char* load : {"http:", "https:", "src=", "href="}) {
    EXPECT_EQ(page.find(load), std::string::npos) << load;
  }
}

// Breaks when a curve's points are another cell's, its law misses it, or an exponential is drawn on
// a logarithmic abscissa where it is no line.
TEST(StudyReport, CurvesAreTheRows) {
  const FinishedStudy study(
      scalar_study(R"([{"plant.a": [1.6]}, {"rollout.segments": [80, 40, 60]}])",
                   R"({"trajectories": 512, "groups": 8})"));
  const auto figures = quantity_figures(study.plan, study.rows, study.fits);
  ASSERT_EQ(figures.size(), 2U) << "variance and norm";
  const CurvesFigure& f = figures.front();
  EXPECT_EQ(f.x, (std::vector<double>{40, 60, 80}));
  ASSERT_EQ(f.series.size(), 2U) << "the curve and its law";
  EXPECT_EQ(f.series[0].mean[0], value_of(study.rows[1], "variance"));
  EXPECT_EQ(f.series[0].low[2], value_of(study.rows[0], "variance", "low"));
  EXPECT_FALSE(f.x_logarithmic);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(std::log(f.series[1].mean[i] / f.series[0].mean[i]), 0, 0.5) << i;
  }
  EXPECT_NE(f.caption.find("exp(0.3"), std::string::npos) << f.caption;
}

// Breaks when the predicted steps are another cell's, in another colour than the observed ones or
// taken for a law, or when bands that are no intervals are called so.
TEST(StudyReport, StepsPredictedBesideObserved) {
  const FinishedStudy study(scalar_study(
      R"([{"plant.a": [1.2, 1.5]}, {"rollout.segments": [5, 10, 20]}])",
      R"({"trajectories": 16, "groups": 8, "smoothness": true, "smoothness_trajectories": 16})"));
  const auto figures = quantity_figures(study.plan, study.rows, study.fits);
  const auto named = [&](const char* id) -> const CurvesFigure& {
    for (const CurvesFigure& f : figures) {
      if (f.id == id) return f;
    }
    throw std::runtime_error(std::string("no figure ") + id);
  };
  const CurvesFigure& f = named("step_observed-0");
  std::vector<std::size_t> keyed;
  for (std::size_t i = 0; i < f.series.size(); ++i) {
    if (!f.series[i].aside) keyed.push_back(i);
  }
  ASSERT_EQ(keyed.size(), 4U) << "observed and predicted, of two plants";
  for (const std::size_t plant : {0U, 1U}) {
    const std::size_t observed = keyed[plant], predicted = keyed[2 + plant];
    EXPECT_EQ(f.series[observed].name,
              plant == 0 ? "observed, plant.a 1.2" : "observed, plant.a 1.5");
    EXPECT_EQ(f.series[predicted].name.substr(0, 20), "predicted, plant.a 1");
    EXPECT_EQ(f.series[predicted].line, Line::dotted);
    EXPECT_EQ(f.colours[observed], f.colours[predicted]);
    for (std::size_t i = 0; i < 3; ++i) {
      const auto& row = study.rows[3 * plant + i];
      EXPECT_EQ(f.series[observed].mean[i], value_of(row, "step_observed"));
      EXPECT_EQ(f.series[observed].high[i], value_of(row, "step_observed", "high"));
      EXPECT_EQ(f.series[predicted].mean[i], value_of(row, "step_predicted"));
    }
  }
  EXPECT_NE(f.caption.find("bands reach up to the next step that was tried"), std::string::npos);
  EXPECT_EQ(named("gradient_lipschitz-0").caption.find("bands"), std::string::npos);
  EXPECT_NE(named("curvature-0").caption.find("bands are 95"), std::string::npos);
}

// Breaks when keys that run side by side are taken for a line each, or a figure has more curves
// than it has colours without saying so.
TEST(StudyReport, LinesOfASweep) {
  const FinishedStudy side(scalar_study(
      R"([{"rollout.segments": [4, 8, 16], "plant.a": [1.3, 1.2, 1.1], "seed": [1, 2, 3]}])",
      R"({"trajectories": 64, "groups": 8})"));
  const auto one = quantity_figures(side.plan, side.rows, side.fits);
  ASSERT_EQ(one.size(), 2U);
  EXPECT_EQ(one[0].x_title, "rollout.segments");
  EXPECT_EQ(one[0].series[0].mean.size(), 3U);
  EXPECT_TRUE(std::isfinite(one[0].series[0].mean[2]));
  EXPECT_FALSE(side.fits.empty());

  const FinishedStudy many(scalar_study(
      R"([{"plant.b": {"from": 1, "to": 2, "count": 9}}, {"rollout.segments": [4, 8, 16]}])",
      R"({"trajectories": 64, "groups": 8})"));
  bool found = false;
  for (const CurvesFigure& f : quantity_figures(many.plan, many.rows, many.fits)) {
    if (f.id != "variance-1") continue;
    found = true;
    int curves = 0;
    for (const Series& s : f.series) curves += s.aside ? 0 : 1;
    EXPECT_EQ(curves, 6);
    EXPECT_EQ(f.series[0].name, "plant.b 1");
    EXPECT_EQ(f.series[5].name, "plant.b 2");
    EXPECT_NE(f.caption.find("3 more curves are not drawn"), std::string::npos) << f.caption;
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace phigrad
