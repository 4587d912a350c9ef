// One rollout of the plant under given policies, without learning and without chance: biases and
// delays are there, noise is not.
#pragma once

#include <string>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/robots/registered.hpp"

namespace phigrad {

struct Evaluation {
  std::vector<double> cost;        // [P], summed over all samples
  std::vector<double> path_error;  // [P], m; NaN where the task has no path
  int steps = 0;                   // of each rollout
  Trajectory first;                // of policy 0
  std::string backend;             // what it ran on
};

/// Rolls the plant out from `evaluation` of the config under `theta` [P, np].
/// Throws Error(Exit::input) where theta does not fit the policy.
Evaluation evaluate(const Experiment& experiment, const std::vector<double>& theta, int policies,
                    const std::string& backend, const std::string& precision);

/// np of the experiment's policy.
int policy_parameters(const Experiment& experiment);

}  // namespace phigrad
