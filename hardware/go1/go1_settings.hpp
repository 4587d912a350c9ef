// What a config says about a real Go1: where it is, how fast it may walk, how it walks.
#pragma once

#include <string>

#include "hardware/go1/high_level.hpp"
#include "hardware/go1/udp_peer.hpp"
#include "host/config/place.hpp"

namespace phigrad {

struct Go1Settings {
  // Bounds of the paper's controller; the robot's own are wider (trot: 1.1 m/s back, 4 rad/s).
  static constexpr double most_speed_m_per_s = 1;
  static constexpr double most_yaw_rate_rad_per_s = 3;
  // What the robot's maker allows.
  static constexpr double least_foot_raise_m = -0.06, most_foot_raise_m = 0.03;
  static constexpr double least_body_height_m = -0.13, most_body_height_m = 0.03;
  static constexpr double longest_answer_s = 60;

  std::string robot_host = "192.168.123.161";
  int robot_port = 8082;
  int local_port = 8090;
  double speed_cap_m_per_s = most_speed_m_per_s;
  double yaw_rate_cap_rad_per_s = most_yaw_rate_rad_per_s;
  Go1Gait gait = Go1Gait::trot;
  double foot_raise_m = 0;
  double body_height_m = 0;
  double answer_within_s = 2;
  int slowing_calls = 10;
  bool state_checksum = true;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("robot_host", robot_host, v.optional,
            "IPv4 address of the robot: 192.168.123.161 by cable, 192.168.12.1 over its Wi-Fi");
    v.field("robot_port", robot_port, v.optional, "UDP port of the robot's high-level service",
            v.between(1, 65535));
    v.field("local_port", local_port, v.optional, "UDP port of this side; 0: any free one",
            v.between(0, 65535));
    v.field("speed_cap_m_per_s", speed_cap_m_per_s, v.optional,
            "largest speed either way that leaves this machine, m/s",
            v.above(0).at_most(most_speed_m_per_s));
    v.field("yaw_rate_cap_rad_per_s", yaw_rate_cap_rad_per_s, v.optional,
            "largest yaw rate either way that leaves this machine, rad/s",
            v.above(0).at_most(most_yaw_rate_rad_per_s));
    v.choice("gait", gait,
             {{"trot", Go1Gait::trot},
              {"run", Go1Gait::run},
              {"stairs", Go1Gait::stairs},
              {"obstacle", Go1Gait::obstacle}},
             v.optional, "how the robot walks; trot is the paper's");
    v.field("foot_raise_m", foot_raise_m, v.optional,
            "how much higher than its own 0.09 m the robot lifts its feet, m",
            v.between(least_foot_raise_m, most_foot_raise_m));
    v.field("body_height_m", body_height_m, v.optional,
            "how much higher than its own 0.31 m the robot holds its body, m",
            v.between(least_body_height_m, most_body_height_m));
    v.field("answer_within_s", answer_within_s, v.optional,
            "how long the start waits for the robot's first state, s",
            v.above(0).at_most(longest_answer_s));
    v.field("slowing_calls", slowing_calls, v.optional,
            "periods of zero velocity between walking and idling, so that the robot idles at rest",
            v.between(1, 1000));
    v.field("state_checksum", state_checksum, v.optional,
            "refuse states with a wrong checksum; false for a robot that does not fill it in");
  }

  void check(const Place& at) const {
    if (!is_ipv4_address(robot_host)) {
      at.key("robot_host")
          .fail(shown(robot_host) + " is no IPv4 address",
                "write it in numbers, like 192.168.12.1");
    }
  }
};

}  // namespace phigrad
