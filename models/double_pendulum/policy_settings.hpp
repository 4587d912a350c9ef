// The double pendulum's policies as configs write them.
#pragma once

#include <array>
#include <variant>
#include <vector>

#include "host/config/place.hpp"
#include "models/double_pendulum/reference.hpp"

namespace phigrad {

inline const std::vector<int> pendulum_hidden = {64, 64};

namespace detail {

template <class Visitor>
void describe_hidden(Visitor& v, std::vector<int>& hidden) {
  v.field("hidden", hidden, v.optional, "units of the two hidden layers", v.size(2));
}

inline void check_hidden(const std::vector<int>& hidden, const Place& at) {
  if (hidden == pendulum_hidden) return;
  at.key("hidden").fail("this build's network has hidden layers of 64 and 64 units",
                        "write [64, 64], or build a robot with another NetworkHead");
}

template <class Visitor>
void describe_steps(Visitor& v, int& steps_per_segment) {
  v.field("steps_per_segment", steps_per_segment, v.optional, "steps between decisions",
          v.between(1, 1000000));
}

}  // namespace detail

/// The paper's arm with the tracking controller.
struct SetpointNetworkSettings {
  static constexpr const char* type = "setpoint_network";
  std::vector<int> hidden = pendulum_hidden;
  int steps_per_segment = 10;
  std::array<double, 4> setpoint{pi_v<double>, 0, 0, 0};
  std::array<double, 4> setpoint_scales{pi_v<double>, pi_v<double>, 1, 1};
  double gain_scale = 0.5;

  template <class Visitor>
  void describe(Visitor& v) {
    detail::describe_hidden(v, hidden);
    detail::describe_steps(v, steps_per_segment);
    v.field("setpoint", setpoint, v.optional, "what is tracked before learning, rad and rad/s");
    v.field("setpoint_scales", setpoint_scales, v.optional,
            "largest corrections of the setpoint, rad and rad/s");
    v.field("gain_scale", gain_scale, v.optional,
            "largest corrections of K11, K22, K13, K24, over the nominal entries");
  }
  void check(const Place& at) const { detail::check_hidden(hidden, at); }
};

/// The paper's arm without it.
struct FeedForwardNetworkSettings {
  static constexpr const char* type = "feedforward_network";
  std::vector<int> hidden = pendulum_hidden;
  int steps_per_segment = 1;
  double duration_s = 3;
  std::array<double, 2> torque_scales{1, 1};
  std::array<double, 2> hold{5 * pi_v<double> / 8, 0};
  double hold_mass_scale = 0.5;

  template <class Visitor>
  void describe(Visitor& v) {
    detail::describe_hidden(v, hidden);
    detail::describe_steps(v, steps_per_segment);
    v.field("duration_s", duration_s, v.optional, "period of the network's clock inputs, s",
            v.above(0));
    v.field("torque_scales_N_m", torque_scales, v.optional,
            "largest corrections of the torques, N m");
    v.field("hold_rad", hold, v.optional,
            "joint angles at which the torques balance gravity before learning, rad");
    v.field("hold_mass_scale", hold_mass_scale, v.optional,
            "the masses believed in for that, over the plant's", v.above(0));
  }
  void check(const Place& at) const { detail::check_hidden(hidden, at); }
};

/// θ is the reference that time-varying or constant gains track.
struct TrajectorySettings {
  static constexpr const char* type = "trajectory";
  int steps_per_segment = 1;
  PendulumReferenceSettings reference = SwingReference{};

  template <class Visitor>
  void describe(Visitor& v) {
    detail::describe_steps(v, steps_per_segment);
    v.variant("reference", reference, v.optional,
              "feed-forward torques, and the states tracked before learning");
  }
};

/// θ is the torques.
struct OpenLoopSettings {
  static constexpr const char* type = "open_loop";
  int steps_per_segment = 1;
  PendulumReferenceSettings reference = SwingReference{};

  template <class Visitor>
  void describe(Visitor& v) {
    detail::describe_steps(v, steps_per_segment);
    v.variant("reference", reference, v.optional, "torques before learning");
  }
};

/// θ is the gains.
struct LinearFeedbackSettings {
  static constexpr const char* type = "linear_feedback";
  int steps_per_segment = 1;

  template <class Visitor>
  void describe(Visitor& v) {
    detail::describe_steps(v, steps_per_segment);
  }
};

using PendulumPolicySettings =
    std::variant<SetpointNetworkSettings, FeedForwardNetworkSettings, TrajectorySettings,
                 OpenLoopSettings, LinearFeedbackSettings>;

}  // namespace phigrad
