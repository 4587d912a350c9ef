// The double pendulum's tracking gains: written down, or from a Riccati equation of a design model.
#pragma once

#include <Eigen/Core>
#include <array>
#include <variant>
#include <vector>

#include "host/config/field_ref.hpp"
#include "host/config/place.hpp"
#include "models/double_pendulum/reference.hpp"

namespace phigrad {

/// What the designs have in common: the model they believe in, and the weights.
struct PendulumDesign {
  double mass_scale = 0.5;  // the authors design on half the mass, in every arm
  double length_scale = 1;
  std::array<double, 4> equilibrium{pi_v<double>, 0, 0, 0};
  std::array<double, 4> state_weights{250, 250, 10, 10};
  std::array<double, 2> input_weights{1, 1};
  double scale = 1;

  template <class Visitor>
  void describe_design(Visitor& v) {
    v.field("scale", scale, v.optional, "factor on the gains that are found");
    v.field("model_mass_scale", mass_scale, v.optional,
            "the design model's masses over the plant's", v.above(0));
    v.field("model_length_scale", length_scale, v.optional,
            "the design model's lengths over the plant's", v.above(0));
    v.field("state_weights", state_weights, v.optional,
            "diagonal of Q: 1/rad^2, 1/rad^2, s^2/rad^2, s^2/rad^2", v.at_least(0));
    v.field("input_weights", input_weights, v.optional, "diagonal of R, 1/(N m)^2", v.above(0));
  }
  template <class Visitor>
  void describe_equilibrium(Visitor& v) {
    v.field("equilibrium", equilibrium, v.optional,
            "where the design linearises, rad and rad/s; gravity is balanced there");
  }
};

struct ContinuousLqr : PendulumDesign {
  static constexpr const char* type = "lqr_continuous";
  template <class Visitor>
  void describe(Visitor& v) {
    describe_design(v);
    describe_equilibrium(v);
  }
};

/// Of the model's own step: rollout.dt_s and model.integrator.
struct DiscreteLqr : PendulumDesign {
  static constexpr const char* type = "lqr_discrete";
  template <class Visitor>
  void describe(Visitor& v) {
    describe_design(v);
    describe_equilibrium(v);
  }
};

/// Along the reference of a trajectory policy.
struct TimeVaryingLqr : PendulumDesign {
  static constexpr const char* type = "lqr_time_varying";
  std::array<double, 4> terminal_weights{250, 250, 10, 10};
  template <class Visitor>
  void describe(Visitor& v) {
    describe_design(v);
    v.field("terminal_weights", terminal_weights, v.optional,
            "diagonal of Q at the end: 1/rad^2, 1/rad^2, s^2/rad^2, s^2/rad^2", v.at_least(0));
  }
};

struct GivenGains {
  static constexpr const char* type = "given";
  Matrix gains;  // [2, 4]
  double scale = 1;
  template <class Visitor>
  void describe(Visitor& v) {
    v.field("scale", scale, v.optional, "factor on the gains");
    v.field("gains", gains, v.required, "K of u = -K x, one row a torque: N m/rad, N m s/rad",
            v.shape(2, 4));
  }
};

using PendulumController = std::variant<ContinuousLqr, DiscreteLqr, TimeVaryingLqr, GivenGains>;

/// What a design is made for.
struct PendulumDesignTask {
  PendulumParams plant;
  Integrator integrator;               // the model's
  double dt;                           // s
  const PendulumReference* reference;  // of a trajectory policy, else null
};

/// K [2, 4] of one equilibrium (one matrix), or of each step of the reference [slots].
/// Throws through `at` where a time-varying design has no reference, and Error(Exit::numeric) where
/// there are no such gains.
std::vector<Eigen::MatrixXd> design_gains(const PendulumController& controller,
                                          const PendulumDesignTask& task, const Place& at);

}  // namespace phigrad
