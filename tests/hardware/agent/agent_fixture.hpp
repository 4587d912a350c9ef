// Policies for the experiments of the shipped configs.
#pragma once

#include <string>
#include <vector>

#include "host/experiment/evaluation.hpp"
#include "host/support/random.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad::testing {

/// The robot's initial policy, every parameter shifted a little: no output layer stays zero.
inline std::vector<double> policy_of(const Experiment& e, std::uint64_t seed,
                                     double spread = 0.02) {
  RandomStream initial(seed, Draw::policy, 0, 0);
  RandomStream shift(seed, Draw::test, 0, 0);
  std::vector<double> theta = e.setup.initial_policy(initial, policy_parameters(e));
  for (double& p : theta) p += shift.uniform(-spread, spread);
  return theta;
}

}  // namespace phigrad::testing
