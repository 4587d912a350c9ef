// Smoothness of the scalar system, whose curvature is Σ s_t² exactly.
#include "host/study/smoothness.hpp"

#include <cmath>

#include "host/study/cell_result.hpp"
#include "tests/host/study/study_fixture.hpp"

namespace phigrad {
namespace {

// Breaks when a difference of gradients is divided by the wrong length, or the stable step is not
// the last before the cost rises.
TEST(Smoothness, OfTheScalarSystem) {
  const auto document =
      scalar_study(R"([{"plant.a": [1.2, 1.5]}, {"rollout.segments": [5, 20]}])", "{}");
  const StudyPlan plan = read_study(document, "test.json");
  for (const Cell& cell : plan.cells) {
    const double p = cell.keys["plant.a"].get<double>() - 0.5;
    const int T = cell.keys["rollout.segments"].get<int>();
    double exact = 0;
    for (int t = 1; t <= T; ++t) {
      const double s = p == 1 ? 0.5 * t : 0.5 * (1 - std::pow(p, t)) / (1 - p);
      exact += s * s;
    }
    const Smoothness s = measure_smoothness(cell, plan.settings, {0.4}, "cpu");
    EXPECT_TRUE(s.converged);
    EXPECT_NEAR(s.curvature.value, exact, 1e-6 * exact) << cell_name(cell);
    EXPECT_NEAR(s.lipschitz, exact, 1e-6 * exact) << cell_name(cell);
    EXPECT_NEAR(s.predicted_step, 2 / exact, 1e-6);
    // On a quadratic the largest stable step is the predicted one, of the grid or rounding beside
    // it.
    EXPECT_LE(s.observed_step.value, s.predicted_step * 1.0001) << cell_name(cell);
    EXPECT_GE(s.observed_step.high, s.predicted_step * 0.9999) << cell_name(cell);
  }
}

// Breaks when what cannot be measured is given as a number, or without its reason: a cost without
// curvature, and rollouts that leave the numbers a radius away.
TEST(Smoothness, WhatCannotBeMeasuredIsRefused) {
  const auto remarks_of = [](const nlohmann::ordered_json& document, Smoothness& s) {
    const StudyPlan plan = read_study(document, "test.json");
    s = measure_smoothness(plan.cells[0], plan.settings, {0.4}, "cpu");
    CellResult result;
    add_smoothness(s, result);
    return result.remarks;
  };
  Smoothness s{};
  auto flat = scalar_study("[]", "{}");
  flat["objective"] = {{"type", "quadratic"}, {"state_weight", 0}, {"terminal_weight", 0}};
  EXPECT_EQ(remarks_of(flat, s),
            (std::vector<std::string>{"the curvature is not positive: no stable step is predicted, "
                                      "and none was looked for"}));
  EXPECT_EQ(s.curvature.value, 0);
  EXPECT_TRUE(std::isnan(s.predicted_step));
  EXPECT_TRUE(std::isnan(s.observed_step.value));

  const auto far = scalar_study("[]", R"({"smoothness_radius": 1e200})");
  EXPECT_EQ(remarks_of(far, s),
            (std::vector<std::string>{"rollouts leave the numbers within study.smoothness_radius: "
                                      "no Lipschitz constant"}));
  EXPECT_TRUE(std::isnan(s.lipschitz));
  EXPECT_GT(s.curvature.value, 0);
}

}  // namespace
}  // namespace phigrad
