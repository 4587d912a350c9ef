// What a robot's config comes down to: plain numbers for the engine, and a few functions.
#pragma once

#include <array>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/robots/ensemble.hpp"
#include "host/robots/model_equations.hpp"
#include "host/support/random.hpp"
#include "kernels/entry/arguments.hpp"

namespace phigrad {

struct RobotSetup {
  std::string kernels;  // bundle in the kernel registry
  Integrator plant_integrator = Integrator::euler;
  Integrator model_integrator = Integrator::euler;
  std::vector<double> plant, model;       // packs
  bool plant_has_own_state = false;       // see kernels/dynamics/plant_state.hpp
  std::vector<double> policy, objective;  // packs
  std::vector<double> schedule;           // [slots, n_schedule] for `slots`, or empty
  int steps_per_segment = 1;

  std::vector<std::string> states, inputs;  // names, in order
  std::vector<std::string> decisions;       // of the policy's decision z; empty: unnamed
  /// Initial parameters of one policy, drawn from the stream; `parameters` is np.
  std::function<std::vector<double>(RandomStream&, int parameters)> initial_policy;
  /// Layer sizes where the policy is a network, input first; empty otherwise.
  std::vector<int> network;

  /// State on the task at time t (s), and the task's period (s); null and 0 where there is none.
  std::function<std::vector<double>(double t)> on_task;
  double lap_s = 0;
  /// Distance of a state to the task's path, m; null where the task has no path.
  std::function<double(const double* state)> path_error;
  /// What moves in the plane, m, and the points it should reach, for pictures; null and empty where
  /// nothing does.
  std::function<std::array<double, 2>(const double* state)> position;
  std::vector<std::array<double, 2>> goals;
  /// Joints of a mechanism from its base to its tip, m, for pictures; null where there is none.
  std::function<std::vector<std::array<double, 2>>(const double* state)> joints;
  /// What `phigrad identify` regresses on.
  ModelEquations equations;
  /// Changes to the config under which the plant is the robot as it was identified.
  std::function<nlohmann::ordered_json(const IdentifiedPack&)> simulate_as;
  /// What learns the model, where the config asks for one that is learned.
  MakeModelFit learned_model;
  /// Scales of a policy that is a table over the lap: what iterative learning control fills in. Its
  /// columns correct x, y, vx, vy of the task; empty: another policy.
  std::vector<double> lap_table_scales;
  /// Whether the policy is constant corrections of the decision: what a redesign can write.
  bool is_constant_correction = false;
  /// The authors' recordings are of this robot's policy.
  bool reads_recordings = false;
};

}  // namespace phigrad
