// What is wrong between policy and plant: late, lost and biased commands, biased and noisy sensors.
#include <gtest/gtest.h>

#include <cmath>

#include "host/support/error.hpp"
#include "tests/support/bits.hpp"
#include "tests/support/engine_case.hpp"

namespace phigrad {
namespace {

constexpr double a = 0.8, b = 0.7, gain = 0.4, setpoint = 0.9, start = 0.5;
constexpr int steps = 40;

/// Rollouts of x⁺ = a x + b u under u = gain (setpoint − what is seen of x).
struct FaultyScalar {
  std::vector<double> faults = {0, 0, 0, 0};  // sensor bias and deviation, command bias, loss
  int delay = 0;

  std::unique_ptr<Engine> simulated(int rollouts, std::uint32_t first = 0) const {
    EngineSpec spec;
    spec.kernels = "scalar_setpoint";
    spec.precision = "double";
    spec.backend = "cpu";
    spec.plant_integrator = spec.model_integrator = Integrator::discrete;
    spec.objective = {0, 1, 0, 1};
    for (int t = 0; t < steps; ++t) spec.schedule.insert(spec.schedule.end(), {0.0, gain});
    BatchShape shape;
    shape.rollouts = rollouts;
    shape.segments = steps;
    shape.dt = 1;
    auto e = Engine::create(spec, shape);
    e->set_policies({setpoint});
    e->set_plant({a, b});
    e->set_model({a, b});
    Disturbance d;
    d.deviation = {0, 0};
    d.faults = faults;
    d.delay = delay;
    for (int r = 0; r < rollouts; ++r) {
      d.keys.push_back({{3, 0}, first + static_cast<std::uint32_t>(r), 0});
    }
    e->disturb(d);
    const auto count = static_cast<std::size_t>(rollouts);
    e->simulate(std::vector<double>(count, start), std::vector<double>(count, 0.0));
    return e;
  }
};

/// What reached the plant at step t, from what was recorded of it less the sensor's bias.
double delivered(const Trajectory& t, std::size_t k, double bias = 0) {
  return (t.states[k + 1] - bias - a * (t.states[k] - bias)) / b;
}

// Breaks when a delay is a step too long or too short, or something arrives before the first.
TEST(Faults, CommandsComeLate) {
  for (const int delay : {1, 3}) {
    const Trajectory t = FaultyScalar{{0, 0, 0, 0}, delay}.simulated(1)->trajectory(0);
    for (std::size_t k = 0; k < steps; ++k) {
      const auto late = static_cast<std::size_t>(delay);
      EXPECT_NEAR(delivered(t, k), k < late ? 0 : t.inputs[k - late], 1e-12) << delay << ", " << k;
      EXPECT_NEAR(t.inputs[k], gain * (setpoint - t.states[k]), 1e-12);  // as the policy has it
    }
  }
}

// Breaks when a lost command arrives, something else is held than the last that did, or losses are
// rarer than they should be.
TEST(Faults, LostCommandsLeaveTheLastInForce) {
  const Trajectory none = FaultyScalar{{0, 0, 0, 1}, 0}.simulated(1)->trajectory(0);
  for (std::size_t k = 0; k < steps; ++k) EXPECT_NEAR(delivered(none, k), 0, 1e-12);

  constexpr int rollouts = 200;
  const auto e = FaultyScalar{{0, 0, 0, 0.3}, 2}.simulated(rollouts);
  int lost = 0;
  for (int r = 0; r < rollouts; ++r) {
    const Trajectory t = e->trajectory(r);
    double held = 0;
    for (std::size_t k = 2; k < steps; ++k) {
      const double got = delivered(t, k);
      const bool arrived = std::abs(got - t.inputs[k - 2]) < 1e-12;
      if (!arrived) {
        ASSERT_NEAR(got, held, 1e-12) << r << ", " << k;
        ++lost;
      }
      held = got;
    }
  }
  const double n = rollouts * (steps - 2.0);
  EXPECT_NEAR(lost / n, 0.3, 5 * std::sqrt(0.3 * 0.7 / n));
}

// Breaks when a bias is added to the recorded command too, or the sensor's moves the plant.
TEST(Faults, BiasesAreOneWayOnly) {
  const Trajectory command = FaultyScalar{{0, 0, 0.25, 0}, 0}.simulated(1)->trajectory(0);
  const Trajectory sensor = FaultyScalar{{0.1, 0, 0, 0}, 0}.simulated(1)->trajectory(0);
  EXPECT_DOUBLE_EQ(sensor.states[0], start + 0.1);
  for (std::size_t k = 0; k < steps; ++k) {
    EXPECT_NEAR(delivered(command, k), command.inputs[k] + 0.25, 1e-12);
    EXPECT_NEAR(delivered(sensor, k, 0.1), sensor.inputs[k], 1e-12);
    EXPECT_NEAR(sensor.inputs[k], gain * (setpoint - sensor.states[k]), 1e-12);
  }
}

// Breaks when the sensor's noise is not what it says, drives the plant by itself, or differs
// between the decision and the record.
TEST(Faults, SensorsAreNoisy) {
  constexpr int rollouts = 500;
  const auto e = FaultyScalar{{0, 0.05, 0, 0}, 0}.simulated(rollouts);
  double squares = 0;
  for (int r = 0; r < rollouts; ++r) {
    const Trajectory t = e->trajectory(r);
    double x = start;
    for (std::size_t k = 0; k < steps; ++k) {
      const double noise = t.states[k] - x;
      squares += noise * noise / (rollouts * steps);
      EXPECT_NEAR(t.inputs[k], gain * (setpoint - t.states[k]), 1e-12);
      x = a * x + b * t.inputs[k];
    }
  }
  EXPECT_NEAR(std::sqrt(squares), 0.05, 5 * 0.05 / std::sqrt(2.0 * rollouts * steps));
}

// Breaks when chance depends on the place in the batch.
TEST(Faults, BelongToTheTrajectory) {
  const FaultyScalar s{{0, 0.05, 0, 0.3}, 1};
  const auto many = s.simulated(40), few = s.simulated(3, 21);
  for (int r = 0; r < 3; ++r) {
    EXPECT_EQ(differing_bits(few->trajectory(r).states, many->trajectory(21 + r).states), 0U);
  }
}

}  // namespace
}  // namespace phigrad
