// Monte Carlo of the scalar system against its closed forms (arXiv 2307.08168).
#include <cmath>

#include "tests/host/study/study_fixture.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

/// Var g = Σ_i (Σ_{t>i} p^{t−1−i} s_t)², s_t = bk (1 − p^t)/(1 − p), σ_w = 1, x₀ = θ = 0.
double variance_in_closed_form(double p, int T, double bk) {
  double variance = 0;
  for (int i = 0; i < T; ++i) {
    double sum = 0;
    for (int t = i + 1; t <= T; ++t) {
      const double s = p == 1 ? bk * t : bk * (1 - std::pow(p, t)) / (1 - p);
      sum += std::pow(p, t - 1 - i) * s;
    }
    variance += sum * sum;
  }
  return variance;
}

// NU6. Breaks when noise, gradient, variance or its interval is off by a few per cent; that it
// would break is shown by a planted error of 5 %, which every cell's interval excludes.
TEST(ExactCase, VarianceInAllTwentyCells_slow) {
  auto document = read_json(config_path("variance_scalar"));
  document["study"]["confidence"] = 0.999999;
  const auto rows = rows_of(document);
  ASSERT_EQ(rows.size(), 20U);
  for (const auto& row : rows) {
    const double p = row["keys"]["plant.a"].get<double>() - 0.5;
    const int T = row["keys"]["rollout.segments"].get<int>();
    const double exact = variance_in_closed_form(p, T, 0.5);
    EXPECT_LE(value_of(row, "variance", "low"), exact) << row["keys"];
    EXPECT_GE(value_of(row, "variance", "high"), exact) << row["keys"];
    const double planted = 1.05 * exact;
    EXPECT_LT(value_of(row, "variance", "high"), planted) << row["keys"];
  }
}

// The table's own numbers. Breaks when the closed form here is not the paper's.
TEST(ExactCase, ClosedFormIsTheTables) {
  EXPECT_NEAR(variance_in_closed_form(0.8, 25, 0.5), 2346.91, 0.01);
  EXPECT_NEAR(variance_in_closed_form(1.0, 100, 0.5), 3.4175e8, 1e4);
  EXPECT_NEAR(variance_in_closed_form(1.1, 200, 0.5), 5.14045e36, 1e31);
}

// Breaks when a slope is fitted to the wrong axis or the better law is the worse one: 5 at p = 1,
// 4 ln 1.1 at p = 1.1.
TEST(ExactCase, GrowthExponents) {
  const auto document =
      scalar_study(R"([{"plant.a": [1.5, 1.6]}, {"rollout.segments": [50, 80, 120, 160]}])",
                   R"({"trajectories": 4096})");
  const StudyPlan plan = read_study(document, "test.json");
  int found = 0;
  for (const StudyFit& fit : study_fits(plan, rows_of(document))) {
    if (fit.quantity != "variance" || fit.key != "rollout.segments" || !fit.better) continue;
    ++found;
    if (fit.held["plant.a"] == 1.5) {
      EXPECT_FALSE(fit.exponential);
      EXPECT_NEAR(fit.slope.value, 5, 0.15);
    } else {
      EXPECT_TRUE(fit.exponential);
      EXPECT_NEAR(fit.slope.value, 4 * std::log(1.1), 0.01);
    }
    EXPECT_LT(fit.slope.low, fit.slope.value);
    EXPECT_GT(fit.slope.high, fit.slope.value);
  }
  EXPECT_EQ(found, 2);
}

// Breaks when the model's loop is measured for the plant's, or a norm is not p^L: α = p, M = 1.
TEST(ExactCase, GrowthOfBothLoops) {
  auto document = scalar_study(R"([{"plant.a": [1.2, 1.55]}])",
                               R"({"trajectories": 64, "groups": 8, "growth": true})");
  document["model"] = {{"a_error", 0.1}};
  for (const auto& row : rows_of(document)) {
    const double p = row["keys"]["plant.a"].get<double>() - 0.5;
    EXPECT_NEAR(value_of(row, "alpha_plant"), p, 1e-12);
    EXPECT_NEAR(value_of(row, "alpha_model"), p + 0.1, 1e-12);
    EXPECT_NEAR(value_of(row, "M_plant"), 1, 1e-10);
    EXPECT_EQ(row["growth_norm"], "spectral, exact to rounding");
    const auto& curve = row["growth"]["plant"];
    ASSERT_EQ(curve.size(), 12U);
    for (const auto& point : curve) {
      const double expected = point[0].get<int>() * std::log(p);
      EXPECT_NEAR(point[1].get<double>(), expected, 1e-12);
      EXPECT_NEAR(point[2].get<double>(), expected, 1e-12);
      EXPECT_NEAR(point[4].get<double>(), expected, std::log(2.0) / 16);
    }
    const std::string remarks = row["remarks"].dump();
    EXPECT_EQ(remarks.find("Theorem 1 does not hold") != std::string::npos, p + 0.1 > 1) << p;
  }
}

// Breaks when the truth is taken along other trajectories, with the model's numbers, or the part of
// chance is not taken off: exact bias of a linear system, and none where the model is exact.
TEST(ExactCase, Bias) {
  auto document =
      scalar_study(R"([{"model.a_error": [0, 0.1]}])", R"({"trajectories": 8192, "bias": true})");
  const auto rows = rows_of(document);
  EXPECT_EQ(value_of(rows[0], "bias"), 0);
  EXPECT_NEAR(value_of(rows[0], "cosine_to_truth"), 1, 1e-12);
  // E g = Σ_t E x_t ŝ_t with ŝ_t of the model's loop, E x_t = 0.4 (bk)(1 − p^t)/(1 − p).
  const auto mean = [](double p) {
    double sum = 0;
    for (int t = 1; t <= 12; ++t) {
      const double s = 0.5 * (1 - std::pow(p, t)) / (1 - p);
      sum += 0.4 * 0.5 * (1 - std::pow(0.7, t)) / 0.3 * s;
    }
    return sum;
  };
  const double exact = mean(0.8) - mean(0.7);
  EXPECT_NEAR(value_of(rows[1], "bias"), exact, 0.1 * exact);
  EXPECT_LE(value_of(rows[1], "bias", "low"), exact);
  EXPECT_GE(value_of(rows[1], "bias", "high"), exact);
}

}  // namespace
}  // namespace phigrad
