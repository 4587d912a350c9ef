// The double pendulum's config sections, and what they mean for the engine.
#include <array>
#include <cmath>

#include "host/robots/ensemble_fit.hpp"
#include "host/robots/planar_settings.hpp"
#include "host/robots/planned_policy.hpp"
#include "host/robots/registered.hpp"
#include "models/double_pendulum/controller.hpp"
#include "models/double_pendulum/learned_frame.hpp"
#include "models/double_pendulum/policy_settings.hpp"

namespace phigrad {
namespace {

constexpr int nx = DoublePendulumDynamics::nx;
constexpr int nu = DoublePendulumDynamics::nu;

template <class Range>
void append(std::vector<double>& to, const Range& from) {
  to.insert(to.end(), std::begin(from), std::end(from));
}

enum class Lengths { model, plant };

struct EndEffectorSettings {
  static constexpr const char* type = "end_effector";
  std::array<double, 2> target{1.70, 0.7653668647301796};  // −2 cos(5π/8)
  Lengths lengths = Lengths::model;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("target_m", target, v.optional, "where the tip shall be, x and y (up), m");
    v.choice("lengths", lengths, {{"model", Lengths::model}, {"plant", Lengths::plant}}, v.optional,
             "whose link lengths the cost believes in (the authors': the model's)");
  }
};

struct QuadraticSettings {
  static constexpr const char* type = "quadratic";
  std::array<double, 4> goal{pi_v<double>, 0, 0, 0};
  std::array<double, 4> state_weights{1, 1, 0.1, 0.1};
  std::array<double, 2> input_weights{0.01, 0.01};
  std::array<double, 4> terminal_weights{100, 100, 10, 10};

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("goal", goal, v.optional, "the state without cost, rad and rad/s");
    v.field("state_weights", state_weights, v.optional,
            "a step's: 1/rad^2, 1/rad^2, s^2/rad^2, s^2/rad^2", v.at_least(0));
    v.field("input_weights", input_weights, v.optional, "a step's, 1/(N m)^2", v.at_least(0));
    v.field("terminal_weights", terminal_weights, v.optional,
            "the end's: 1/rad^2, 1/rad^2, s^2/rad^2, s^2/rad^2", v.at_least(0));
  }
};

using ObjectiveSettings = std::variant<EndEffectorSettings, QuadraticSettings>;

/// What the parts of a setup share while it is made.
struct Making {
  RobotSetup& setup;
  const CommonSettings& common;
  PendulumParams plant, model;
  Integrator model_integrator;
  const PendulumController& controller;
  Place at;

  PendulumReference reference(const PendulumReferenceSettings& settings) const {
    return make_reference(settings, model, model_integrator,
                          planned_steps(common, setup.steps_per_segment, at), common.rollout.dt_s,
                          at.key("policy").key("reference"));
  }
  std::vector<Eigen::MatrixXd> gains(const PendulumReference* reference) const {
    return design_gains(controller, {plant, model_integrator, common.rollout.dt_s, reference},
                        at.key("controller"));
  }
};

std::vector<double> by_rows(const Eigen::MatrixXd& m) {
  std::vector<double> v;
  for (Eigen::Index r = 0; r < m.rows(); ++r) {
    for (Eigen::Index c = 0; c < m.cols(); ++c) v.push_back(m(r, c));
  }
  return v;
}

void start_with(RobotSetup& s, std::vector<double> theta) {
  s.initial_policy = [theta = std::move(theta)](RandomStream&, int) { return theta; };
}

void start_with_network(RobotSetup& s, int inputs, int outputs) {
  s.network = {inputs, pendulum_hidden[0], pendulum_hidden[1], outputs};
  s.initial_policy = [layers = s.network](RandomStream& stream, int) {
    return initial_network(stream, layers);
  };
}

void make(const SetpointNetworkSettings& p, const Making& m) {
  RobotSetup& s = m.setup;
  const Eigen::MatrixXd K = m.gains(nullptr).front();
  s.kernels = "double_pendulum";
  s.decisions = {"setpoint angle1", "setpoint angle2", "setpoint rate1", "setpoint rate2",
                 "gain K11",        "gain K22",        "gain K13",       "gain K24"};
  append(s.policy, p.setpoint);
  append(s.policy, p.setpoint_scales);
  for (int i = 0; i < nx; ++i) s.policy.push_back(p.gain_scale * K(i % nu, i));
  append(s.policy, by_rows(K));
  start_with_network(s, nx, 2 * nx);
}

void make(const FeedForwardNetworkSettings& p, const Making& m) {
  RobotSetup& s = m.setup;
  const PendulumInput torque = DoublePendulumDynamics::gravity_torque(
      PendulumState{{p.hold[0], p.hold[1], 0, 0}}, scaled(m.plant, p.hold_mass_scale, 1));
  s.kernels = "double_pendulum_feedforward";
  s.policy = {torque[0], torque[1], p.duration_s};
  append(s.policy, p.torque_scales);
  start_with_network(s, 2 * nx, nu);
}

void make(const TrajectorySettings& p, const Making& m) {
  RobotSetup& s = m.setup;
  s.kernels = "double_pendulum_trajectory";
  const PendulumReference reference = m.reference(p.reference);
  const std::vector<Eigen::MatrixXd> K = m.gains(&reference);
  std::vector<double> theta;
  for (std::size_t t = 0; t < reference.torques.size(); ++t) {
    append(s.schedule, reference.torques[t].v);
    append(s.schedule, by_rows(K.size() == 1 ? K.front() : K[t]));
  }
  for (int j = 0; j <= m.common.rollout.segments; ++j) {
    append(theta, reference.states[static_cast<std::size_t>(j * s.steps_per_segment)].v);
  }
  start_with(s, std::move(theta));
}

void make(const OpenLoopSettings& p, const Making& m) {
  RobotSetup& s = m.setup;
  s.kernels = "double_pendulum_open_loop";
  const PendulumReference reference = m.reference(p.reference);
  std::vector<double> theta;
  for (int j = 0; j < m.common.rollout.segments; ++j) {
    append(theta, reference.torques[static_cast<std::size_t>(j * s.steps_per_segment)].v);
  }
  theta.resize(theta.size() + nu, 0.0);  // of the end: it moves nothing
  start_with(s, std::move(theta));
}

void make(const LinearFeedbackSettings& /*p*/, const Making& m) {
  m.setup.kernels = "double_pendulum_linear";
  start_with(m.setup, by_rows(m.gains(nullptr).front()));
}

struct DoublePendulumSettings {
  PendulumPlantSettings plant;
  PendulumModelSettings model;
  PendulumController controller;
  PendulumPolicySettings policy;
  ObjectiveSettings objective;

  template <class Visitor>
  void describe(Visitor& v) {
    v.section("plant", plant, "the pendulum that is swung");
    v.section("model", model, "the pendulum that gradients are taken with");
    v.variant("controller", controller, v.optional, "the tracking gains");
    v.variant("policy", policy, v.optional, "what is learned");
    v.variant("objective", objective, v.optional,
              "what a step costs: \"end_effector\" with the networks, \"quadratic\" with the rest");
  }

  RobotSetup setup(const CommonSettings& common, const Place& at) const {
    RobotSetup s;
    const PendulumParams believed = model.of(plant.p);
    s.plant_integrator = plant.integrator;
    s.model_integrator = model.integrator;
    s.plant = pack(plant.p);
    s.model = pack(believed);
    s.states = {"angle1", "angle2", "rate1", "rate2"};
    s.inputs = {"torque1", "torque2"};
    s.steps_per_segment = std::visit([](const auto& p) { return p.steps_per_segment; }, policy);
    set_objective(s, believed, at);
    s.joints = [p = plant.p](const double* x) {
      const std::array<double, 2> elbow = {p.length1 * std::sin(x[0]), -p.length1 * std::cos(x[0])};
      return std::vector<std::array<double, 2>>{{0, 0},
                                                elbow,
                                                {elbow[0] + p.length2 * std::sin(x[0] + x[1]),
                                                 elbow[1] - p.length2 * std::cos(x[0] + x[1])}};
    };
    s.position = [joints = s.joints](const double* x) { return joints(x).back(); };  // the tip
    const Making making{s, common, plant.p, believed, model.integrator, controller, at};
    std::visit([&](const auto& p) { make(p, making); }, policy);
    if (model.learned) set_learned(s, at);
    return s;
  }

 private:
  static std::vector<double> pack(const PendulumParams& p) {
    return {p.mass1, p.mass2, p.length1, p.length2, p.gravity};
  }

  void set_learned(RobotSetup& s, const Place& at) const {
    if (s.network.empty()) {
      at.key("model").key("learned").fail("this policy has no kernels with a learned model",
                                          "use a policy with a network, or leave it out");
    }
    if (model.integrator != Integrator::euler) {
      at.key("model")
          .key("integrator")
          .fail("a learned model is stepped by Euler", "write \"euler\"");
    }
    s.kernels += "_learned";
    s.learned_model = ensemble_fit<LearnedPendulum, PendulumFeatures>(*model.learned);
    s.model.assign(pack_size_v<LearnedPendulum::Params>, 0.0);
  }

  void set_objective(RobotSetup& s, const PendulumParams& believed, const Place& at) const {
    const bool network = std::holds_alternative<SetpointNetworkSettings>(policy) ||
                         std::holds_alternative<FeedForwardNetworkSettings>(policy);
    if (const auto* tip = std::get_if<EndEffectorSettings>(&objective)) {
      if (!network) {
        at.key("objective")
            .key("type")
            .fail("this policy has no kernels with \"end_effector\"",
                  "use \"quadratic\", or a policy with a network");
      }
      const PendulumParams& p = tip->lengths == Lengths::model ? believed : plant.p;
      s.objective = {tip->target[0], tip->target[1], p.length1, p.length2};
      s.goals = {{tip->target[0], tip->target[1]}};
    } else if (const auto* squares = std::get_if<QuadraticSettings>(&objective)) {
      if (network) {
        at.key("objective")
            .key("type")
            .fail("the networks have no kernels with \"quadratic\"",
                  "use \"end_effector\", or another policy");
      }
      append(s.objective, squares->goal);
      append(s.objective, squares->state_weights);
      append(s.objective, squares->input_weights);
      append(s.objective, squares->terminal_weights);
    }
  }
};

const Registered<DoublePendulumSettings> double_pendulum{
    "double_pendulum", "a double pendulum with a torque at each joint (the paper's simulation)"};

}  // namespace
}  // namespace phigrad
