// Iterative learning control (Arimoto, Kawamura, Miyazaki 1984): what a policy that is a table over
// the lap corrects, by the error that was left there.
#pragma once

#include <vector>

#include "host/engine/engine.hpp"
#include "host/experiment/cohort.hpp"
#include "host/experiment/rollout_source.hpp"

namespace phigrad {

/// Less the mean error at every entry's place, over the entry's scale, in `mean` [P, np]: a step of
/// gradient descent adds step · error to the setpoint. The error is that of position and velocity
/// to the task, gradient.lead_s after the entry's time, of the samples that windows cover.
void tracking_error(const Cohort& cohort, const Engine& engine, const RolloutSource& source,
                    Gradient& gradient);

}  // namespace phigrad
