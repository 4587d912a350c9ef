// What a policy lets through, and what its next step would bring.
#pragma once

#include <vector>

#include "host/diagnosis/evidence.hpp"

namespace phigrad {

/// |∂z/∂(output before its tanh)| of each decision component [nz], mean over the rollout's
/// segments, where the outputs are a network's: under theta, and with idle (zero) outputs, their
/// scale. Empty for other policies.
struct OutputSlopes {
  std::vector<double> now, idle;
};
OutputSlopes output_slopes(const Experiment& experiment, const std::vector<double>& theta,
                           const LoggedRollout& rollout);

/// Cost after steps of 0, 1, 4, 16 … 4^10 times `update`, over the same simulated rollouts.
LineOfCosts costs_along(const Experiment& experiment, const std::vector<double>& theta,
                        const std::vector<double>& update, int rollouts, int iteration);

}  // namespace phigrad
