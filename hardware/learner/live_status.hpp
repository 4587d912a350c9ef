// What a person who watches live training sees.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace phigrad {

/// A robot, and the rollout that it is sending.
struct RobotStatus {
  bool connected = false;
  bool driving = false;
  std::uint64_t rollout = 0;
  std::uint64_t policy_version = 0;
  std::uint64_t samples = 0, segments = 0;  // that came so far, without a gap
};

struct LiveStatus {
  std::string endpoint;
  int iteration = 0;  // in progress, from 0
  int iterations = 0;
  int collected = 0, wanted = 0;  // sound rollouts of the iteration in progress
  int segments = 0;               // of a rollout, as the config has it

  // Of the iteration before; NaN where there is none.
  double cost = std::numeric_limits<double>::quiet_NaN();
  double path_error = std::numeric_limits<double>::quiet_NaN();  // m
  double gradient_norm = std::numeric_limits<double>::quiet_NaN();

  std::map<std::string, RobotStatus> robots;  // all that were ever there, by name
  std::vector<std::string> news;              // lines that nobody has seen yet
};

}  // namespace phigrad
