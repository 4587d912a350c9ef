// Experiments out of the shipped configs, and policies for them.
#pragma once

#include <string>
#include <vector>

#include "host/config/json_document.hpp"
#include "host/config/overrides.hpp"
#include "host/experiment/evaluation.hpp"
#include "host/robots/registered.hpp"
#include "host/support/random.hpp"

namespace phigrad::testing {

inline Experiment experiment_of(const std::string& config,
                                const std::vector<std::string>& set = {}) {
  const std::string path = std::string(PHIGRAD_SOURCE_DIR) + "/configs/" + config + ".json";
  auto document = read_json(path);
  for (const std::string& assignment : set) apply_override(document, assignment);
  return read_experiment(document, path);
}

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
