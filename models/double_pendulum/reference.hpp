// Reference motions of the double pendulum: states and the torques that go with them.
#pragma once

#include <array>
#include <variant>
#include <vector>

#include "host/config/field_ref.hpp"
#include "host/config/place.hpp"
#include "models/double_pendulum/parameters.hpp"

namespace phigrad {

struct PendulumReference {
  std::vector<PendulumState> states;   // [slots + 1]
  std::vector<PendulumInput> torques;  // [slots], N m
};

/// The model under given torques.
struct RolloutReference {
  static constexpr const char* type = "rollout";
  std::array<double, 4> start{5 * pi_v<double> / 8, 0, 0, 0};
  Matrix torques;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("start", start, v.optional, "start state, rad and rad/s");
    v.field("torques_N_m", torques, v.optional,
            "torques of every step, N m, or one row for all; empty: those that hold the start");
  }
};

/// From rest to rest along the joint angles' minimum-jerk path, with the model's inverse dynamics.
struct SwingReference {
  static constexpr const char* type = "swing";
  std::array<double, 2> from{5 * pi_v<double> / 8, 0};
  std::array<double, 2> to{pi_v<double>, 0};

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("from_rad", from, v.optional, "joint angles at the start, rad");
    v.field("to_rad", to, v.optional, "joint angles at the end, rad");
  }
};

using PendulumReferenceSettings = std::variant<RolloutReference, SwingReference>;

/// The reference over `slots` steps of dt seconds, for a model of those parameters and that
/// integrator. Throws through `at` where the torques do not fit.
PendulumReference make_reference(const PendulumReferenceSettings& settings,
                                 const PendulumParams& model, Integrator integrator, int slots,
                                 double dt, const Place& at);

}  // namespace phigrad
