// configs/variance_*.json and smoothness_*.json with fewer trajectories: what each of them is there
// to show.
#include <cmath>

#include "tests/host/study/study_fixture.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

/// Runs a shipped study and looks at its page: these figures, and no number that is none. Values of
/// the last axis's only key, if not the shipped ones.
FinishedStudy shortened(const std::string& name, int trajectories, int groups,
                        const std::vector<std::string>& figures,
                        const nlohmann::ordered_json& values = nullptr) {
  auto document = read_json(config_path(name));
  if (!values.is_null()) document["sweep"].back().front() = values;
  document["study"]["trajectories"] = trajectories;
  document["study"]["groups"] = groups;
  FinishedStudy study(document);
  const std::string page = body_of(study.html());
  for (const std::string& figure : figures) {
    EXPECT_NE(page.find("<figure id=\"" + figure + "\""), std::string::npos) << figure;
  }
  for (const char* none : {"nan", "undefined", "inf<", "inf "}) {
    EXPECT_EQ(page.find(none), std::string::npos) << none;
  }
  return study;
}

/// The better fit of a quantity at those of the held values that the text has.
StudyFit fit_of(const FinishedStudy& study, const std::string& quantity,
                const std::string& held = "") {
  for (const StudyFit& f : study.fits) {
    if (f.better && f.quantity == quantity && f.held.dump().find(held) != std::string::npos) {
      return f;
    }
  }
  ADD_FAILURE() << "no fit of " << quantity << " at " << held;
  return {};
}

const nlohmann::ordered_json& row_with(const FinishedStudy& study,
                                       const nlohmann::ordered_json& keys) {
  for (const auto& row : study.rows) {
    bool all = true;
    for (const auto& [key, value] : keys.items()) all = all && row["keys"].at(key) == value;
    if (all) return row;
  }
  throw std::runtime_error("no cell has " + keys.dump());
}

// Breaks when the adjoint misses the controller's feedback: the variance grows as the horizon with
// the controller, and at least as its fifth power without.
TEST(ShippedStudies, Horizon) {
  const FinishedStudy s = shortened("variance_horizon", 512, 16, {"variance-0", "gradient_norm-0"});
  const StudyFit closed = fit_of(s, "variance", "\"trajectory\"");
  EXPECT_FALSE(closed.exponential);
  EXPECT_GT(closed.slope.low, 0.75);
  EXPECT_LT(closed.slope.high, 1.2);
  const StudyFit open = fit_of(s, "variance", "open_loop");
  EXPECT_FALSE(open.exponential);
  EXPECT_GT(open.slope.low, 5);
}

// Breaks when an update's trajectories are not independent of each other, or blocks mix updates:
// the variance of a mean over N is the variance over N.
TEST(ShippedStudies, Batch) {
  const FinishedStudy s = shortened("variance_batch", 32768, 2048, {"update_variance-0"});
  const StudyFit fit = fit_of(s, "update_variance");
  EXPECT_FALSE(fit.exponential);
  EXPECT_LT(fit.slope.low, -1);
  EXPECT_GT(fit.slope.high, -1);
  EXPECT_NEAR(fit.slope.value, -1, 0.15);
  for (const auto& row : s.rows) {
    const double n = row["keys"]["rollout.per_update"].get<double>();
    if (n > 1024) continue;  // few updates: a wide interval
    EXPECT_NEAR(n * value_of(row, "update_variance") / value_of(row, "variance"), 1, 0.4) << n;
  }
}

// Breaks when the truth is taken with the model's numbers: the bias falls as the model comes near
// the plant and is none when it is there; wrong by a factor of 8 it still points the right way.
TEST(ShippedStudies, Mismatch) {
  const FinishedStudy s = shortened("variance_mismatch", 64, 16, {"variance-0", "bias-0"});
  for (std::size_t i = 1; i < s.rows.size(); ++i) {
    EXPECT_LT(value_of(s.rows[i], "bias", "high"), value_of(s.rows[i - 1], "bias")) << i;
  }
  EXPECT_EQ(value_of(s.rows.back(), "bias"), 0);
  EXPECT_GT(value_of(s.rows.front(), "cosine_to_truth", "low"), 0.9);
  EXPECT_LT(fit_of(s, "bias").slope.high, -1);
}

// Breaks when gains do not reach the loop: the stiffer the loop the smaller the variance, by the
// fourth power.
TEST(ShippedStudies, Gain) {
  const FinishedStudy s = shortened("variance_gain", 64, 16, {"variance-0"});
  const StudyFit fit = fit_of(s, "variance");
  EXPECT_FALSE(fit.exponential);
  EXPECT_GT(fit.slope.low, -5.5);
  EXPECT_LT(fit.slope.high, -2.5);
}

// Breaks when the model's step is not the sweep's: the wrong model's loop is unstable at 10 ms and
// stable at 5 ms (arXiv 2307.08168), the exact model's variance hardly depends on the step.
TEST(ShippedStudies, Step) {
  const FinishedStudy s = shortened("variance_dt", 256, 16, {"variance-0"});
  const auto variance = [&](double mass_scale, double dt) {
    return value_of(row_with(s, {{"model.mass_scale", mass_scale}, {"rollout.dt_s", dt}}),
                    "variance");
  };
  EXPECT_LT(variance(0.7, 0.005), 2);
  EXPECT_GT(variance(0.7, 0.01), 1e30);
  for (const double dt : {0.004, 0.005, 0.00625}) {
    EXPECT_NEAR(std::log(variance(1, dt) / variance(1, 0.002)), 0, 0.5) << dt;
  }
}

// Breaks when a chain is cut elsewhere, or the zeroth-order estimate is not per step: each link
// more has more variance, and the one without a model the most.
TEST(ShippedStudies, Estimator) {
  const FinishedStudy s = shortened("variance_estimator", 32, 8, {"variance-0"});
  for (const int segments : {20, 80}) {
    const auto row = [&](const char* chain) -> const nlohmann::ordered_json& {
      return row_with(s, {{"gradient.chain", chain}, {"rollout.segments", segments}});
    };
    EXPECT_LT(10 * value_of(row("segment"), "variance"), value_of(row("window"), "variance"));
    EXPECT_LT(2 * value_of(row("window"), "variance"), value_of(row("rollout"), "variance"));
    EXPECT_LT(100 * value_of(row("rollout"), "variance"),
              value_of(row("rollout"), "likelihood_ratio_variance"));
  }
  EXPECT_GT(fit_of(s, "likelihood_ratio_variance").slope.value,
            fit_of(s, "variance", "rollout").slope.value + 1);
}

// Suh et al. 2022: on a chaotic swing the first-order variance explodes with the horizon and passes
// the zeroth-order one, which grows slowly; a controller ends that. Breaks when derivatives along
// the swing are damped, or the likelihood ratio differentiates anything.
TEST(ShippedStudies, Chaos) {
  const FinishedStudy s = shortened("variance_suh", 256, 16, {"variance-0"});
  const auto value = [&](std::size_t cell, const char* quantity) {
    return value_of(s.rows.at(cell), quantity);
  };
  const std::size_t last = s.rows.size() / 2 - 1;  // of the open loop, which comes first
  const double first_order = std::log(value(last, "variance") / value(0, "variance"));
  const double zeroth_order =
      std::log(value(last, "likelihood_ratio_variance") / value(0, "likelihood_ratio_variance"));
  EXPECT_GT(first_order, 1.5 * zeroth_order);
  EXPECT_GT(zeroth_order, 0);
  EXPECT_LT(value(0, "variance"), 1e-3 * value(0, "likelihood_ratio_variance"));
  EXPECT_GT(value(last, "variance"), 10 * value(last, "likelihood_ratio_variance"));
  EXPECT_TRUE(fit_of(s, "variance", "open_loop").exponential);
  EXPECT_FALSE(fit_of(s, "likelihood_ratio_variance", "open_loop").exponential);
  EXPECT_LT(value(s.rows.size() - 1, "variance"), value(last + 1, "variance")) << "controlled";
}

FinishedStudy shortened_smoothness(const std::string& name,
                                   const nlohmann::ordered_json& values = nullptr) {
  FinishedStudy s =
      shortened(name, 16, 8, {"curvature-0", "gradient_lipschitz-0", "step_observed-0"}, values);
  for (const auto& row : s.rows) {
    EXPECT_EQ(row["remarks"], nlohmann::ordered_json::array()) << row["keys"];
  }
  return s;
}

/// How often the predicted stable step the observed one is, in steps of the grid.
double steps_beyond(const nlohmann::ordered_json& row) {
  return std::round(2 *
                    std::log2(value_of(row, "step_observed") / value_of(row, "step_predicted")));
}

/// Largest eigenvalue of GᵀG, x_t = Σ_{s<t} a^{t−1−s} u_s = (G u)_t for t = 1 … T.
double open_loop_curvature(double a, int T) {
  std::vector<double> u(static_cast<std::size_t>(T), 1.0), x(u.size());
  double length = 0;
  for (int k = 0; k < 200; ++k) {
    double state = 0;
    for (std::size_t t = 0; t < u.size(); ++t) x[t] = state = a * state + u[t];
    double adjoint = 0;
    for (std::size_t t = u.size(); t-- > 0;) u[t] = adjoint = a * adjoint + x[t];
    length = 0;
    for (const double v : u) length += v * v;
    length = std::sqrt(length);
    for (double& v : u) v /= length;
  }
  return length;
}

// Breaks when curvature is of another cost or direction: of the setpoint it is Σ s_t², of the
// inputs that of all of them together; when the best law is mistaken; when a stable step is not
// where quadratics have it.
TEST(ShippedStudies, SmoothnessOfTheScalarSystem) {
  const FinishedStudy s = shortened_smoothness("smoothness_scalar");
  for (const auto& row : s.rows) {
    const int T = row["keys"]["rollout.segments"].get<int>();
    double exact = 0;
    if (row["keys"]["policy"]["type"] == "open_loop") {
      exact = open_loop_curvature(1.1, T);
    } else {
      for (int t = 1; t <= T; ++t) exact += std::pow(0.5 * (1 - std::pow(0.6, t)) / 0.4, 2);
    }
    EXPECT_NEAR(value_of(row, "curvature"), exact, 1e-4 * exact) << row["keys"];
    EXPECT_NEAR(value_of(row, "gradient_lipschitz"), exact, 1e-4 * exact) << row["keys"];
    EXPECT_LE(std::abs(steps_beyond(row) + 0.5), 0.5) << row["keys"];
  }
  const StudyFit closed = fit_of(s, "curvature", "setpoint_feedback");
  EXPECT_FALSE(closed.exponential);
  EXPECT_NEAR(closed.slope.value, 1.1, 0.1);
  const StudyFit open = fit_of(s, "curvature", "open_loop");
  EXPECT_TRUE(open.exponential);
  EXPECT_NEAR(open.slope.value, 2 * std::log(1.1), 0.02);
}

// Breaks when the controller's feedback is missing in the loop that is differentiated: with it the
// curvature about upright is soon its last, without it grows exponentially and the stable step
// shrinks so.
TEST(ShippedStudies, SmoothnessOfThePendulum) {
  const FinishedStudy s = shortened_smoothness("smoothness_pendulum");
  for (const auto& row : s.rows) EXPECT_LE(std::abs(steps_beyond(row) + 0.5), 0.5) << row["keys"];
  EXPECT_LT(fit_of(s, "curvature", "\"trajectory\"").slope.high, 0.2);
  const StudyFit open = fit_of(s, "curvature", "open_loop");
  EXPECT_TRUE(open.exponential);
  EXPECT_NEAR(open.slope.value, 0.41, 0.05);
  EXPECT_NEAR(fit_of(s, "step_observed", "open_loop").slope.value, -open.slope.value, 0.05);
}

// Breaks when gains that are 0 leave feedback in the car's loop, the direction is lost among the
// network's 5258 parameters, or a negative curvature is taken for the largest.
TEST(ShippedStudies, SmoothnessOfTheCar_slow) {
  const FinishedStudy s = shortened_smoothness("smoothness_car", {4, 8, 16});
  const std::size_t half = s.rows.size() / 2;
  for (std::size_t i = 0; i < half; ++i) {
    const double ratio = value_of(s.rows[half + i], "curvature") / value_of(s.rows[i], "curvature");
    EXPECT_GT(ratio, i + 1 == half ? 5 : 1.5) << "without the controller, " << s.rows[i]["keys"];
    EXPECT_LE(std::abs(steps_beyond(s.rows[i])), 1) << s.rows[i]["keys"];
    EXPECT_GE(value_of(s.rows[i], "gradient_lipschitz"), 0.9 * value_of(s.rows[i], "curvature"));
  }
}

}  // namespace
}  // namespace phigrad
