// What a simulation is told of that which disturbs it (kernels/gradient/disturbance.hpp).
#pragma once

#include <cstdint>

#include "kernels/batch/rows.hpp"

namespace phigrad {

/// Which random numbers are a trajectory's own: those of this key, wherever they are drawn.
struct NoiseKey {
  std::uint32_t seed[2];           // low, high
  std::uint32_t index, iteration;  // of the trajectory
};

/// Numbers of a trajectory's faults: bias and standard deviation of what the policy sees of each
/// state, bias of each input, and the probability that a command is lost on its way to the plant.
constexpr int fault_numbers(int nx, int nu) { return 2 * nx + nu + 1; }

/// Which of a batch's disturbances are left to chance: what no trajectory has is not drawn.
struct LeftToChance {
  bool noise, sensor_noise, losses;
};

/// What disturbs a simulation.
template <class S>
struct DisturbanceView {
  const NoiseKey* keys;  // [slots]; null: nothing does
  Rows<S> deviation;     // [nx + nu], standard deviations of Gaussian noise of the next state's and
                         // the input's
  Rows<S> faults;        // [fault_numbers], null data: none
  int delay;             // steps that a command takes to the plant
  LeftToChance drawn;
};

}  // namespace phigrad
