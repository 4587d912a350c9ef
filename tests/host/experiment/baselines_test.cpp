// What is learned without the method: controllers redesigned on a fitted model, iterative learning
// control, models that are learned themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "host/experiment/learner.hpp"
#include "host/experiment/simulated_source.hpp"
#include "host/identify/fitted_pack.hpp"
#include "host/robots/ensemble_fit.hpp"
#include "host/support/error.hpp"
#include "kernels/dynamics/integrators.hpp"
#include "models/car/learned_frame.hpp"
#include "tests/support/random_numbers.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

constexpr const char* table =
    R"(policy={"type": "lap_table", "segment_s": 0.1375, "steps_per_segment": 7,
               "scales": [1, 1, 1, 1, 0.25, 0.25, 0.25, 0.1, 0.1, 0.02]})";
constexpr const char* gains =
    R"(policy={"type": "corrections", "segment_s": 0.1375, "steps_per_segment": 7,
               "scales": [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]})";

/// Cost by iteration of one policy.
std::vector<double> learned(const Experiment& e, int iterations) {
  const Cohort cohort{{&e}, 1};
  SimulatedSource source(cohort);
  Learner learner(cohort, source, "cpu");
  learner.set_theta(initial_policies(cohort, learner.parameters()));
  std::vector<double> cost;
  for (int i = 0; i < iterations; ++i) {
    learner.collect(i);
    learner.score();
    learner.differentiate();
    learner.update();
    cost.push_back(learner.cost()[0]);
  }
  return cost;
}

// Breaks when a term, the resistance or the delay is not found, or the offset has another sign: a
// robot that is of the fitted kind is fitted.
TEST(FittedPack, FindsTheRobotAgain) {
  const Experiment e = experiment_of(
      "car", {R"(plant={"type": "identified", "accel_gain": 8, "resistance_m_per_s2": 1.5,
                        "drag_per_m": 0.1, "turn_gain_per_m": 4, "turn_bias_per_m": 0.05})",
              R"(model={"parameters": {"accel_gain": 1, "turn_gain_per_m": 1}})",
              "rollout.faults.command_delay_s=0.08", "rollout.noise.input=[0.15, 0.15]",
              "precision=double"});
  const Cohort cohort{{&e}, 1};
  SimulatedSource source(cohort);
  Learner learner(cohort, source, "cpu");
  learner.set_theta(initial_policies(cohort, learner.parameters()));
  FittedPack fitted(e);
  for (int i = 0; i < 4; ++i) {
    learner.collect(i);
    fitted.add(source.logged(learner.engine(), 0));
  }
  const IdentifiedPack found = fitted.pack();
  EXPECT_NEAR(found.parameters[0], 8, 0.1);
  EXPECT_NEAR(found.parameters[1], 0.1, 0.02);
  EXPECT_NEAR(found.parameters[2], 4, 0.05);
  EXPECT_NEAR(found.parameters[3], 0.05, 0.02);
  EXPECT_NEAR(found.offset[2], -1.5, 0.2);
  EXPECT_DOUBLE_EQ(found.delay_s, 0.08);
}

// Breaks when the redesign goes by the wrong model, the wrong gains, or forgets what it found: a
// few rollouts of a robot that its model can be fitted to are worth more than 25 of learning.
TEST(Redesign, NeedsFewRollouts) {
  const std::vector<double> cost =
      learned(experiment_of("car", {gains, "gradient.estimator=redesign", "optimiser.step=1"}), 6);
  EXPECT_GT(cost[0], 130);
  EXPECT_LT(cost[5], 3);
}

// Breaks when an error is laid to another place of the lap, or corrected the wrong way.
TEST(IterativeLearning, LearnsTheLap) {
  const Experiment e = experiment_of("car", {table, "gradient.estimator=tracking_error",
                                             "optimiser.step=0.5", "gradient.lead_s=0.2"});
  const std::vector<double> cost = learned(e, 8);
  EXPECT_GT(cost[0], 130);
  EXPECT_LT(cost[7], 3);
}

// Breaks when an estimator is let loose on a policy that it cannot write.
TEST(Baselines, WantTheirPolicy) {
  for (const auto& [robot, estimator] :
       {std::pair{"car", "tracking_error"}, {"car", "redesign"}, {"double_pendulum", "redesign"}}) {
    try {
      experiment_of(robot, {std::string("gradient.estimator=") + estimator});
      ADD_FAILURE() << robot << ", " << estimator;
    } catch (const Error& e) {
      EXPECT_THAT(e.what(), ::testing::HasSubstr("gradient.estimator")) << robot;
    }
  }
}

// Breaks when a run is said to go on from a store that does not hold what its model was fitted to.
TEST(Baselines, AreNotResumed) {
  EXPECT_TRUE(can_be_resumed(experiment_of("car")));
  EXPECT_FALSE(can_be_resumed(experiment_of("car", {R"(model={"learned": {}})"})));
  EXPECT_FALSE(can_be_resumed(
      experiment_of("car", {gains, "gradient.estimator=redesign", "optimiser.step=1"})));
}

// Breaks when a model that nobody has fitted is taken for one.
TEST(Baselines, AModelThatIsLearnedIsNotKnown) {
  EXPECT_NO_THROW(require_known_model(experiment_of("car")));
  EXPECT_THROW(require_known_model(experiment_of("car", {R"(model={"learned": {}})"})), Error);
}

// Breaks when networks are fitted to padded logs, or gains designed for a controller that has
// drifted.
TEST(Baselines, AreRefusedWhereTheyCannotServe) {
  const std::vector<std::vector<std::string>> refused = {
      {R"(model={"learned": {}})", R"(rollout.logs=["log"])"},
      {R"(model={"learned": {}})", "rollout.live=true"},
      {gains, "gradient.estimator=redesign", R"(rollout.drift=["controller.scale=1..2"])"}};
  for (const std::vector<std::string>& changes : refused) {
    EXPECT_THROW(experiment_of("car", changes), Error) << changes.back();
  }
  EXPECT_NO_THROW(experiment_of("car", {gains, "gradient.estimator=redesign",
                                        R"(rollout.drift=["plant.accel_gain=11..9"])"}));
}

/// Rollouts of a unicycle, commands at random.
struct RandomDrives {
  std::vector<double> states, inputs;

  explicit RandomDrives(const CarDynamics::Params<double>& p) {
    const std::vector<double> draws = random_numbers(3, 0, 2 * 2000, -0.6, 0.6);
    Vec<double, 4> x{{0, 0, 1.5, 0}};
    for (std::size_t k = 0; k < 2000; ++k) {
      const Vec<double, 2> u{{0.3 + draws[2 * k], draws[2 * k + 1]}};
      states.insert(states.end(), {x[0], x[1], x[2], x[3]});
      inputs.insert(inputs.end(), {u[0], u[1]});
      x = Euler::step<CarDynamics, double>(x, u, p, 0.02);
    }
    states.insert(states.end(), {x[0], x[1], x[2], x[3]});
  }
};

// Breaks when features, rates or their scales are mixed up between the fit and the kernel: the
// model's derivatives are then not the car's.
TEST(LearnedModel, HasTheCarsDerivatives_slow) {
  const CarDynamics::Params<double> car{8, 0.3, 4, 0.1};
  const RandomDrives drives(car);
  EnsembleSettings settings;
  settings.steps = 2500;
  EnsembleFit<LearnedCar, CarFeatures> fit(settings, 1);
  fit.add(drives.states, drives.inputs, 0.02);
  const auto learned = from_array<LearnedCar::Params>(fit.fit().data());
  double off = 0, all = 0;
  for (std::size_t k = 200; k < 2000; k += 50) {
    Vec<double, 4> x;
    for (int i = 0; i < 4; ++i) x[i] = drives.states[4 * k + static_cast<std::size_t>(i)];
    const Vec<double, 2> u{{drives.inputs[2 * k], drives.inputs[2 * k + 1]}};
    for (int row = 0; row < 4; ++row) {
      Vec<double, 4> unit{};
      unit[row] = 1;
      const auto truth = CarDynamics::vjp(x, u, car, unit);
      const auto model = LearnedCar::vjp(x, u, learned, unit);
      for (int i = 0; i < 4; ++i) {
        off += std::pow(model.x[i] - truth.x[i], 2);
        all += std::pow(truth.x[i], 2);
      }
      for (int i = 0; i < 2; ++i) {
        off += std::pow(model.u[i] - truth.u[i], 2);
        all += std::pow(truth.u[i], 2);
      }
    }
  }
  EXPECT_LT(std::sqrt(off / all), 0.25);
}

// Breaks when a fit depends on anything but its seed and its rollouts, or a second goes on from
// nothing.
TEST(LearnedModel, IsTheSameForTheSameSeed) {
  const RandomDrives drives({8, 0.3, 4, 0.1});
  EnsembleSettings settings;
  settings.steps = 20;
  const auto packs = [&](std::uint64_t seed) {
    EnsembleFit<LearnedCar, CarFeatures> fit(settings, seed);
    fit.add(drives.states, drives.inputs, 0.02);
    const std::vector<double> first = fit.fit();
    return std::pair{first, fit.fit()};
  };
  EXPECT_EQ(packs(1), packs(1));
  EXPECT_NE(packs(1).first, packs(2).first);
  EXPECT_NE(packs(1).first, packs(1).second);
}

// Breaks when the learned model does not reach the gradient, or is fitted to another policy's
// rollouts.
TEST(LearnedModel, ServesTheGradient_slow) {
  const std::vector<double> cost = learned(experiment_of("car", {R"(model={"learned": {}})"}), 15);
  EXPECT_GT(cost[0], 130);
  EXPECT_LT(cost[14], 60);
}

}  // namespace
}  // namespace phigrad
