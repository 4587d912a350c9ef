// A robot's plant by itself: stepped under given inputs, as the engine's rollouts step it.
#pragma once

#include <vector>

#include "host/robots/registered.hpp"
#include "kernels/entry/robot_kernels.hpp"

namespace phigrad {

class SimulatedPlant {
 public:
  /// Throws Error(Exit::input) where no kernels of the robot are built in.
  explicit SimulatedPlant(const Experiment& experiment);

  /// At rest in what is not seen, where it has such a state.
  void begin(const double* seen) noexcept;
  /// rollout.dt_s on, under u [nu].
  void step(const double* u) noexcept;
  /// What a policy sees of it [nx].
  const double* seen() const noexcept { return seen_.data(); }

 private:
  PlantFunctions<double> plant_;
  std::vector<double> pack_;
  double dt_;
  Integrator integrator_;
  std::vector<double> state_, seen_;
};

}  // namespace phigrad
