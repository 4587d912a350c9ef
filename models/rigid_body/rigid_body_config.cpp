// The rigid body's config sections, and what they mean for the engine.
#include <array>

#include "host/control/linearise.hpp"
#include "host/control/riccati.hpp"
#include "host/robots/planned_policy.hpp"
#include "host/robots/reference_feedback.hpp"
#include "host/robots/registered.hpp"
#include "models/rigid_body/dynamics.hpp"

namespace phigrad {
namespace {

using Body = RigidBodyDynamics;
using BodyParams = Body::Params<double>;

template <class Real>
using InputVector = Vec<Real, Body::nu>;

constexpr const char* state_weights_doc =
    "of position, roll, pitch, yaw, velocity, angular velocity, three each: 1/m^2, 1/rad^2, "
    "s^2/m^2, s^2/rad^2";

struct RigidBodyPlant {
  double mass = 12;
  std::array<double, 3> inertia{0.0792, 0.2085, 0.2265};
  std::array<double, 2> foot{0.1881, 0.13};
  double gravity = 9.81;
  Integrator integrator = Integrator::runge_kutta_4;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("mass_kg", mass, v.optional, "mass, kg", v.above(0));
    v.field("inertia_kg_m2", inertia, v.optional, "principal moments about x, y, z, kg m^2",
            v.above(0));
    v.field("foot_m", foot, v.optional, "the feet stand at (+-x, +-y, 0), m", v.above(0));
    v.field("gravity_m_per_s2", gravity, v.optional, "gravity, m/s^2");
    describe_euler_or_rk4(v, integrator);
  }

  BodyParams params() const {
    return {mass, inertia[0], inertia[1], inertia[2], foot[0], foot[1], gravity};
  }
};

struct RigidBodyModel {
  double mass_scale = 1, inertia_scale = 1;
  Integrator integrator = Integrator::runge_kutta_4;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("mass_scale", mass_scale, v.optional, "the model's mass over the plant's", v.above(0));
    v.field("inertia_scale", inertia_scale, v.optional, "the model's inertia over the plant's",
            v.above(0));
    describe_euler_or_rk4(v, integrator);
  }

  BodyParams of(BodyParams p) const {
    p.mass *= mass_scale;
    p.inertia_x *= inertia_scale;
    p.inertia_y *= inertia_scale;
    p.inertia_z *= inertia_scale;
    return p;
  }
};

struct Standing {
  double height = 0.32;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("height_m", height, v.optional, "of the centre of mass above the feet, m", v.above(0));
  }
};

struct RigidBodyRegulator {
  std::array<double, 12> state_weights{10, 10, 10, 10, 10, 10, 1, 1, 1, 1, 1, 1};
  std::array<double, 3> force_weights{0.03, 0.03, 0.03};

  template <class Visitor>
  void describe(Visitor& v) {
    v.tag("type", "lqr", "gains before learning: of the model's step, linearised standing");
    v.field("state_weights", state_weights, v.optional,
            std::string("diagonal of Q, ") + state_weights_doc, v.at_least(0));
    v.field("force_weights", force_weights, v.optional,
            "diagonal of R for a foot's force along x, y, z, 1/N^2", v.above(0));
  }
};

struct RigidBodyWeights : QuadraticWeights<Body::nx, Body::nu> {
  RigidBodyWeights() {
    state = {10, 10, 10, 10, 10, 10, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    terminal = {100, 100, 100, 100, 100, 100, 1, 1, 1, 1, 1, 1};
    input.fill(1e-4);
  }
  template <class Visitor>
  void describe(Visitor& v) {
    describe_weights(v, state_weights_doc, "a step's, of each foot's forces along x, y, z, 1/N^2");
  }
};

struct RigidBodySettings {
  RigidBodyPlant plant;
  RigidBodyModel model;
  Standing reference;
  RigidBodyRegulator controller;
  GainsSettings policy;
  RigidBodyWeights objective;

  template <class Visitor>
  void describe(Visitor& v) {
    v.section("plant", plant, "the body that stands");
    v.section("model", model, "the body that gradients are taken with");
    v.section("reference", reference, "how to stand: level, over the middle of the feet");
    v.section("controller", controller, "the gains before learning");
    v.section("policy", policy, "what is learned");
    v.section("objective", objective, "what a step costs");
  }

  RobotSetup setup(const CommonSettings& common, const Place& at) const {
    RobotSetup s;
    const BodyParams real = plant.params();
    const BodyParams believed = model.of(real);
    s.kernels = "rigid_body";
    s.plant_integrator = plant.integrator;
    s.model_integrator = model.integrator;
    s.plant = packed(real);
    s.model = packed(believed);
    s.states = {"x", "y", "z", "roll", "pitch", "yaw", "vx", "vy", "vz", "wx", "wy", "wz"};
    s.inputs = {"front right x", "front right y", "front right z", "front left x",
                "front left y",  "front left z",  "rear right x",  "rear right y",
                "rear right z",  "rear left x",   "rear left y",   "rear left z"};
    s.steps_per_segment = policy.steps_per_segment;
    const std::array<double, Body::nx> standing{0, 0, reference.height};
    s.objective = objective.pack(standing);
    follow(
        s, planned_steps(common, policy.steps_per_segment, at), weight(believed),
        [&](int /*step*/) { return standing; }, gains(believed, common.rollout.dt_s));
    return s;
  }

 private:
  /// The forces that carry the body, a fourth of its weight a foot.
  static std::array<double, Body::nu> weight(const BodyParams& p) {
    std::array<double, Body::nu> f{};
    for (std::size_t foot = 0; foot < 4; ++foot) f[3 * foot + 2] = p.mass * p.gravity / 4;
    return f;
  }

  /// K (nu, nx).
  Eigen::MatrixXd gains(const BodyParams& p, double dt) const {
    Vec<double, Body::nx> standing{};
    standing[Body::pz] = reference.height;
    const LinearSystem level = linearise_step<Body>(
        model.integrator, standing, from_array<InputVector>(weight(p).data()), p, dt);
    const Eigen::Vector3d of_foot(controller.force_weights.data());
    return discrete_lqr(
        level.A, level.B,
        Eigen::Map<const Eigen::VectorXd>(controller.state_weights.data(), Body::nx).asDiagonal(),
        Eigen::VectorXd(of_foot.replicate<4, 1>()).asDiagonal());
  }
};

const Registered<RigidBodySettings> rigid_body{
    "rigid_body", "a rigid body on four feet, forces of the ground as inputs"};

}  // namespace
}  // namespace phigrad
