// Whether a change of the config would calm a growing loop: tried, not guessed.
#pragma once

#include "host/diagnosis/evidence.hpp"

namespace phigrad {

/// Where a loop of `evidence` grows: half the time step, a discrete design of the gains on the
/// model, the model's other integrators; those alone that the robot has, each with the growth it
/// leads to over the same time under the policy before learning.
void try_remedies(const Experiment& experiment, Evidence& evidence);

/// The experiment with those assignments. Throws Error(Exit::input) where it has no such keys.
Experiment changed(const Experiment& experiment, const std::vector<std::string>& set);

/// "--set rollout.dt_s=0.005 --set policy.steps_per_segment=20", for a shell.
std::string set_text(const std::vector<std::string>& set);

}  // namespace phigrad
