// The car's policy `corrections` against the network, which is the same policy where its last layer
// has biases alone; and its config.
#include <gmock/gmock.h>

#include <cmath>

#include "host/experiment/evaluation.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/support/error.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

using ::testing::HasSubstr;

constexpr int segments = 30;
constexpr std::size_t outputs = 10;

/// configs/car.json with another policy, and the feed-forward gains in use.
Experiment car_with(const std::string& type, const std::vector<std::string>& set = {}) {
  std::vector<std::string> all = {
      R"(policy={"type":")" + type + R"(","scales":[0.5,0.6,0.7,0.8,0.25,0.2,0.15,0.1,0.12,0.02]})",
      "controller.gains.ka=0.03", "controller.gains.kw=0.02"};
  all.insert(all.end(), set.begin(), set.end());
  return experiment_of("car", all);
}

struct Driven {
  Trajectory trajectory;
  std::vector<double> gradient;
};

/// A rollout in fp64 from somewhere beside the task, and its gradient over all windows.
Driven driven(const Experiment& e, const std::vector<double>& theta) {
  BatchShape shape;
  shape.segments = segments;
  shape.steps_per_segment = e.setup.steps_per_segment;
  shape.dt = e.common.rollout.dt_s;
  const auto engine = Engine::create(engine_spec(e, "cpu", "double", segments), shape);
  EXPECT_EQ(engine->parameters(), static_cast<int>(theta.size()));
  engine->set_policies(theta);
  engine->set_plant(e.setup.plant);
  engine->set_model(e.setup.model);
  std::vector<double> start = e.setup.on_task(0.4);
  start[0] += 0.07;
  start[3] -= 0.1;
  engine->simulate(start, {0.4});
  const Windows whole{0, segments, {static_cast<double>(segments)}};
  Scores scores;
  Gradient gradient;
  engine->score(whole, scores);
  engine->gradient(whole, {Chain::rollout, 0, false}, gradient);
  return {engine->trajectory(0), gradient.mean};
}

// Breaks when a correction is scaled, carried to the next segment or added to the task otherwise
// than a network's output, or when its gradient is.
TEST(CarCorrections, AreANetworkOfBiases) {
  std::vector<double> biases, theta;
  for (std::size_t i = 0; i < outputs; ++i) {
    biases.push_back(0.03 * static_cast<double>(i + 1) * (i % 3 == 0 ? -1 : 1));
    theta.push_back(std::tanh(biases.back()));
  }
  const Experiment network = car_with("spline_network");
  RandomStream stream(3, Draw::policy, 0, 0);
  std::vector<double> weights = network.setup.initial_policy(stream, 0);
  const std::size_t last = weights.size() - outputs;
  std::copy(biases.begin(), biases.end(), weights.begin() + static_cast<std::ptrdiff_t>(last));
  const Driven of_network = driven(network, weights);
  const Driven of_corrections = driven(car_with("corrections"), theta);

  const std::vector<double>& expected = of_network.trajectory.states;
  const std::vector<double>& states = of_corrections.trajectory.states;
  ASSERT_EQ(states.size(), expected.size());
  for (std::size_t i = 0; i < states.size(); ++i) ASSERT_NEAR(states[i], expected[i], 1e-12) << i;

  double size = 0;
  for (const double g : of_corrections.gradient) size += g * g;
  size = std::sqrt(size);
  for (std::size_t i = 0; i < outputs; ++i) {
    const double slope = 1 - theta[i] * theta[i];
    EXPECT_NEAR(of_corrections.gradient[i] * slope, of_network.gradient[last + i], 1e-11 * size)
        << i;
    EXPECT_GT(std::abs(of_corrections.gradient[i]), 1e-6 * size) << "parameter " << i << " idle";
  }
}

// Breaks when learning starts from anything but the task and the nominal gains.
TEST(CarCorrections, StartFromNone) {
  const Experiment e = car_with("corrections");
  RandomStream stream(1, Draw::policy, 0, 0);
  const std::vector<double> theta = e.setup.initial_policy(stream, 10);
  EXPECT_EQ(theta, std::vector<double>(outputs, 0.0));
  const Experiment network = car_with("spline_network");
  const std::vector<double> nothing(5258, 0.0);
  EXPECT_EQ(evaluate(e, theta, 1, "cpu", "double").cost[0],
            evaluate(network, nothing, 1, "cpu", "double").cost[0]);
}

std::string refusal(const std::vector<std::string>& set) {
  try {
    car_with("corrections", set);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::input);
    return error.what();
  }
  return "read";
}

// Breaks when the config of one policy is taken for that of the other, or its spline has no length.
TEST(CarCorrections, RefuseWhatIsNotTheirs) {
  EXPECT_EQ(refusal({}), "read");
  EXPECT_THAT(refusal({"policy.hidden=[64,64]"}), HasSubstr("policy.hidden"));
  EXPECT_THAT(refusal({"policy.type=correction"}), HasSubstr("did you mean \"corrections\""));
  EXPECT_THAT(refusal({"policy.scales=[1,2]"}), HasSubstr("policy.scales"));
  EXPECT_THAT(refusal({R"(policy={"type":"corrections"})"}), HasSubstr("scales"));
  EXPECT_THAT(refusal({"policy.segment_s=0.02"}), HasSubstr("a segment no longer than a step"));
  EXPECT_EQ(refusal({"policy.segment_s=0.02", "policy.timing=recorded"}), "read");
}

}  // namespace
}  // namespace phigrad
