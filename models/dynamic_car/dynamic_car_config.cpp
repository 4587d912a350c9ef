// The single-track car's config sections, and what they mean for the engine.
#include <array>

#include "host/control/linearise.hpp"
#include "host/control/riccati.hpp"
#include "host/robots/planned_policy.hpp"
#include "host/robots/reference_feedback.hpp"
#include "host/robots/registered.hpp"
#include "models/dynamic_car/dynamics.hpp"

namespace phigrad {
namespace {

using SlipCar = DynamicCarDynamics;
using SlipCarParams = SlipCar::Params<double>;

struct DynamicCarPlant {
  double mass = 3.74, yaw_inertia = 0.04712;
  double front_length = 0.15875, rear_length = 0.17145, height = 0.074;
  double friction = 1.0489, front_stiffness = 4.718, rear_stiffness = 5.4562;
  double drag_per_m = 0.0238, slow_speed = 0.5, gravity = 9.81;
  Integrator integrator = Integrator::runge_kutta_4;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("mass_kg", mass, v.optional, "mass, kg", v.above(0));
    v.field("yaw_inertia_kg_m2", yaw_inertia, v.optional, "moment of inertia in yaw, kg m^2",
            v.above(0));
    v.field("front_length_m", front_length, v.optional, "centre of mass to front axle, m",
            v.above(0));
    v.field("rear_length_m", rear_length, v.optional, "centre of mass to rear axle, m", v.above(0));
    v.field("height_m", height, v.optional, "height of the centre of mass, m", v.at_least(0));
    v.field("friction", friction, v.optional, "friction of tyre and ground", v.above(0));
    v.field("front_stiffness_per_rad", front_stiffness, v.optional,
            "cornering stiffness over friction and load of the front axle, 1/rad", v.above(0));
    v.field("rear_stiffness_per_rad", rear_stiffness, v.optional, "the same of the rear axle",
            v.above(0));
    v.field("drag_per_m", drag_per_m, v.optional, "deceleration a squared speed, 1/m",
            v.at_least(0));
    v.field("slow_speed_m_per_s", slow_speed, v.optional,
            "below this tyres slip less and less like tyres: it keeps them defined at rest, m/s",
            v.above(0));
    v.field("gravity_m_per_s2", gravity, v.optional, "gravity, m/s^2", v.above(0));
    describe_euler_or_rk4(v, integrator);
  }

  SlipCarParams params() const {
    return {front_length,    rear_length,    height,     yaw_inertia / mass, friction,
            front_stiffness, rear_stiffness, drag_per_m, slow_speed,         gravity};
  }
};

struct DynamicCarModel {
  double friction_scale = 1, stiffness_scale = 1;
  Integrator integrator = Integrator::runge_kutta_4;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("friction_scale", friction_scale, v.optional, "the model's friction over the plant's",
            v.above(0));
    v.field("stiffness_scale", stiffness_scale, v.optional,
            "the model's cornering stiffnesses over the plant's", v.above(0));
    describe_euler_or_rk4(v, integrator);
  }

  SlipCarParams of(SlipCarParams p) const {
    p.friction *= friction_scale;
    p.front_stiffness *= stiffness_scale;
    p.rear_stiffness *= stiffness_scale;
    return p;
  }
};

struct StraightDrive {
  double speed = 3;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("speed_m_per_s", speed, v.optional, "speed along the x axis, m/s", v.above(0));
  }
};

/// In path coordinates: the place along the path is free, and has no gain before learning.
struct DynamicCarRegulator {
  std::array<double, 5> state_weights{0.3, 0.3, 1, 0.1, 0.1};
  std::array<double, 2> input_weights{1, 10};

  template <class Visitor>
  void describe(Visitor& v) {
    v.tag("type", "lqr", "gains before learning: of the model's step, linearised on the path");
    v.field("state_weights", state_weights, v.optional,
            "diagonal of Q for y, heading, vx, vy, yaw rate: 1/m^2, 1/rad^2, s^2/m^2, s^2/m^2, "
            "s^2/rad^2",
            v.at_least(0));
    v.field("input_weights", input_weights, v.optional,
            "diagonal of R for drive, steer: s^4/m^2, 1/rad^2", v.above(0));
  }
};

struct DynamicCarWeights : QuadraticWeights<SlipCar::nx, SlipCar::nu> {
  DynamicCarWeights() {
    state = {0, 10, 10, 1, 0, 0.1};
    input = {0.1, 1};
    terminal = {0, 100, 100, 10, 0, 1};
  }
  template <class Visitor>
  void describe(Visitor& v) {
    describe_weights(v,
                     "a step's, of x, y, heading, vx, vy, yaw rate: 1/m^2, 1/m^2, 1/rad^2, "
                     "s^2/m^2, s^2/m^2, s^2/rad^2",
                     "a step's, of drive and steer: s^4/m^2, 1/rad^2");
  }
};

struct DynamicCarSettings {
  DynamicCarPlant plant;
  DynamicCarModel model;
  StraightDrive reference;
  DynamicCarRegulator controller;
  GainsSettings policy;
  DynamicCarWeights objective;

  template <class Visitor>
  void describe(Visitor& v) {
    v.section("plant", plant, "the car that is driven");
    v.section("model", model, "the car that gradients are taken with");
    v.section("reference", reference, "where to drive: straight on");
    v.section("controller", controller, "the gains before learning");
    v.section("policy", policy, "what is learned");
    v.section("objective", objective, "what a step costs");
  }

  RobotSetup setup(const CommonSettings& common, const Place& at) const {
    RobotSetup s;
    const SlipCarParams real = plant.params();
    const SlipCarParams believed = model.of(real);
    s.kernels = "dynamic_car";
    s.plant_integrator = plant.integrator;
    s.model_integrator = model.integrator;
    s.plant = packed(real);
    s.model = packed(believed);
    s.states = {"x", "y", "heading", "vx", "vy", "yaw_rate"};
    s.inputs = {"drive", "steer"};
    s.steps_per_segment = policy.steps_per_segment;
    const double speed = reference.speed;
    s.objective = objective.pack({0, 0, 0, speed, 0, 0});
    s.position = [](const double* x) {
      return std::array<double, 2>{x[SlipCar::x], x[SlipCar::y]};
    };
    const double dt = common.rollout.dt_s;
    follow(
        s, planned_steps(common, policy.steps_per_segment, at), holding(believed),
        [&](int t) { return std::array<double, SlipCar::nx>{speed * dt * t, 0, 0, speed, 0, 0}; },
        gains(believed, dt));
    return s;
  }

 private:
  /// The drive that drag takes, wheels straight.
  std::array<double, SlipCar::nu> holding(const SlipCarParams& p) const {
    return {p.drag_per_m * reference.speed * reference.speed, 0};
  }

  /// K (nu, nx), without a gain of x.
  Eigen::MatrixXd gains(const SlipCarParams& p, double dt) const {
    constexpr int n = SlipCar::nx - 1;
    const std::array<double, SlipCar::nu> u = holding(p);
    const LinearSystem on_path = linearise_step<SlipCar>(
        model.integrator, {{0, 0, 0, reference.speed, 0, 0}}, {{u[0], u[1]}}, p, dt);
    Eigen::MatrixXd K = Eigen::MatrixXd::Zero(SlipCar::nu, SlipCar::nx);
    K.rightCols(n) = discrete_lqr(
        on_path.A.bottomRightCorner(n, n), on_path.B.bottomRows(n),
        Eigen::Map<const Eigen::VectorXd>(controller.state_weights.data(), n).asDiagonal(),
        Eigen::Map<const Eigen::VectorXd>(controller.input_weights.data(), SlipCar::nu)
            .asDiagonal());
    return K;
  }
};

const Registered<DynamicCarSettings> dynamic_car{
    "dynamic_car", "a car with slipping tyres and load transfer, held on a straight line"};

}  // namespace
}  // namespace phigrad
