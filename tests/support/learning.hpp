// What training a shipped config is good for.
#pragma once

#include <utility>
#include <vector>

#include "host/cli/policy_file.hpp"
#include "host/experiment/cohort.hpp"
#include "host/experiment/evaluation.hpp"
#include "host/experiment/training.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {

/// The evaluation's cost under the first policy, and under the one that the config's training ends
/// with.
inline std::pair<double, double> evaluated_before_and_after(const Experiment& e) {
  const TemporaryDirectory folder;
  RunStore store = RunStore::create(folder.path() / "run", e.resolved.dump());
  TrainingOptions options;
  options.backend = "cpu";
  train(e, options, store);
  const int np = policy_parameters(e);
  const auto cost = [&](const std::vector<double>& theta) {
    return evaluate(e, theta, 1, "cpu", "double").cost[0];
  };
  return {cost(initial_policies({{&e}, 1}, np)),
          cost(load_policy((folder.path() / "run").string()))};
}

}  // namespace phigrad
