// One step of a robot's plant under a given input, as the engine's rollouts take it.
#pragma once

#include <string>

#include "kernels/entry/arguments.hpp"

namespace phigrad {

/// Takes x [nx] one step of dt seconds on, under u [nu], with the plant's pack.
using PlantStep = void (*)(double* x, const double* u, const double* pack, double dt,
                           Integrator integrator);

/// The step of the plant behind a bundle of kernels ("car"). Throws Error(Exit::input) where none
/// is built in: the kernels' table steps a plant only under its own policy.
PlantStep find_plant_step(const std::string& kernels);

}  // namespace phigrad
