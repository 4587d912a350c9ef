// The rigid body on four feet against mechanics: what forces do at rest, what no force keeps.
#include <gtest/gtest.h>

#include <Eigen/Geometry>
#include <cmath>

#include "kernels/dynamics/integrators.hpp"
#include "models/rigid_body/dynamics.hpp"
#include "tests/support/learning.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

using Body = RigidBodyDynamics;
using Eigen::Vector3d;
using BodyParams = Body::Params<double>;
using BodyState = Vec<double, Body::nx>;
using FootForces = Vec<double, Body::nu>;

BodyParams shipped() {
  return from_array<Body::Params>(experiment_of("rigid_body").setup.plant.data());
}

Vector3d three(const BodyState& s, int first) { return {s[first], s[first + 1], s[first + 2]}; }

/// Body to world, by Eigen.
Eigen::Matrix3d rotation(const BodyState& s) {
  return (Eigen::AngleAxisd(s[Body::yaw], Vector3d::UnitZ()) *
          Eigen::AngleAxisd(s[Body::pitch], Vector3d::UnitY()) *
          Eigen::AngleAxisd(s[Body::roll], Vector3d::UnitX()))
      .toRotationMatrix();
}

Vector3d inertia(const BodyParams& p) { return {p.inertia_x, p.inertia_y, p.inertia_z}; }

/// In the world frame, kg m²/s.
Vector3d angular_momentum(const BodyState& s, const BodyParams& p) {
  return rotation(s) * inertia(p).cwiseProduct(three(s, Body::wx));
}

double energy(const BodyState& s, const BodyParams& p) {
  const Vector3d w = three(s, Body::wx), v = three(s, Body::vx);
  return 0.5 * p.mass * v.squaredNorm() + 0.5 * w.dot(inertia(p).cwiseProduct(w)) +
         p.mass * p.gravity * s[Body::pz];
}

// Breaks when the four feet do not carry the weight, or turn the body by carrying it.
TEST(RigidBody, StandsStill) {
  const BodyParams p = shipped();
  FootForces f{};
  for (int foot = 0; foot < 4; ++foot) f[3 * foot + 2] = p.mass * p.gravity / 4;
  BodyState standing{};
  standing[Body::pz] = 0.32;
  const auto rate = Body::derivative<double>(standing, f, p);
  for (int i = 0; i < Body::nx; ++i) EXPECT_NEAR(rate[i], 0, 1e-14) << i;
  // The reference that the shipped policy holds is this one.
  const std::vector<double> schedule = experiment_of("rigid_body").setup.schedule;
  for (int i = 0; i < Body::nu; ++i) EXPECT_EQ(schedule[static_cast<std::size_t>(i)], f[i]);
}

// Breaks with gravity, or with a torque that comes from nowhere: a parabola, whatever the attitude.
TEST(RigidBody, FallsFreely) {
  const BodyParams p = shipped();
  BodyState s{{0.1, -0.2, 0.4, 0.3, -0.4, 1.9, 0.7, -0.3, 0.2, 0, 0, 0}};
  const BodyState start = s;
  for (int i = 0; i < 100; ++i) s = RungeKutta4::step<Body, double>(s, {}, p, 0.003);
  for (int i = 0; i < 3; ++i) {
    const double fall = i == 2 ? 0.5 * p.gravity * 0.3 * 0.3 : 0;
    EXPECT_NEAR(s[i], start[i] + 0.3 * start[Body::vx + i] - fall, 1e-13);
    EXPECT_EQ(s[Body::roll + i], start[Body::roll + i]);
    EXPECT_EQ(s[Body::wx + i], 0);
  }
}

// Breaks when a force does not act where its foot stands: a = f/m, and the world's angular momentum
// changes by (foot − p) × f, for each component of each foot, at any attitude and turning.
TEST(RigidBody, TurnsByTheLeverOfEachFoot) {
  const BodyParams p = shipped();
  BodyState s{{0.03, -0.05, 0.31, 0.3, -0.4, 1.9, 0.7, -0.3, 0.2, 1.1, -0.8, 0.6}};
  const int side[4][2] = {{1, -1}, {1, 1}, {-1, -1}, {-1, 1}};
  for (int input = 0; input < Body::nu; ++input) {
    FootForces f{};
    f[input] = 17;
    const Vector3d force = 17 * Vector3d::Unit(input % 3);
    const int leg = input / 3;
    const Vector3d foot(side[leg][0] * p.foot_x, side[leg][1] * p.foot_y, 0);
    const BodyState rate = Body::derivative<double>(s, f, p);
    const Vector3d accel = force / p.mass - p.gravity * Vector3d::UnitZ();
    EXPECT_LE((three(rate, Body::vx) - accel).norm(), 1e-13) << input;
    // d(R I ω)/dt, by central differences along the derivative.
    const double h = 1e-5;
    const Vector3d turned =
        (angular_momentum(s + rate * h, p) - angular_momentum(s - rate * h, p)) / (2 * h);
    EXPECT_LE((turned - (foot - three(s, Body::px)).cross(force)).norm(), 1e-8) << input;
  }
}

struct Drift {
  double momentum, energy;
};

/// After half a second of tumbling without forces.
template <class Step>
Drift drift_of(int steps) {
  const BodyParams p = shipped();
  const BodyState start{{0, 0, 1, 0.2, -0.3, 0.5, 0.4, 0.1, 1.5, 2.5, -1.4, 3.1}};
  BodyState s = start;
  for (int i = 0; i < steps; ++i) s = Step::template step<Body, double>(s, {}, p, 0.5 / steps);
  return {(angular_momentum(s, p) - angular_momentum(start, p)).norm(),
          std::abs(energy(s, p) - energy(start, p))};
}

// Breaks with Euler's equations or the rates of the angles: without forces angular momentum stays
// in the world frame, and energy, to the order of the integrator.
TEST(RigidBody, TumblesWithoutLoss) {
  const Drift coarse = drift_of<RungeKutta4>(50), fine = drift_of<RungeKutta4>(100);
  EXPECT_LT(fine.momentum, 1e-7);
  EXPECT_LT(fine.energy, 1e-6);
  EXPECT_NEAR(std::log2(coarse.momentum / fine.momentum), 4, 0.5);
  const Drift euler = drift_of<Euler>(1000), finer = drift_of<Euler>(2000);
  EXPECT_GT(euler.momentum, 1e-4);
  EXPECT_NEAR(euler.momentum / finer.momentum, 2, 0.2);
  EXPECT_NEAR(euler.energy / finer.energy, 2, 0.2);
}

// Breaks when the shipped config's 144 gains do not learn to stand up more cheaply.
TEST(RigidBody, Learns) {
  const auto [first, last] = evaluated_before_and_after(experiment_of("rigid_body"));
  EXPECT_LT(last, 0.8 * first);
}

}  // namespace
}  // namespace phigrad
