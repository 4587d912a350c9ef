// The single-track car against what is known of cars: steady cornering, straight driving, energy.
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/dynamics/integrators.hpp"
#include "models/dynamic_car/dynamics.hpp"
#include "tests/support/learning.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

using SlipCar = DynamicCarDynamics;
using CarParams = SlipCar::Params<double>;
using CarState = Vec<double, SlipCar::nx>;
using CarInput = Vec<double, SlipCar::nu>;

/// Of the shipped config, with a slow speed that no speed of a test feels.
CarParams exact_tyres() {
  auto p = from_array<SlipCar::Params>(experiment_of("dynamic_car").setup.plant.data());
  p.slow_speed = 1e-9;
  return p;
}

CarState driven(CarState s, const CarInput& u, const CarParams& p, double dt, int steps) {
  for (int i = 0; i < steps; ++i) s = RungeKutta4::step<SlipCar, double>(s, u, p, dt);
  return s;
}

/// Kinetic energy over mass.
double energy(const CarState& s, const CarParams& p) {
  return 0.5 * (s[SlipCar::vx] * s[SlipCar::vx] + s[SlipCar::vy] * s[SlipCar::vy] +
                p.gyration * s[SlipCar::yaw_rate] * s[SlipCar::yaw_rate]);
}

// Breaks with the tyres' stiffness, the loads, the axles' lever arms or the yaw inertia's sign: the
// yaw rate settles at r = v δ / (L + K v²), K = (1/C_f − 1/C_r) / (μ g) (Rajamani, Vehicle Dynamics
// and Control, 2012, section 3.3), for an under- and an oversteering car.
TEST(DynamicCar, CornersAsLinearTyresSay) {
  CarParams p = exact_tyres();
  p.drag_per_m = 0;
  const double delta = 1e-4, length = p.front_length + p.rear_length;
  for (const double stiffness : {p.rear_stiffness, 0.8 * p.front_stiffness}) {
    p.rear_stiffness = stiffness;
    const double K = (1 / p.front_stiffness - 1 / p.rear_stiffness) / (p.friction * p.gravity);
    for (const double v : {1.0, 2.5}) {
      const CarState s = driven({{0, 0, 0, v, 0, 0}}, {{0, delta}}, p, 1e-3, 4000);
      const double expected = v * delta / (length + K * v * v);
      EXPECT_NEAR(s[SlipCar::yaw_rate], expected, 1e-5 * expected) << v << ' ' << K;
      EXPECT_GT(std::abs(K * v * v), 1e-3 * length);  // or it would not show
    }
  }
}

// Breaks when load does not move with the drive: under a steady drive the axles' loads, and with
// them the grip, are those of the moments about the contact points.
TEST(DynamicCar, MovesLoadToTheRear) {
  CarParams p = exact_tyres();
  p.drag_per_m = 0;
  // All wheels slide sideways alone: each axle's force is its whole grip, but for the stiffness.
  const CarState s{{0, 0, 0, 0, 3, 0}};
  const double length = p.front_length + p.rear_length;
  for (const double a : {-4.0, 0.0, 6.0}) {
    const auto rate = SlipCar::derivative<double>(s, {{a, 0}}, p);
    EXPECT_NEAR(rate[SlipCar::vy], -p.friction * p.gravity, 1e-9);
    const double front = p.friction * (p.gravity * p.rear_length - a * p.height) / length;
    const double rear = p.friction * (p.gravity * p.front_length + a * p.height) / length;
    EXPECT_NEAR(rate[SlipCar::yaw_rate],
                (p.rear_length * rear - p.front_length * front) / p.gyration, 1e-9);
  }
}

// Breaks when a tyre pushes sideways without slip: straight ahead, backwards and at rest.
TEST(DynamicCar, DrivesStraight) {
  const CarParams p = exact_tyres();
  for (const double v : {3.0, -2.0, 0.0}) {
    const CarState s = driven({{0.3, -0.2, 0.7, v, 0, 0}}, {{0, 0}}, p, 1e-3, 1000);
    // v' = −c |v| v
    const double end = v / (1 + p.drag_per_m * std::abs(v));
    EXPECT_NEAR(s[SlipCar::vx], end, 1e-12);
    EXPECT_EQ(s[SlipCar::vy], 0);
    EXPECT_EQ(s[SlipCar::yaw_rate], 0);
    EXPECT_NEAR((s[SlipCar::x] - 0.3) * std::sin(0.7), (s[SlipCar::y] + 0.2) * std::cos(0.7),
                1e-12);
  }
}

// Breaks with the sign of a tyre's force, of drag, or of the turning frame's terms: without drive
// no state gains energy, wherever it slides and however it steers, also through rest.
TEST(DynamicCar, LosesEnergyWithoutDrive) {
  auto p = from_array<SlipCar::Params>(experiment_of("dynamic_car").setup.plant.data());
  ASSERT_GT(p.slow_speed, 0.1);
  CarState s{{0, 0, 0.4, 2.1, -1.7, 9.0}};
  double before = energy(s, p);
  const double first = before;
  for (int i = 0; i < 4000; ++i) {
    const CarInput u{{0, 0.4 * std::sin(0.01 * i)}};
    s = RungeKutta4::step<SlipCar, double>(s, u, p, 1e-3);
    const double after = energy(s, p);
    ASSERT_LE(after, before * (1 + 1e-12)) << i;
    before = after;
  }
  EXPECT_LT(before, 0.5 * first);
  // It is the tyres that take it: without them the frame's turning alone keeps it.
  p.friction = 0;
  p.drag_per_m = 0;
  s = {{0, 0, 0.4, 2.1, -1.7, 9.0}};
  s = driven(s, {{0, 0.3}}, p, 1e-3, 1000);
  EXPECT_NEAR(energy(s, p), first, 1e-10 * first);
}

// Breaks when the tyres' force does not saturate, or grows past μ m g.
TEST(DynamicCar, NeverExceedsItsGrip) {
  const CarParams p = exact_tyres();
  const auto across = [&](double slip) {
    return std::abs(SlipCar::derivative<double>({{0, 0, 0, 1, slip, 0}}, {{0, 0}}, p)[SlipCar::vy]);
  };
  const double grip = p.friction * p.gravity;
  for (const double slip : {0.01, 0.3, 3.0, 300.0}) EXPECT_LT(across(slip), grip * (1 + 1e-12));
  EXPECT_GT(across(300), 0.999 * grip);
}

// Breaks when the shipped config's gains do not learn to come back to the line more cheaply.
TEST(DynamicCar, Learns) {
  const auto [first, last] = evaluated_before_and_after(experiment_of("dynamic_car"));
  EXPECT_LT(last, 0.75 * first);
}

}  // namespace
}  // namespace phigrad
