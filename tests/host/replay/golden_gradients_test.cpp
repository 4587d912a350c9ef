// Gradients on the recordings against an independent autodiff (golden_gradients.json).
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "host/config/json_document.hpp"
#include "host/config/overrides.hpp"
#include "host/engine/engine.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/records/recordings.hpp"
#include "host/rollouts/rollout_grid.hpp"
#include "host/rollouts/stored_rollout.hpp"
#include "tests/support/recorded_file.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

const std::filesystem::path data = PHIGRAD_SHARED_DATA;

struct Case {
  const char* name;    // in the golden file, without the chain
  const char* config;  // in configs/
  const char* log;
  int rollout;
  const char* policy;  // null: with respect to the recorded decisions
  std::vector<std::string> set;
};

const std::vector<Case> cases = {
    {"car_sim 0.50",
     "car",
     "car_sim_0p5_eval_learned.bson",
     0,
     "car_sim_0p5_policy.bson",
     {"gradient.window_segments=80"}},
    {"go1 0.5 m/s", "go1", "go1_0p5_eval_learned.bson", 0, "go1_0p5_policy.bson", {}},
    {"jetracer_training_1 rollout 0", "jetracer", "jetracer_training_1.bson", 0, nullptr, {}},
    {"jetracer_training_1 rollout 14", "jetracer", "jetracer_training_1.bson", 14, nullptr, {}},
};

std::vector<double> theta_of(const DenseNetwork& network) {
  std::vector<double> theta;
  for (const DenseNetwork::Layer& l : network.layers) {
    for (std::size_t r = 0; r < l.weights.rows; ++r) {
      for (std::size_t c = 0; c < l.weights.cols; ++c) theta.push_back(l.weights(r, c));
    }
    theta.insert(theta.end(), l.bias.begin(), l.bias.end());
  }
  return theta;
}

struct Outcome {
  double loss;
  std::vector<double> gradient;  // in the golden file's order
};

/// Setpoints of all segments, then gain corrections; segments without samples have none.
std::vector<double> by_kind(const std::vector<double>& decisions, std::size_t segments) {
  std::vector<double> ordered;
  for (const auto& [first, count] : {std::pair<std::size_t, std::size_t>{0, 4}, {4, 6}}) {
    for (std::size_t j = 0; j < segments; ++j) {
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = 10 * j + first + i;
        ordered.push_back(at < decisions.size() ? decisions[at] : 0.0);
      }
    }
  }
  return ordered;
}

Outcome differentiate(const Case& c, Chain chain, const std::string& precision) {
  const Experiment e = experiment_of(c.config, c.set);
  const LoggedRollout rollout =
      read_rollouts(recorded_file(c.log), e.setup).at(static_cast<std::size_t>(c.rollout));
  const GridSize size = grid_size({rollout}, 1);
  BatchShape shape;
  shape.segments = size.segments;
  shape.steps_per_segment = size.steps_per_segment;
  shape.dt = e.common.rollout.dt_s;
  shape.ragged = true;
  const auto engine = Engine::create(engine_spec(e, "cpu", precision, shape.segments), shape);
  engine->set_plant(e.setup.plant);
  engine->set_model(e.setup.model);
  engine->load({lay_on_grid(rollout, size, engine->nz()).grid});
  const int segments = rollout.segments();
  const Windows windows{e.common.gradient.drop_segments,
                        e.window_length(segments),
                        {static_cast<double>(e.window_end(segments))}};
  Scores scores;
  engine->score(windows, scores);
  GradientOptions options;
  options.chain = chain;
  Gradient gradient;
  if (c.policy != nullptr) {
    engine->set_policies(theta_of(read_network(recorded_file(c.policy))));
    engine->gradient(windows, options, gradient);
    return {scores.loss[0], gradient.mean};
  }
  engine->adjoint(windows, options, gradient);
  return {scores.loss[0],
          by_kind(engine->decision_gradient(0), static_cast<std::size_t>(segments))};
}

double norm(const std::vector<double>& v, std::size_t begin, std::size_t end) {
  double sum = 0;
  for (std::size_t i = begin; i < end; ++i) sum += v[i] * v[i];
  return std::sqrt(sum);
}

void expect_golden(const Outcome& o, const nlohmann::json& golden, double tolerance) {
  const std::vector<double>& g = o.gradient;
  const double scale = golden["norm"];
  ASSERT_GT(scale, 1.0);  // else the comparison below would say nothing
  EXPECT_NEAR(o.loss, golden["loss"], tolerance * golden["loss"].get<double>());
  EXPECT_NEAR(norm(g, 0, g.size()), scale, tolerance * scale);
  double probe = 0;
  for (std::size_t k = 0; k < g.size(); ++k) probe += g[k] * std::sin(static_cast<double>(k + 1));
  EXPECT_NEAR(probe, golden["probe"], tolerance * scale);
  if (golden.contains("last_bias")) {
    for (std::size_t i = 0; i < 10; ++i) {
      EXPECT_NEAR(g[g.size() - 10 + i], golden["last_bias"][i], tolerance * scale) << i;
    }
  } else {
    const std::size_t setpoints = g.size() * 4 / 10;
    EXPECT_NEAR(norm(g, 0, setpoints), golden["norm_setpoints"], tolerance * scale);
    EXPECT_NEAR(norm(g, setpoints, g.size()), golden["norm_gains"], tolerance * scale);
  }
}

class GoldenGradients : public testing::TestWithParam<std::string> {};

// Breaks with any error in the adjoint: a derivative of model, law, spline, cost or network, the
// path through the earlier setpoint, the reset at a segment, the windows.
TEST_P(GoldenGradients, MeetTheIndependentAutodiff) {
  std::ifstream file(data / "golden_gradients.json");
  if (!file) GTEST_SKIP() << "no golden_gradients.json in " << data;
  const nlohmann::json golden = nlohmann::json::parse(file)["gradients"];
  const double tolerance = GetParam() == "double" ? 1e-8 : 1e-3;
  for (const Case& c : cases) {
    for (const auto& [name, chain] :
         {std::pair{"segment", Chain::segment}, std::pair{"window", Chain::window}}) {
      const std::string key = std::string(c.name) + " " + name;
      SCOPED_TRACE(key);
      ASSERT_TRUE(golden.contains(key));
      expect_golden(differentiate(c, chain, GetParam()), golden[key], tolerance);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, GoldenGradients, testing::Values("double", "float"));

}  // namespace
}  // namespace phigrad
