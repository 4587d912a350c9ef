// The section "agent" of a config: which robot is driven, and within which bounds.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "hardware/agent/pose_filter.hpp"
#include "hardware/agent/rollback.hpp"
#include "hardware/go1/go1_settings.hpp"
#include "hardware/jetracer/jetracer_settings.hpp"
#include "host/config/place.hpp"

namespace phigrad {

struct SimChoice {
  static constexpr const char* type = "sim";
  bool real_time = true;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("real_time", real_time, v.optional,
            "at the rate of rollout.dt_s; false: as fast as it goes");
  }
};

struct ReplayChoice {
  static constexpr const char* type = "replay";
  std::string log;
  int rollout = -1;
  bool real_time = true;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("log", log, v.required, "run directory or recording that is played", v.nonempty());
    v.field("rollout", rollout, v.optional,
            "which rollout of it, from 0; -1: all, one after the other", v.at_least(-1));
    v.field("real_time", real_time, v.optional,
            "at the rate of rollout.dt_s; false: as fast as it goes");
  }
};

struct PoseChoice {
  PoseFilterSettings filter;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("body", filter.body, v.optional,
            "id of the rigid body in the poses; empty: that of the first pose");
    v.field("velocity_s", filter.velocity_s, v.optional,
            "time constant of the velocity's low-pass, s; 0: none", v.between(0, 10));
    v.field("longest_gap_s", filter.longest_gap_s, v.optional,
            "gap between poses after which the velocity starts from 0, s", v.above(0));
    v.field("fastest_m_per_s", filter.fastest_m_per_s, v.optional,
            "a pose that would take a faster robot is dropped, m/s", v.above(0));
    v.choice("speed", filter.speed, {{"hypot", SpeedKind::hypot}, {"forward", SpeedKind::forward}},
             v.optional, "length of the velocity (the authors'), or its part along the heading");
  }
};

struct JetRacerChoice : JetRacerSettings {
  static constexpr const char* type = "jetracer";
  PoseChoice pose;

  template <class Visitor>
  void describe(Visitor& v) {
    JetRacerSettings::describe(v);
    v.section("pose", pose, "from poses to a state");
  }
};

struct Go1Choice : Go1Settings {
  static constexpr const char* type = "go1";
};

struct NoFence {
  static constexpr const char* type = "none";
  template <class Visitor>
  void describe(Visitor&) {}
};

struct CircleFence {
  static constexpr const char* type = "circle";
  std::vector<double> centre_m = {0, 0};
  double radius_m = 0;
  double margin_m = 0;
  double ahead_s = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("centre_m", centre_m, v.optional, "x, y of its centre, m", v.size(2));
    v.field("radius_m", radius_m, v.required, "its radius, m", v.above(0));
    v.field("margin_m", margin_m, v.optional, "from the tracked point to the fence, m",
            v.at_least(0));
    v.field("ahead_s", ahead_s, v.optional,
            "travel at the present velocity that stays inside, for braking, s", v.at_least(0));
  }
};

struct PolygonFence {
  static constexpr const char* type = "polygon";
  std::vector<double> x_m, y_m;
  double margin_m = 0;
  double ahead_s = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("x_m", x_m, v.required, "x of its 3 to 16 corners, in order, m", v.nonempty());
    v.field("y_m", y_m, v.required, "y of them, m", v.nonempty());
    v.field("margin_m", margin_m, v.optional, "from the tracked point to the fence, m",
            v.at_least(0));
    v.field("ahead_s", ahead_s, v.optional,
            "travel at the present velocity that stays inside, for braking, s", v.at_least(0));
  }

  void check(const Place& at) const {
    if (x_m.size() == y_m.size()) return;
    at.key("y_m").fail("as many y as x are needed", "give one for each corner");
  }
};

struct LimitChoice {
  std::vector<double> low, high, neutral, slew_per_s, stop_slew_per_s;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("low", low, v.required, "least command of each input, its unit", v.nonempty());
    v.field("high", high, v.required, "largest command of each input, its unit", v.nonempty());
    v.field("neutral", neutral, v.optional, "command at rest of each input; empty: 0");
    v.field("slew_per_s", slew_per_s, v.optional,
            "fastest change of each command, its unit/s; empty: no limit", v.above(0));
    v.field("stop_slew_per_s", stop_slew_per_s, v.optional,
            "the same for the stop at the end of a rollout; a trip does not wait", v.above(0));
  }
};

struct RollbackChoice : RollbackSettings {
  template <class Visitor>
  void describe(Visitor& v) {
    v.field("k", k, v.optional, "sigmas above the best cost that are still noise", v.at_least(0));
    v.field("m", m, v.optional, "worse rollouts in a row that end a policy",
            v.between(1, most_in_a_row));
    v.field("window", window, v.optional, "costs that the noise is estimated from",
            v.between(4, most_window));
    v.field("least_sigma", least_sigma, v.optional, "smallest noise believed, parts of the best",
            v.at_least(0));
  }
};

struct AgentSettings {
  std::variant<SimChoice, ReplayChoice, JetRacerChoice, Go1Choice> driver;
  LimitChoice limits;
  std::variant<NoFence, CircleFence, PolygonFence> geofence;
  double dead_man_s = 0;
  double link_dead_man_s = 1;
  double longest_period_s = 0;
  double rest_s = 0.5;
  int rollouts_per_policy = 0;
  double task_time_s = 0;
  std::optional<RollbackChoice> rollback;

  template <class Visitor>
  void describe(Visitor& v) {
    v.variant("driver", driver, v.required, "what is driven");
    v.section("limits", limits, "the last bounds on commands before the wire");
    v.variant("geofence", geofence, v.required, "where the robot may be");
    v.field("dead_man_s", dead_man_s, v.optional,
            "from the last measurement to neutral, s, at least two periods; 0: three periods",
            v.at_least(0));
    v.field("link_dead_man_s", link_dead_man_s, v.optional,
            "from the last sign of the link to neutral, s", v.above(0));
    v.field("longest_period_s", longest_period_s, v.optional,
            "between two commands in motion, s; more is a trip; 0: two periods", v.at_least(0));
    v.field("rest_s", rest_s, v.optional, "neutral between two rollouts, s", v.between(0, 3600));
    v.field("rollouts_per_policy", rollouts_per_policy, v.optional,
            "complete rollouts of each policy; 0: rollout.per_update", v.at_least(0));
    v.field("task_time_s", task_time_s, v.optional,
            "task time at the start of a real robot's rollout, s");
    v.section("rollback", rollback, "when the learner goes back to its best policy; null: never");
  }
};

}  // namespace phigrad
