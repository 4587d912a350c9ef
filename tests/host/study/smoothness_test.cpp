// Smoothness of the scalar system, whose curvature is Σ s_t² exactly.
#include "host/study/smoothness.hpp"

#include <cmath>

#include "tests/host/study/study_fixture.hpp"

namespace phigrad {
namespace {

// Breaks when a difference of gradients is divided by the wrong length, the direction is lost, or
// the stable step is not the last before the cost rises.
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
    // On a quadratic the largest stable step is the predicted one: the grid's last below it.
    EXPECT_LE(s.observed_step.value, s.predicted_step * 1.0001) << cell_name(cell);
    EXPECT_GE(s.observed_step.high, s.predicted_step * 0.9999) << cell_name(cell);
  }
}

}  // namespace
}  // namespace phigrad
