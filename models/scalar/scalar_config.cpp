// The scalar system's config sections, and what they mean for the engine.
#include <string>
#include <variant>
#include <vector>

#include "host/control/riccati.hpp"
#include "host/robots/planned_policy.hpp"
#include "host/robots/registered.hpp"
#include "models/scalar/dynamics.hpp"

namespace phigrad {
namespace {

using ScalarParams = ScalarDynamics::Params<double>;

struct ScalarPlantSettings {
  ScalarParams p{1, 1};

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("a", p.a, v.optional, "state kept in a step");
    v.field("b", p.b, v.optional, "state gained in a step a unit of input");
  }
};

struct ScalarModelSettings {
  double a_error = 0, b_error = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("a_error", a_error, v.optional, "the model's a less the plant's");
    v.field("b_error", b_error, v.optional, "the model's b less the plant's");
  }
};

struct ScalarGivenGain {
  static constexpr const char* type = "given";
  double gain = 0.5;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("gain", gain, v.optional, "k, input a unit of state");
  }
};

struct ScalarLqr {
  static constexpr const char* type = "lqr";
  double state_weight = 1, input_weight = 1;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("state_weight", state_weight, v.optional, "q of q x^2", v.at_least(0));
    v.field("input_weight", input_weight, v.optional, "r of r u^2", v.above(0));
  }
};

/// Over rollout.segments, for the trajectory policy.
struct ScalarTimeVaryingLqr {
  static constexpr const char* type = "lqr_time_varying";
  double state_weight = 1, input_weight = 1, terminal_weight = 1;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("state_weight", state_weight, v.optional, "q of q x^2", v.at_least(0));
    v.field("input_weight", input_weight, v.optional, "r of r u^2", v.above(0));
    v.field("terminal_weight", terminal_weight, v.optional, "q at the end", v.at_least(0));
  }
};

using ScalarController = std::variant<ScalarGivenGain, ScalarLqr, ScalarTimeVaryingLqr>;

struct ScalarSetpointSettings {
  static constexpr const char* type = "setpoint_feedback";
  double setpoint = 0, feed_forward = 0;
  int steps_per_segment = 1;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("setpoint", setpoint, v.optional, "theta of u = u_ff + k (theta - x) before learning");
    v.field("feed_forward", feed_forward, v.optional, "u_ff");
    v.field("steps_per_segment", steps_per_segment, v.optional, "steps between decisions",
            v.between(1, longest_plan));
  }
};

struct ScalarTrajectorySettings {
  static constexpr const char* type = "trajectory";
  double start = 0;
  std::vector<double> feed_forward;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("start", start, v.optional, "where the reference, the model under u_ff, starts");
    v.field("feed_forward", feed_forward, v.optional,
            "u_ff of every segment, or one for all; empty: zeros");
  }
};

struct ScalarOpenLoopSettings {
  static constexpr const char* type = "open_loop";
  std::vector<double> inputs;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("inputs", inputs, v.optional,
            "inputs before learning, of every segment, or one for all; empty: zeros");
  }
};

struct ScalarLinearSettings {
  static constexpr const char* type = "linear_feedback";

  template <class Visitor>
  void describe(Visitor& /*v*/) {}
};

using ScalarPolicy = std::variant<ScalarSetpointSettings, ScalarTrajectorySettings,
                                  ScalarOpenLoopSettings, ScalarLinearSettings>;

struct ScalarObjectiveSettings {
  double goal = 0, state_weight = 1, input_weight = 0, terminal_weight = 1;

  template <class Visitor>
  void describe(Visitor& v) {
    v.tag("type", "quadratic", "which objective");
    v.field("goal", goal, v.optional, "the state without cost");
    v.field("state_weight", state_weight, v.optional, "q of q (x - goal)^2 / 2", v.at_least(0));
    v.field("input_weight", input_weight, v.optional, "r of r u^2 / 2", v.at_least(0));
    v.field("terminal_weight", terminal_weight, v.optional, "q at the end", v.at_least(0));
  }
};

/// What the parts of a setup share while it is made.
struct Making {
  RobotSetup& setup;
  const CommonSettings& common;
  ScalarParams model;
  const ScalarController& controller;
  Place at;

  std::size_t segments() const { return static_cast<std::size_t>(planned_steps(common, 1, at)); }

  /// Gains of `count` steps.
  std::vector<double> gains(std::size_t count) const {
    const auto one = [](double v) { return Eigen::MatrixXd::Constant(1, 1, v); };
    if (const auto* given = std::get_if<ScalarGivenGain>(&controller)) {
      return std::vector<double>(count, given->gain);
    }
    if (const auto* lqr = std::get_if<ScalarLqr>(&controller)) {
      const auto K =
          discrete_lqr(one(model.a), one(model.b), one(lqr->state_weight), one(lqr->input_weight));
      return std::vector<double>(count, K(0, 0));
    }
    const auto& lqr = std::get<ScalarTimeVaryingLqr>(controller);
    if (count != static_cast<std::size_t>(common.rollout.segments)) {
      at.key("controller")
          .key("type")
          .fail("gains of every step, and the policy has one",
                "use policy.type \"trajectory\", or \"lqr\" here");
    }
    std::vector<double> gains;
    for (const auto& K :
         time_varying_lqr(std::vector<Eigen::MatrixXd>(count, one(model.a)),
                          std::vector<Eigen::MatrixXd>(count, one(model.b)), one(lqr.state_weight),
                          one(lqr.input_weight), one(lqr.terminal_weight))) {
      gains.push_back(K(0, 0));
    }
    return gains;
  }

  std::vector<double> every_segment(const std::vector<double>& given, const char* key) const {
    if (given.size() == segments()) return given;
    if (given.size() > 1) {
      at.key("policy").key(key).fail("has " + std::to_string(given.size()) + " numbers for " +
                                         std::to_string(segments()) + " segments",
                                     "write one a segment, one, or none");
    }
    return std::vector<double>(segments(), given.empty() ? 0.0 : given.front());
  }

  void start_with(std::vector<double> theta) const {
    setup.initial_policy = [theta = std::move(theta)](RandomStream&, int) { return theta; };
  }
};

void make(const ScalarSetpointSettings& p, const Making& m) {
  m.setup.kernels = "scalar_setpoint";
  m.setup.decisions = {"setpoint"};
  m.setup.steps_per_segment = p.steps_per_segment;
  const double gain = m.gains(1).front();
  const int steps = planned_steps(m.common, p.steps_per_segment, m.at);
  for (int t = 0; t < steps; ++t) {
    m.setup.schedule.insert(m.setup.schedule.end(), {p.feed_forward, gain});
  }
  m.start_with({p.setpoint});
}

void make(const ScalarTrajectorySettings& p, const Making& m) {
  m.setup.kernels = "scalar_trajectory";
  const std::vector<double> inputs = m.every_segment(p.feed_forward, "feed_forward");
  const std::vector<double> gains = m.gains(m.segments());
  std::vector<double> theta = {p.start};
  for (std::size_t t = 0; t < m.segments(); ++t) {
    m.setup.schedule.insert(m.setup.schedule.end(), {inputs[t], gains[t]});
    theta.push_back(m.model.a * theta.back() + m.model.b * inputs[t]);
  }
  m.start_with(std::move(theta));
}

void make(const ScalarOpenLoopSettings& p, const Making& m) {
  m.setup.kernels = "scalar_open_loop";
  std::vector<double> theta = m.every_segment(p.inputs, "inputs");
  theta.push_back(0.0);  // of the end: it moves nothing
  m.start_with(std::move(theta));
}

void make(const ScalarLinearSettings& /*p*/, const Making& m) {
  m.setup.kernels = "scalar_linear";
  m.start_with(m.gains(1));
}

struct ScalarSettings {
  ScalarPlantSettings plant;
  ScalarModelSettings model;
  ScalarController controller;
  ScalarPolicy policy;
  ScalarObjectiveSettings objective;

  template <class Visitor>
  void describe(Visitor& v) {
    v.section("plant", plant, "x+ = a x + b u");
    v.section("model", model, "what gradients are taken with, by its errors");
    v.variant("controller", controller, v.optional, "the tracking gain");
    v.variant("policy", policy, v.optional, "what is learned");
    v.section("objective", objective, "what a step costs");
  }

  RobotSetup setup(const CommonSettings& common, const Place& at) const {
    RobotSetup s;
    const ScalarParams believed{plant.p.a + model.a_error, plant.p.b + model.b_error};
    s.plant_integrator = Integrator::discrete;
    s.model_integrator = Integrator::discrete;
    s.plant = {plant.p.a, plant.p.b};
    s.model = {believed.a, believed.b};
    s.objective = {objective.goal, objective.state_weight, objective.input_weight,
                   objective.terminal_weight};
    s.states = {"x"};
    s.inputs = {"u"};
    const Making making{s, common, believed, controller, at};
    std::visit([&](const auto& p) { make(p, making); }, policy);
    return s;
  }
};

const Registered<ScalarSettings> scalar{
    "scalar", "x+ = a x + b u, whose gradients and variances have closed forms"};

}  // namespace
}  // namespace phigrad
