// The quadruped's config sections, and what they mean for the engine.
#include <variant>

#include "host/robots/planar_settings.hpp"
#include "host/robots/registered.hpp"
#include "host/robots/step_of.hpp"
#include "models/go1/dynamics.hpp"
#include "models/go1/tracking_law.hpp"

namespace phigrad {
namespace {

struct Go1Parameters {
  Go1Dynamics::Params<double> p{1, 1, 0};

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("speed_gain", p.speed_gain, v.optional, "speed walked a speed commanded");
    v.field("yaw_gain", p.yaw_gain, v.optional, "yaw rate turned a yaw rate commanded");
    v.field("yaw_bias_rad_per_s", p.yaw_bias, v.optional, "yaw rate without a command, rad/s");
  }
};

struct Go1Gains {
  double kx = 0.20, ky = 0.20, kvx = 0.95, kphi = 2.5, kvy = 0.95, kw = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("kx", kx, v.optional, "velocity a position error along x, 1/s");
    v.field("ky", ky, v.optional, "velocity a position error along y, 1/s");
    v.field("kvx", kvx, v.optional, "share of the setpoint's velocity along x");
    v.field("kphi", kphi, v.optional, "yaw rate a heading error, 1/s");
    v.field("kvy", kvy, v.optional, "share of the setpoint's velocity along y");
    v.field("kw", kw, v.optional, "share of the path's turn rate");
  }
};

struct Go1Limits {
  double speed_m_per_s = 1, yaw_rate_rad_per_s = 3;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("speed_m_per_s", speed_m_per_s, v.optional, "largest speed, m/s", v.above(0));
    v.field("yaw_rate_rad_per_s", yaw_rate_rad_per_s, v.optional, "largest yaw rate, rad/s",
            v.above(0));
  }
};

struct Go1Controller {
  Go1Gains gains;
  Go1Limits limits;

  template <class Visitor>
  void describe(Visitor& v) {
    v.section("gains", gains, "nominal gains of the tracking law");
    v.section("limits", limits, "clamps of the commands");
  }
};

struct Go1Settings {
  Go1Parameters plant, model;
  std::variant<FigureEightSettings> task;
  Go1Controller controller;
  std::variant<SplineNetworkSettings> policy;
  PathWeights objective;

  template <class Visitor>
  void describe(Visitor& v) {
    v.section("plant", plant, "the robot that walks");
    v.section("model", model, "the robot that gradients are taken with");
    v.variant("task", task, v.optional, "where to walk");
    v.section("controller", controller, "the tracking controller inside the policy");
    v.variant("policy", policy, v.required, "what is learned");
    v.section("objective", objective, "what a sample costs");
  }

  RobotSetup setup(const CommonSettings& common, const Place& at) const {
    RobotSetup s;
    s.kernels = "go1";
    s.plant_integrator = Integrator::discrete;
    s.model_integrator = Integrator::discrete;
    s.states = {"x", "y", "v", "heading"};
    s.inputs = {"speed", "yaw_rate"};
    s.decisions = planar_decisions({"kx", "ky", "kvx", "kphi", "kvy", "kw"});
    s.plant = {plant.p.speed_gain, plant.p.yaw_gain, plant.p.yaw_bias};
    s.model = {model.p.speed_gain, model.p.yaw_gain, model.p.yaw_bias};
    const Go1Gains& k = controller.gains;
    const SplineNetworkSettings& network = std::get<0>(policy);
    set_planar(s, planar_task(std::get<0>(task), objective), network, common.rollout.dt_s,
               {k.kx, k.ky, k.kvx, k.kphi, k.kvy, k.kw},
               {controller.limits.speed_m_per_s, controller.limits.yaw_rate_rad_per_s}, at);
    start_planar(s, network);
    s.equations = {{"model.speed_gain", "model.yaw_gain", "model.yaw_bias_rad_per_s"},
                   "",
                   {},
                   {Go1Dynamics::heading},
                   step_of<Go1Dynamics>(s.model_integrator)};
    return s;
  }
};

const Registered<Go1Settings> go1{"go1", "the Unitree Go1 above its own trot, on a figure-eight"};

}  // namespace
}  // namespace phigrad
