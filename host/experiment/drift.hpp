// Numbers of a config that change while a run goes on: a battery that sags, tyres that wear, a gain
// that somebody turns up.
#pragma once

#include "host/robots/registered.hpp"

namespace phigrad {

/// The experiment as it is in an iteration, by rollout.drift: "key=from..to", linear from the first
/// iteration to the last, and beyond as in the last. Throws Error(Exit::input) where an entry is
/// not read so, or changes more than the packs of plant, model and policy.
Experiment drifted(const Experiment& experiment, int iteration);

}  // namespace phigrad
