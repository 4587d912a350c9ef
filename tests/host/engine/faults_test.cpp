// What is wrong between policy and plant: late, lost and biased commands, biased and noisy sensors.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/bits.hpp"
#include "tests/support/scalar_batch.hpp"

namespace phigrad {
namespace {

constexpr double start = 0.5;
constexpr int steps = 40;
const ScalarBatch scalar{0.8, 0.4, 0.9, 0, 0, steps};

/// Rollouts of it with sensor bias and deviation, command bias and loss.
std::unique_ptr<Engine> simulated(const std::vector<double>& faults, int delay, int rollouts,
                                  std::uint32_t first = 0) {
  Disturbance d = scalar.noise(rollouts, first);
  d.faults = faults;
  d.delay = delay;
  auto e = scalar.engine(rollouts);
  scalar.simulate(*e, d, start);
  return e;
}

/// The command of the policy that sees x.
double command(double x) { return scalar.k * (scalar.theta - x); }

/// What reached the plant at step t, from what was recorded of it less the sensor's bias.
double delivered(const Trajectory& t, std::size_t k, double bias = 0) {
  return t.states[k + 1] - bias - scalar.a * (t.states[k] - bias);
}

// Breaks when a delay is a step too long or too short, or something arrives before the first.
TEST(Faults, CommandsComeLate) {
  for (const int delay : {1, 3}) {
    const Trajectory t = simulated({0, 0, 0, 0}, delay, 1)->trajectory(0);
    for (std::size_t k = 0; k < steps; ++k) {
      const auto late = static_cast<std::size_t>(delay);
      EXPECT_NEAR(delivered(t, k), k < late ? 0 : t.inputs[k - late], 1e-12) << delay << ", " << k;
      EXPECT_NEAR(t.inputs[k], command(t.states[k]), 1e-12);  // as the policy has it
    }
  }
}

// Breaks when a lost command arrives, something else is held than the last that did, or losses are
// rarer than they should be.
TEST(Faults, LostCommandsLeaveTheLastInForce) {
  const Trajectory none = simulated({0, 0, 0, 1}, 0, 1)->trajectory(0);
  for (std::size_t k = 0; k < steps; ++k) EXPECT_NEAR(delivered(none, k), 0, 1e-12);

  constexpr int rollouts = 200;
  const auto e = simulated({0, 0, 0, 0.3}, 2, rollouts);
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
  const Trajectory biased = simulated({0, 0, 0.25, 0}, 0, 1)->trajectory(0);
  const Trajectory sensor = simulated({0.1, 0, 0, 0}, 0, 1)->trajectory(0);
  EXPECT_DOUBLE_EQ(sensor.states[0], start + 0.1);
  for (std::size_t k = 0; k < steps; ++k) {
    EXPECT_NEAR(delivered(biased, k), biased.inputs[k] + 0.25, 1e-12);
    EXPECT_NEAR(delivered(sensor, k, 0.1), sensor.inputs[k], 1e-12);
    EXPECT_NEAR(sensor.inputs[k], command(sensor.states[k]), 1e-12);
  }
}

// Breaks when the sensor's noise is not what it says, drives the plant by itself, or differs
// between the decision and the record.
TEST(Faults, SensorsAreNoisy) {
  constexpr int rollouts = 500;
  const auto e = simulated({0, 0.05, 0, 0}, 0, rollouts);
  double squares = 0;
  for (int r = 0; r < rollouts; ++r) {
    const Trajectory t = e->trajectory(r);
    double x = start;
    for (std::size_t k = 0; k < steps; ++k) {
      const double noise = t.states[k] - x;
      squares += noise * noise / (rollouts * steps);
      EXPECT_NEAR(t.inputs[k], command(t.states[k]), 1e-12);
      x = scalar.a * x + t.inputs[k];
    }
  }
  EXPECT_NEAR(std::sqrt(squares), 0.05, 5 * 0.05 / std::sqrt(2.0 * rollouts * steps));
}

// Breaks when chance depends on the place in the batch.
TEST(Faults, BelongToTheTrajectory) {
  const std::vector<double> faults = {0, 0.05, 0, 0.3};
  const auto many = simulated(faults, 1, 40), few = simulated(faults, 1, 3, 21);
  for (int r = 0; r < 3; ++r) {
    EXPECT_EQ(differing_bits(few->trajectory(r).states, many->trajectory(21 + r).states), 0U);
  }
}

}  // namespace
}  // namespace phigrad
