// Whether a change of the config would calm a growing loop: tried, not guessed.
#pragma once

#include "host/diagnosis/evidence.hpp"

namespace phigrad {

/// Where a loop of `evidence` grows: half the time step, a discrete design of the gains on the
/// model, the model's other integrators; those alone that the robot has, each with the growth it
/// leads to over the same time under the policy before learning.
void try_remedies(const Experiment& experiment, Evidence& evidence);

}  // namespace phigrad
