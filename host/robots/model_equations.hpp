// A robot's model as identification needs it: one step with its derivatives at any parameters, and
// what the numbers of its parameter pack are called in a config.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace phigrad {

/// One step of a model at (x, u, p), matrices row-major.
struct ModelStep {
  std::vector<double> next;      // [nx]
  std::vector<double> J_next_p;  // [nx, np]
  std::vector<double> J_next_x;  // [nx, nx]
  std::vector<double> J_next_u;  // [nx, nu]
};

/// What least squares finds of a robot.
struct IdentifiedPack {
  std::vector<double> parameters;  // [np] of the model
  std::vector<double> offset;      // [nx] a second, of the states that may drift
  double delay_s = 0;              // of the inputs
};

/// A model whose step is linear in its parameters.
struct ModelEquations {
  std::vector<std::string> parameters;  // [np] keys in a config, in the pack's order
  std::string beside;                   // assignment that they need beside them; may be empty
  std::vector<int> offset_states;  // that may drift by a constant for which the model has no term
  std::vector<int> angles;         // states in rad, recorded wrapped or not
  /// The step of dt seconds; null: the robot has not given its equations.
  std::function<void(const double* x, const double* u, const double* p, double dt, ModelStep& out)>
      step;
};

}  // namespace phigrad
