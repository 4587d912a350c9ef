// A config of every robot, by its type: a stable closed loop whose model and plant differ, no
// number of which sits on a special value.
#pragma once

#include <vector>

#include "models/car/car.hpp"
#include "models/double_pendulum/double_pendulum.hpp"
#include "models/dynamic_car/dynamic_car.hpp"
#include "models/go1/go1.hpp"
#include "models/rigid_body/rigid_body.hpp"
#include "models/scalar/scalar.hpp"

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

/// Task, model and policy of a car whose plant is the authors'; its scales are written once.
#define PHI_CAR_CASE(task, model, policy)                                                           \
  R"({"robot":"car","task":)" task R"(,"model":)" model                                             \
  R"(,"plant":{"accel_gain":11.25,"drag_per_m":0.55,"turn_gain_per_m":6.5,"turn_bias_per_m":0.1},)" \
  R"("controller":{"gains":{"ka":0.05,"kw":0.07}},"policy":{)" policy                               \
  R"(,"scales":[0.5,0.6,0.7,0.8,0.25,0.2,0.15,0.1,0.12,0.02]},)"                                    \
  R"("rollout":{"dt_s":0.02,"segments":42},"optimiser":{"step":1}})"

template <>
inline CaseNumbers case_of<Car>() {
  return {
      "car",
      PHI_CAR_CASE(R"({"type":"figure_eight"})", R"({"scale":0.8})", R"("type":"spline_network")"),
      0.1,
      {}};
}

template <>
inline CaseNumbers case_of<CarCorrections>() {
  return {"car_corrections",
          PHI_CAR_CASE(R"({"type":"figure_eight"})", R"({"scale":0.8})",
                       R"("type":"corrections","segment_s":0.11,"steps_per_segment":5)"),
          0.1,
          {}};
}

template <>
inline CaseNumbers case_of<CarLapTable>() {
  return {"car_lap_table",
          PHI_CAR_CASE(R"({"type":"figure_eight"})", R"({"scale":0.8})", R"("type":"lap_table")"),
          0.1,
          {}};
}

template <>
inline CaseNumbers case_of<CarOnOval>() {
  return {"car_oval",
          PHI_CAR_CASE(R"({"type":"oval","straight_m":1.7,"lap_s":5.1})", R"({"scale":0.8})",
                       R"("type":"spline_network")"),
          0.1,
          {}};
}

template <>
inline CaseNumbers case_of<CarWithLearned>() {
  return {
      "car_learned",
      PHI_CAR_CASE(R"({"type":"figure_eight"})", R"({"learned":{}})", R"("type":"spline_network")"),
      0.1,
      {}};
}

#undef PHI_CAR_CASE

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

}  // namespace phigrad
