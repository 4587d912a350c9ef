// The car's config sections, and what they mean for the engine.
#include <variant>

#include "host/robots/planar_settings.hpp"
#include "host/robots/registered.hpp"
#include "host/robots/step_of.hpp"
#include "models/car/dynamics.hpp"
#include "models/car/tracking_law.hpp"

namespace phigrad {
namespace {

struct CarParameters {
  CarDynamics::Params<double> p{1, 0, 1, 0};

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("accel_gain", p.accel_gain, v.optional, "m/s^2 a unit of throttle");
    v.field("drag_per_m", p.drag_per_m, v.optional, "deceleration a squared speed, 1/m");
    v.field("turn_gain_per_m", p.turn_gain_per_m, v.optional, "curvature a unit of steer, 1/m");
    v.field("turn_bias_per_m", p.turn_bias_per_m, v.optional, "curvature without steer, 1/m");
  }
};

struct CarModel {
  double scale = 1;
  std::optional<CarParameters> parameters;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("scale", scale, v.optional, "factor on every term of the model");
    v.section("parameters", parameters, "the model's own terms; null: those of the plant");
  }
};

struct CarGains {
  double kx = 0.45, ky = 0.45, kv = 0.35, kphi = 0.35, ka = 0, kw = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("kx", kx, v.optional, "velocity a position error along x, 1/s");
    v.field("ky", ky, v.optional, "velocity a position error along y, 1/s");
    v.field("kv", kv, v.optional, "throttle a speed error, s/m");
    v.field("kphi", kphi, v.optional, "steer a heading error, 1/rad");
    v.field("ka", ka, v.optional, "throttle a path acceleration, s^2/m");
    v.field("kw", kw, v.optional, "steer a path turn rate, s/rad");
  }
};

struct CarLimits {
  double throttle = 0.75, steer = 1;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("throttle", throttle, v.optional, "largest throttle either way", v.above(0));
    v.field("steer", steer, v.optional, "largest steer either way", v.above(0));
  }
};

struct CarController {
  CarGains gains;
  CarLimits limits;

  template <class Visitor>
  void describe(Visitor& v) {
    v.section("gains", gains, "nominal gains of the tracking law");
    v.section("limits", limits, "clamps of the commands");
  }
};

struct CarSettings {
  CarParameters plant;
  CarModel model;
  FigureEightSettings task;
  CarController controller;
  std::variant<SplineNetworkSettings, CorrectionsSettings> policy;
  FigureEightWeights objective;

  template <class Visitor>
  void describe(Visitor& v) {
    v.section("plant", plant, "the car that is driven");
    v.section("model", model, "the car that gradients are taken with");
    v.section("task", task, "where to drive");
    v.section("controller", controller, "the tracking controller inside the policy");
    v.variant("policy", policy, v.required, "what is learned");
    v.section("objective", objective, "what a sample costs");
  }

  RobotSetup setup(const CommonSettings& common, const Place& at) const {
    RobotSetup s;
    s.kernels = std::holds_alternative<CorrectionsSettings>(policy) ? "car_corrections" : "car";
    s.states = {"x", "y", "v", "heading"};
    s.inputs = {"throttle", "steer"};
    s.decisions = planar_decisions({"kx", "ky", "kv", "kphi", "ka", "kw"});
    const auto pack = [](const CarDynamics::Params<double>& p, double scale) {
      return std::vector<double>{p.accel_gain * scale, p.drag_per_m * scale,
                                 p.turn_gain_per_m * scale, p.turn_bias_per_m * scale};
    };
    s.plant = pack(plant.p, 1);
    s.model = pack(model.parameters ? model.parameters->p : plant.p, model.scale);
    const CarGains& k = controller.gains;
    std::visit(
        [&](const auto& p) {
          set_planar(s, task, objective, p, common.rollout.dt_s,
                     {k.kx, k.ky, k.kv, k.kphi, k.ka, k.kw},
                     {controller.limits.throttle, controller.limits.steer}, at);
          start_planar(s, p);
        },
        policy);
    s.equations = {{"model.parameters.accel_gain", "model.parameters.drag_per_m",
                    "model.parameters.turn_gain_per_m", "model.parameters.turn_bias_per_m"},
                   "model.scale=1",
                   {CarDynamics::v},  // rolling resistance, and throttle that moves nothing yet
                   {CarDynamics::heading},
                   step_of<CarDynamics>(s.model_integrator)};
    return s;
  }
};

const Registered<CarSettings> car{
    "car", "a car on the plane that tracks a figure-eight (JetRacer, and its simulation)"};

}  // namespace
}  // namespace phigrad
