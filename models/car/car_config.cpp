// The car's config sections, and what they mean for the engine.
#include <cmath>
#include <variant>

#include "host/robots/ensemble_fit.hpp"
#include "host/robots/planar_settings.hpp"
#include "host/robots/registered.hpp"
#include "host/robots/step_of.hpp"
#include "models/car/car_plants.hpp"
#include "models/car/learned_frame.hpp"
#include "models/car/tracking_law.hpp"

namespace phigrad {
namespace {

struct CarModel {
  double scale = 1;
  std::optional<CarParameters> parameters;
  std::optional<EnsembleSettings> learned;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("scale", scale, v.optional, "factor on every term of the model");
    v.section("parameters", parameters, "the model's own terms; null: those of the plant");
    v.section("learned", learned,
              "networks fitted to the rollouts, in place of the terms; null: none");
  }

  CarDynamics::Params<double> terms(const CarPlant& plant, const Place& at) const {
    const auto* same = std::get_if<UnicyclePlant>(&plant);
    if (!parameters && !learned && same == nullptr) {
      at.key("model")
          .key("parameters")
          .fail("this plant has other terms than a model", "give the model its own");
    }
    CarDynamics::Params<double> p{1, 0, 1, 0};
    if (same != nullptr) p = same->p;
    if (parameters) p = parameters->p;
    return {p.accel_gain * scale, p.drag_per_m * scale, p.turn_gain_per_m * scale,
            p.turn_bias_per_m * scale};
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
  double scale = 1;
  CarGains gains;
  CarLimits limits;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("scale", scale, v.optional, "factor on every gain");
    v.section("gains", gains, "nominal gains of the tracking law");
    v.section("limits", limits, "clamps of the commands");
  }

  std::vector<double> scaled_gains() const {
    std::vector<double> all = {gains.kx, gains.ky, gains.kv, gains.kphi, gains.ka, gains.kw};
    for (double& g : all) g *= scale;
    return all;
  }
};

struct CarSettings {
  CarPlant plant;
  CarModel model;
  std::variant<FigureEightSettings, OvalSettings> task;
  CarController controller;
  std::variant<SplineNetworkSettings, CorrectionsSettings, LapTableSettings> policy;
  PathWeights objective;

  template <class Visitor>
  void describe(Visitor& v) {
    v.variant("plant", plant, v.optional, "the car that is driven");
    v.section("model", model, "the car that gradients are taken with");
    v.variant("task", task, v.optional, "where to drive");
    v.section("controller", controller, "the tracking controller inside the policy");
    v.variant("policy", policy, v.required, "what is learned");
    v.section("objective", objective, "what a sample costs");
  }

  RobotSetup setup(const CommonSettings& common, const Place& at) const {
    RobotSetup s;
    s.kernels = kernels(at);
    s.states = {"x", "y", "v", "heading"};
    s.inputs = {"throttle", "steer"};
    s.decisions = planar_decisions({"kx", "ky", "kv", "kphi", "ka", "kw"});
    s.plant = std::visit([](const auto& p) { return p.pack(); }, plant);
    s.plant_has_own_state = std::holds_alternative<SingleTrackPlant>(plant);
    if (!std::holds_alternative<UnicyclePlant>(plant)) s.plant_integrator = Integrator::discrete;
    s.model = numbers_of<CarDynamics::Params>(model.terms(plant, at));
    const PlanarTask where =
        std::visit([&](const auto& t) { return planar_task(t, objective); }, task);
    std::visit(
        [&](const auto& p) {
          set_planar(s, where, p, common.rollout.dt_s, controller.scaled_gains(),
                     {controller.limits.throttle, controller.limits.steer}, at);
          start_planar(s, p);
        },
        policy);
    s.reads_recordings = std::holds_alternative<FigureEightSettings>(task);
    if (model.learned) {
      s.learned_model = ensemble_fit<LearnedCar, CarFeatures>(*model.learned);
      s.model.assign(pack_size_v<LearnedCar::Params>, 0.0);
      return s;
    }
    s.equations = {{"model.parameters.accel_gain", "model.parameters.drag_per_m",
                    "model.parameters.turn_gain_per_m", "model.parameters.turn_bias_per_m"},
                   "model.scale=1",
                   {CarDynamics::v},  // rolling resistance, and throttle that moves nothing yet
                   {CarDynamics::heading},
                   step_of<CarDynamics>(s.model_integrator)};
    s.simulate_as = &simulated_as;
    return s;
  }

 private:
  /// The bundle's name: policy, task, then plant or model.
  std::string kernels(const Place& at) const {
    std::string name = "car";
    if (std::holds_alternative<CorrectionsSettings>(policy)) name = "car_corrections";
    if (std::holds_alternative<LapTableSettings>(policy)) name = "car_lap_table";
    const std::string other_plant = std::visit([](const auto& p) { return p.kernels; }, plant);
    const bool is_network = std::holds_alternative<SplineNetworkSettings>(policy);
    const bool on_oval = std::holds_alternative<OvalSettings>(task);
    if (on_oval && (!is_network || !other_plant.empty() || model.learned)) {
      at.key("task").key("type").fail(
          "the oval has kernels with \"spline_network\" on the unicycle alone",
          "use \"figure_eight\", or add a bundle in models/car/car.hpp");
    }
    if (model.learned && (!is_network || !other_plant.empty())) {
      at.key("model").key("learned").fail(
          "a learned model has kernels with \"spline_network\" on the unicycle alone",
          "leave it out, or add a bundle in models/car/car.hpp");
    }
    if (on_oval) return "car_oval";
    return name + (model.learned ? "_learned" : other_plant);
  }

  /// A unicycle that was identified, and what it loses at any speed.
  static nlohmann::ordered_json simulated_as(const IdentifiedPack& found) {
    const std::vector<double>& p = found.parameters;
    return {{"plant",
             {{"type", IdentifiedPlant::type},
              {"accel_gain", p[0]},
              {"resistance_m_per_s2", -found.offset[CarDynamics::v]},
              {"drag_per_m", p[1]},
              {"turn_gain_per_m", p[2]},
              {"turn_bias_per_m", p[3]}}},
            {"model",
             {{"scale", 1},
              {"parameters",
               {{"accel_gain", p[0]},
                {"drag_per_m", p[1]},
                {"turn_gain_per_m", p[2]},
                {"turn_bias_per_m", p[3]}}}}},
            {"rollout", {{"faults", {{"command_delay_s", found.delay_s}}}}}};
  }
};

const Registered<CarSettings> car{
    "car", "a car on the plane that tracks a figure-eight (JetRacer, and its simulation)"};

}  // namespace
}  // namespace phigrad
