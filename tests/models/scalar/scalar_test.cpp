// The scalar system's closed forms (arXiv 2307.08168): Φ, the gradient with a right and with a
// wrong model, over the engine.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "host/config/json_document.hpp"
#include "host/experiment/rollout_source.hpp"

namespace phigrad {
namespace {

/// x⁺ = a x + b u, u = k (θ − x), one segment a step.
struct Loop {
  double a, b, k;
  double p() const { return a - b * k; }
  /// ∂x_t/∂θ
  double sensitivity(int t) const {
    return p() == 1 ? b * k * t : b * k * (1 - std::pow(p(), t)) / (1 - p());
  }
};

class Scalar : public ::testing::TestWithParam<double> {
 protected:
  static constexpr int T = 60;
  static constexpr double x0 = 0.8, theta = 0.3;

  Scalar() : plant_{GetParam() + 0.5, 1.25, 0.4}, model_{plant_.a + 0.03, plant_.b - 0.05, 0.4} {
    const std::string text =
        R"({"robot":"scalar","plant":{"a":)" + number(plant_.a) + R"(,"b":)" + number(plant_.b) +
        R"(},"model":{"a_error":0.03,"b_error":-0.05},"controller":{"type":"given","gain":0.4},
        "policy":{"type":"setpoint_feedback","setpoint":0.3},
        "objective":{"type":"quadratic"},"rollout":{"dt_s":1,"segments":)" +
        std::to_string(T) + R"(},"gradient":{"chain":"rollout"},"optimiser":{"step":1}})";
    const Experiment e = read_experiment(parse_json(text, "case"), "case");
    BatchShape shape;
    shape.segments = T;
    shape.dt = 1;
    engine_ = Engine::create(engine_spec(e, "cpu", "double", T), shape);
    engine_->set_policies({theta});
    engine_->set_plant(e.setup.plant);
    engine_->set_model(e.setup.model);
    engine_->simulate({x0}, {0});
  }
  static std::string number(double v) {
    char text[32];
    std::snprintf(text, sizeof text, "%.17g", v);
    return text;
  }

  /// ½ Σ_{t=0}^{T} x_t², differentiated with `loop`'s sensitivities along the plant's states.
  double gradient(const Loop& loop) const {
    double sum = 0, x = x0;
    for (int t = 0; t <= T; ++t) {
      sum += x * loop.sensitivity(t);
      x = plant_.p() * x + plant_.b * plant_.k * theta;
    }
    return sum;
  }

  Loop plant_, model_;
  std::unique_ptr<Engine> engine_;
};

// Breaks when Φ(t, s) is not p^(t−s) of the model's loop.
TEST_P(Scalar, TransitionIsAPower) {
  const auto phi = engine_->transition({{T, 0}, {40, 17}, {5, 5}})[0];
  const auto value = [](const TransitionMatrix& m) {
    return m.mantissa[0] * std::exp2(m.exponent);
  };
  EXPECT_NEAR(value(phi[0]) / std::pow(model_.p(), T), 1, 1e-13);
  EXPECT_NEAR(value(phi[1]) / std::pow(model_.p(), 23), 1, 1e-13);
  EXPECT_EQ(value(phi[2]), 1);
}

// Breaks when the gradient is not the closed form: real states, the model's sensitivities.
TEST_P(Scalar, GradientIsTheClosedForm) {
  const Windows whole{0, T, {T}};
  Gradient g;
  engine_->gradient(whole, {Chain::rollout, 0, false}, g);
  const double expected = gradient(model_);
  EXPECT_NEAR(g.mean[0], expected, 1e-12 * std::abs(expected));
  engine_->set_model({plant_.a, plant_.b});
  engine_->gradient(whole, {Chain::rollout, 0, false}, g);
  EXPECT_NEAR(g.mean[0], gradient(plant_), 1e-12 * std::abs(gradient(plant_)));
  EXPECT_GT(std::abs(gradient(plant_) - expected), 1e-3 * std::abs(expected));
}

INSTANTIATE_TEST_SUITE_P(ByClosedLoop, Scalar, ::testing::Values(0.8, 0.9, 1.0, 1.05, 1.1));

}  // namespace
}  // namespace phigrad
