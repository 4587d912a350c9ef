// The cars that are further from their model: what they do, by hand and by finer steps.
#include <gtest/gtest.h>

#include <cmath>

#include "host/engine/engine.hpp"
#include "host/experiment/rollout_source.hpp"
#include "models/car/car_plants.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

using Single = SingleTrackCar;
using Body = Single::Body;

Vec<double, Single::nx> driven(Vec<double, Single::nx> s, double throttle, double steer,
                               double seconds, double dt) {
  const SingleTrackPlant car;
  const auto steps = static_cast<int>(std::lround(seconds / dt));
  for (int i = 0; i < steps; ++i) s = Single::step(s, Vec<double, 2>{{throttle, steer}}, car.p, dt);
  return s;
}

// Breaks when a lag is no first-order lag of its time constant, or a gain is another.
TEST(SingleTrackCar, MotorAndServoLag) {
  const auto s = driven({}, 0.4, 0.1, 0.1, 0.001);  // one time constant
  const double reached = 1 - std::exp(-1.0);
  EXPECT_NEAR(s[Single::steer_angle], 1.13 * 0.1 * reached, 1e-6);
  // The motor's damping takes a little of it while the car gathers speed.
  EXPECT_NEAR(s[Single::drive], 7.5 * 0.4 * reached, 0.05);
  EXPECT_NEAR(driven({}, 0, 1, 2, 0.01)[Single::steer_angle], 0.4189, 1e-6);  // its limit
}

// Breaks when the geometry of the turn is wrong: slowly, tyres roll where they point.
TEST(SingleTrackCar, RollsOnItsCircleWhenSlow) {
  Vec<double, Single::nx> s{};
  s[Body::vx] = 0.8;
  // Throttle that keeps it rolling against the motor's damping and the drag.
  const double throttle = (0.5 * 0.8 + 0.0238 * 0.64) / 7.5;
  s = driven(s, throttle, 0.1, 3, 0.02);
  const double speed = std::hypot(s[Body::vx], s[Body::vy]);
  const double wheelbase = 0.15875 + 0.17145;
  const double curvature = std::tan(0.113) / wheelbase;
  EXPECT_NEAR(speed, 0.8, 0.03);
  EXPECT_NEAR(s[Body::yaw_rate] / speed, curvature, 0.03 * curvature);
}

// Breaks when grip does not end: no car turns faster than friction holds it.
TEST(SingleTrackCar, SlidesBeyondItsGrip) {
  Vec<double, Single::nx> s{};
  s[Body::vx] = 5;
  s = driven(s, 0.5, 0.35, 1.5, 0.02);
  const double speed = std::hypot(s[Body::vx], s[Body::vy]);
  EXPECT_LT(std::abs(s[Body::yaw_rate]) * speed, 1.0489 * 9.81);
  EXPECT_GT(std::abs(std::atan2(s[Body::vy], s[Body::vx])), 0.05);
}

// Breaks when the sub-steps are too few for the car's fastest motion, or are not there.
TEST(SingleTrackCar, IsStepped) {
  Vec<double, Single::nx> s{};
  s[Body::vx] = 1.0;
  const auto coarse = driven(s, 0.5, 0.25, 2, 0.02), fine = driven(s, 0.5, 0.25, 2, 0.0005);
  for (int i = 0; i < Single::nx; ++i) EXPECT_NEAR(coarse[i], fine[i], 1e-4) << i;
}

// Breaks when friction pushes a car that stands, or does not stop one that rolls, whatever the
// brake.
TEST(IdentifiedCar, StandsUntilThrottleMovesIt) {
  const IdentifiedPlant car;
  for (const double brake : {0.0, -0.75}) {
    Vec<double, 4> s{{0, 0, 0.5, 0}};
    const auto drive = [&](double throttle, int steps) {
      for (int i = 0; i < steps; ++i) {
        s = IdentifiedCar::step(s, Vec<double, 2>{{throttle, 0}}, car.p, 0.02);
      }
    };
    drive(brake, 100);
    EXPECT_EQ(s[2], 0) << brake;
    const double x = s[0];
    drive(0.3, 50);  // 7.5 · 0.3 < 2.3
    EXPECT_EQ(s[2], 0) << brake;
    EXPECT_EQ(s[0], x) << brake;
    drive(0.5, 10);
    EXPECT_NEAR(s[2], 10 * 0.02 * (3.75 - 2.3), 0.01) << brake;
  }
}

// Breaks when a rollout shows the policy, or records, another thing than what is seen of the plant,
// or the plant's own state is lost between segments.
TEST(OwnState, IsKeptFromStepToStep) {
  const Experiment e = experiment_of(
      "car", {"plant={\"type\": \"single_track\"}", "precision=double",
              "model.parameters={\"accel_gain\": 1, \"turn_gain_per_m\": 1}", "model.scale=1"});
  ASSERT_TRUE(e.setup.plant_has_own_state);
  BatchShape shape;
  shape.segments = 30;
  shape.steps_per_segment = e.setup.steps_per_segment;
  shape.dt = 0.02;
  auto engine = Engine::create(engine_spec(e, "cpu", "double", 30), shape);
  RandomStream stream(1, Draw::policy, 0, 0);
  engine->set_policies(e.setup.initial_policy(stream, engine->parameters()));
  engine->set_plant(e.setup.plant);
  engine->set_model(e.setup.model);
  engine->simulate({0, 0, 1, 1.5}, {0});
  const Trajectory t = engine->trajectory(0);
  const SingleTrackPlant car;
  auto s = Single::begin(Vec<double, 4>{{0, 0, 1, 1.5}}, car.p);
  for (std::size_t k = 0; k < static_cast<std::size_t>(shape.slots()); ++k) {
    s = Single::step(s, Vec<double, 2>{{t.inputs[2 * k], t.inputs[2 * k + 1]}}, car.p, 0.02);
    const Vec<double, 4> seen = Single::observe(s);
    for (int i = 0; i < 4; ++i) {
      ASSERT_NEAR(t.states[4 * (k + 1) + static_cast<std::size_t>(i)], seen[i], 1e-9) << k;
    }
  }
  EXPECT_GT(std::abs(s[Body::vy]), 1e-3);  // there is something that is not seen
}

}  // namespace
}  // namespace phigrad
