// What a run consists of, as RunStore takes it and gives it back.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "host/store/array.hpp"

namespace phigrad {

/// The numbers of one policy (one seed) at one iteration. NaN means "not defined".
struct Metric {
  int policy = 0;
  double cost = std::numeric_limits<double>::quiet_NaN();           // objective's own unit
  double path_error = std::numeric_limits<double>::quiet_NaN();     // m
  double gradient_norm = std::numeric_limits<double>::quiet_NaN();  // cost per unit of theta
  double step = std::numeric_limits<double>::quiet_NaN();           // step size that was taken
};

/// One rollout with everything needed to compute its gradient again: `arrays` are those that
/// host/rollouts/stored_rollout.hpp names.
struct StoredRollout {
  int iteration = 0;
  int policy = 0;
  int rollout = 0;         // counted from 0 within (iteration, policy)
  std::string provenance;  // where it came from: "simulated", a log's name, a robot's identity
  std::map<std::string, Array> arrays;
};

/// One finished iteration: everything in it is committed together or not at all.
struct Iteration {
  int index = 0;  // consecutive from 0
  std::vector<Metric> metrics;
  Array policies;   // theta after this iteration's update, [P, np]
  Array optimiser;  // the optimiser's state after the update; empty if none
  std::vector<std::string> events;
  // Those that were not recorded one by one already; asked for one after the other, so that no
  // more than one is held.
  std::int64_t rollouts = 0;
  std::function<StoredRollout(std::int64_t)> rollout;
};

/// What training continues from.
struct Checkpoint {
  int iteration = 0;  // the last finished one
  Array policies;
  Array optimiser;
};

struct Event {
  int iteration = 0;  // the iteration in progress when it happened
  std::string utc;    // ISO 8601
  std::string text;
};

}  // namespace phigrad
