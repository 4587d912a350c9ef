// Every robot with its type, for oracles that run its equations with another Real, and with the
// config of a stable closed loop: model and plant differ, no number sits on a special value.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "host/config/json_document.hpp"
#include "host/engine/engine.hpp"
#include "host/robots/registered.hpp"
#include "models/car/car.hpp"
#include "models/double_pendulum/double_pendulum.hpp"
#include "models/dynamic_car/dynamic_car.hpp"
#include "models/go1/go1.hpp"
#include "models/rigid_body/rigid_body.hpp"
#include "models/scalar/scalar.hpp"
#include "tests/support/random_numbers.hpp"

namespace phigrad {

/// What a typed case adds to a robot's config.
struct CaseNumbers {
  const char* kernels;  // the bundle
  const char* config;
  double theta_noise;         // added to the initial policy, so that no weight is 0
  std::vector<double> start;  // empty: on the task
};

template <class Robot>
CaseNumbers case_of();

template <>
inline CaseNumbers case_of<Car>() {
  return {"car",
          R"({"robot":"car","task":{"type":"figure_eight"},
    "plant":{"accel_gain":11.25,"drag_per_m":0.55,"turn_gain_per_m":6.5,"turn_bias_per_m":0.1},
    "model":{"scale":0.8},"controller":{"gains":{"ka":0.05,"kw":0.07}},
    "policy":{"type":"spline_network","scales":[0.5,0.6,0.7,0.8,0.25,0.2,0.15,0.1,0.12,0.02]},
    "rollout":{"dt_s":0.02,"segments":42},"optimiser":{"step":1}})",
          0.1,
          {}};
}

template <>
inline CaseNumbers case_of<CarCorrections>() {
  return {"car_corrections",
          R"({"robot":"car","task":{"type":"figure_eight"},
    "plant":{"accel_gain":11.25,"drag_per_m":0.55,"turn_gain_per_m":6.5,"turn_bias_per_m":0.1},
    "model":{"scale":0.8},"controller":{"gains":{"ka":0.05,"kw":0.07}},
    "policy":{"type":"corrections","segment_s":0.11,"steps_per_segment":5,
              "scales":[0.5,0.6,0.7,0.8,0.25,0.2,0.15,0.1,0.12,0.02]},
    "rollout":{"dt_s":0.02,"segments":50},"optimiser":{"step":1}})",
          0.1,
          {}};
}

template <>
inline CaseNumbers case_of<CarLapTable>() {
  return {"car_lap_table",
          R"({"robot":"car","task":{"type":"figure_eight"},
    "plant":{"accel_gain":11.25,"drag_per_m":0.55,"turn_gain_per_m":6.5,"turn_bias_per_m":0.1},
    "model":{"scale":0.8},"controller":{"gains":{"ka":0.05,"kw":0.07}},
    "policy":{"type":"lap_table","scales":[0.5,0.6,0.7,0.8,0.25,0.2,0.15,0.1,0.12,0.02]},
    "rollout":{"dt_s":0.02,"segments":42},"optimiser":{"step":1}})",
          0.1,
          {}};
}

template <>
inline CaseNumbers case_of<CarOnOval>() {
  return {"car_oval",
          R"({"robot":"car","task":{"type":"oval","straight_m":1.7,"lap_s":5.1},
    "plant":{"accel_gain":11.25,"drag_per_m":0.55,"turn_gain_per_m":6.5,"turn_bias_per_m":0.1},
    "model":{"scale":0.8},"controller":{"gains":{"ka":0.05,"kw":0.07}},
    "policy":{"type":"spline_network","scales":[0.5,0.6,0.7,0.8,0.25,0.2,0.15,0.1,0.12,0.02]},
    "rollout":{"dt_s":0.02,"segments":42},"optimiser":{"step":1}})",
          0.1,
          {}};
}

template <>
inline CaseNumbers case_of<CarWithLearned>() {
  return {"car_learned",
          R"({"robot":"car","task":{"type":"figure_eight"},"model":{"learned":{}},
    "plant":{"accel_gain":11.25,"drag_per_m":0.55,"turn_gain_per_m":6.5,"turn_bias_per_m":0.1},
    "policy":{"type":"spline_network","scales":[0.5,0.6,0.7,0.8,0.25,0.2,0.15,0.1,0.12,0.02]},
    "rollout":{"dt_s":0.02,"segments":42},"optimiser":{"step":1}})",
          0.1,
          {}};
}

template <>
inline CaseNumbers case_of<DoublePendulumLearned>() {
  return {"double_pendulum_learned",
          R"({"robot":"double_pendulum","model":{"learned":{}},
    "policy":{"type":"setpoint_network","setpoint_scales":[0.5,0.6,0.7,0.8],"gain_scale":0.2},
    "rollout":{"dt_s":0.005,"segments":30},"optimiser":{"step":1}})",
          0.1,
          {2.6, 0.3, -0.2, 0.1}};
}

template <>
inline CaseNumbers case_of<Go1>() {
  return {"go1",
          R"({"robot":"go1","task":{"type":"figure_eight","radius_m":1.5,"lap_s":37.7},
    "plant":{"speed_gain":1.165,"yaw_gain":0.75,"yaw_bias_rad_per_s":0.011},
    "model":{"speed_gain":1.05,"yaw_gain":0.9},
    "policy":{"type":"spline_network","segment_s":0.94,"steps_per_segment":9,"timing":"recorded",
              "scales":[0.5,0.6,0.3,0.2,0.1,0.12,0.14,0.25,0.16,0.3]},
    "rollout":{"dt_s":0.1,"segments":33},"optimiser":{"step":1}})",
          0.1,
          {}};
}

template <>
inline CaseNumbers case_of<DoublePendulumSetpointNetwork>() {
  return {"double_pendulum",
          R"({"robot":"double_pendulum","model":{"mass_scale":1.1,"length_scale":0.95},
    "policy":{"type":"setpoint_network","setpoint_scales":[0.5,0.6,0.7,0.8],"gain_scale":0.2},
    "rollout":{"dt_s":0.005,"segments":30},"optimiser":{"step":1}})",
          0.1,
          {2.6, 0.3, -0.2, 0.1}};
}

template <>
inline CaseNumbers case_of<DoublePendulumFeedForwardNetwork>() {
  return {"double_pendulum_feedforward",
          R"({"robot":"double_pendulum","model":{"mass_scale":1.1,"length_scale":0.95},
    "policy":{"type":"feedforward_network","torque_scales_N_m":[0.05,0.04],"hold_rad":[0.3,0.2]},
    "rollout":{"dt_s":0.01,"segments":60},"optimiser":{"step":1}})",
          0.1,
          {0.4, 0.3, -0.2, 0.1}};
}

template <>
inline CaseNumbers case_of<DoublePendulumTrajectory>() {
  return {"double_pendulum_trajectory",
          R"({"robot":"double_pendulum",
    "model":{"mass_scale":1.1,"length_scale":0.95,"integrator":"semi_implicit"},
    "plant":{"integrator":"rk4"},"controller":{"type":"lqr_time_varying"},
    "policy":{"type":"trajectory","steps_per_segment":4,"reference":{"type":"swing","from_rad":[2.0,0.2]}},
    "objective":{"type":"quadratic"},
    "rollout":{"dt_s":0.01,"segments":60},"optimiser":{"step":1}})",
          0.03,
          {2.0, 0.3, -0.2, 0.1}};
}

template <>
inline CaseNumbers case_of<DoublePendulumOpenLoop>() {
  return {"double_pendulum_open_loop",
          R"({"robot":"double_pendulum",
    "model":{"mass_scale":1.1,"length_scale":0.95,"integrator":"rk4"},"plant":{"integrator":"rk4"},
    "policy":{"type":"open_loop","steps_per_segment":5},"objective":{"type":"quadratic"},
    "rollout":{"dt_s":0.01,"segments":40},"optimiser":{"step":1}})",
          0.03,
          {0.4, 0.3, -0.2, 0.1}};
}

template <>
inline CaseNumbers case_of<DoublePendulumLinear>() {
  return {"double_pendulum_linear",
          R"({"robot":"double_pendulum",
    "model":{"mass_scale":1.1,"length_scale":0.95,"integrator":"rk4"},
    "controller":{"type":"given","gains":[[0.9,0.2,0.8,0.1],[0.1,0.8,0.2,0.5]]},
    "policy":{"type":"linear_feedback","steps_per_segment":3},"objective":{"type":"quadratic"},
    "rollout":{"dt_s":0.01,"segments":100},"optimiser":{"step":1}})",
          0.05,
          {0.4, 0.3, -0.2, 0.1}};
}

template <>
inline CaseNumbers case_of<DynamicCar>() {
  return {"dynamic_car",
          R"({"robot":"dynamic_car",
    "model":{"friction_scale":0.9,"stiffness_scale":1.1,"integrator":"euler"},
    "reference":{"speed_m_per_s":2.4},"controller":{"type":"lqr"},
    "policy":{"type":"linear_feedback","steps_per_segment":3},"objective":{"type":"quadratic"},
    "rollout":{"dt_s":0.01,"segments":60},"optimiser":{"step":1}})",
          0.05,
          {0.1, 0.3, -0.2, 2.1, 0.15, 0.4}};
}

template <>
inline CaseNumbers case_of<RigidBody>() {
  return {"rigid_body",
          R"({"robot":"rigid_body",
    "model":{"mass_scale":1.1,"inertia_scale":0.9},"plant":{"integrator":"euler"},
    "controller":{"type":"lqr"},"policy":{"type":"linear_feedback","steps_per_segment":3},
    "objective":{"type":"quadratic"},
    "rollout":{"dt_s":0.005,"segments":30},"optimiser":{"step":1}})",
          0.5,
          {0.02, -0.03, 0.3, 0.1, -0.15, 0.2, 0.3, -0.2, 0.1, 0.5, -0.4, 0.3}};
}

/// Its policy section is the rest of the scalar configs.
#define PHI_SCALAR_CASE(policy)                                                              \
  R"({"robot":"scalar","plant":{"a":1.3,"b":0.9},"model":{"a_error":0.07,"b_error":-0.05},)" \
  R"("objective":{"type":"quadratic","goal":0.3,"input_weight":0.2,"terminal_weight":1.7},)" \
  R"("rollout":{"dt_s":1,"segments":200},"optimiser":{"step":1},)" policy "}"

template <>
inline CaseNumbers case_of<ScalarSetpoint>() {
  return {"scalar_setpoint",
          PHI_SCALAR_CASE(R"("controller":{"type":"given","gain":0.6},
    "policy":{"type":"setpoint_feedback","setpoint":2,"feed_forward":0.1})"),
          0.1,
          {0.7}};
}

template <>
inline CaseNumbers case_of<ScalarTrajectory>() {
  return {"scalar_trajectory",
          PHI_SCALAR_CASE(R"("controller":{"type":"lqr_time_varying"},
    "policy":{"type":"trajectory","start":0.4})"),
          0.3,
          {0.7}};
}

template <>
inline CaseNumbers case_of<ScalarOpenLoop>() {
  return {"scalar_open_loop",
          R"({"robot":"scalar","plant":{"a":0.9,"b":0.9},"model":{"a_error":0.07,"b_error":-0.05},
    "policy":{"type":"open_loop"},
    "objective":{"type":"quadratic","goal":0.3,"input_weight":0.2,"terminal_weight":1.7},
    "rollout":{"dt_s":1,"segments":200},"optimiser":{"step":1}})",
          0.3,
          {0.7}};
}

template <>
inline CaseNumbers case_of<ScalarLinear>() {
  return {"scalar_linear",
          R"({"robot":"scalar","plant":{"a":1.3,"b":0.9},"model":{"a_error":0.005,"b_error":-0.01},
    "controller":{"type":"given","gain":0.35},"policy":{"type":"linear_feedback"},
    "objective":{"type":"quadratic","goal":0.3,"input_weight":0.2,"terminal_weight":1.7},
    "rollout":{"dt_s":1,"segments":200},"optimiser":{"step":1}})",
          0.001,
          {3.0}};
}

#undef PHI_SCALAR_CASE

using AllRobots =
    ::testing::Types<Car, CarCorrections, CarLapTable, CarOnOval, CarWithLearned,
                     DoublePendulumLearned, Go1, DoublePendulumSetpointNetwork,
                     DoublePendulumFeedForwardNetwork, DoublePendulumTrajectory,
                     DoublePendulumOpenLoop, DoublePendulumLinear, DynamicCar, RigidBody,
                     ScalarSetpoint, ScalarTrajectory, ScalarOpenLoop, ScalarLinear>;

struct RobotNames {
  template <class Robot>
  static std::string GetName(int /*index*/) {
    return case_of<Robot>().kernels;
  }
};

/// One robot's case made ready: fp64 on the CPU, one trajectory.
struct RobotCase {
  Experiment experiment;
  EngineSpec spec;
  BatchShape shape;
  std::vector<double> theta, start;
  double time;

  std::unique_ptr<Engine> engine() const {
    std::unique_ptr<Engine> e = Engine::create(spec, shape);
    e->set_policies(theta);
    e->set_plant(experiment.setup.plant);
    e->set_model(experiment.setup.model);
    return e;
  }
  std::unique_ptr<Engine> simulated() const {
    std::unique_ptr<Engine> e = engine();
    e->simulate(start, {time});
    return e;
  }
};

template <class Robot>
RobotCase robot_case() {
  const CaseNumbers numbers = case_of<Robot>();
  RobotCase c;
  c.experiment = read_experiment(parse_json(numbers.config, "case"), "case");
  if (c.experiment.setup.learned_model) {  // as if it had been fitted to something
    std::vector<double>& pack = c.experiment.setup.model;
    pack = random_numbers(9, 0, pack.size(), -0.5, 0.5);
    for (std::size_t i = pack.size() - 2; i < pack.size(); ++i) pack[i] *= 60;  // scales of rates
  }
  const RobotSetup& setup = c.experiment.setup;
  c.shape.segments = c.experiment.common.rollout.segments;
  c.shape.steps_per_segment = setup.steps_per_segment;
  c.shape.dt = c.experiment.common.rollout.dt_s;
  c.spec.kernels = setup.kernels;
  c.spec.precision = "double";
  c.spec.backend = "cpu";
  c.spec.threads = 1;
  c.spec.plant_integrator = setup.plant_integrator;
  c.spec.model_integrator = setup.model_integrator;
  c.spec.policy = setup.policy;
  c.spec.objective = setup.objective;
  c.spec.schedule = setup.schedule;
  const auto np = static_cast<std::size_t>(Robot::Policy::Head::parameters(c.shape.segments));
  RandomStream stream(7, Draw::policy, 0, 0);
  c.theta = setup.initial_policy(stream, static_cast<int>(np));
  c.theta.resize(np, 0.0);
  const std::vector<double> noise =
      random_numbers(8, 0, np, -numbers.theta_noise, numbers.theta_noise);
  for (std::size_t i = 0; i < np; ++i) c.theta[i] += noise[i];
  c.time = setup.lap_s > 0 ? 0.13 * setup.lap_s : 0.0;
  c.start = numbers.start.empty() ? setup.on_task(c.time) : numbers.start;
  if (numbers.start.empty()) {
    c.start[0] += 0.07;
    c.start[1] -= 0.05;
    c.start[2] += 0.11;
    c.start[3] += 0.09;
  }
  return c;
}

}  // namespace phigrad
