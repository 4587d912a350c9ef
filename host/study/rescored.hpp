// What learned policies are worth under other settings than they learned with
// (study.training.rescore).
#pragma once

#include <string>
#include <vector>

#include "host/study/sweep.hpp"

namespace phigrad {

/// Costs and path errors [seeds] under the settings of `with`, before training and after, of
/// rollouts as the iteration after the last would draw them; path errors are NaN where the task has
/// no path. States [S·K + 1, nx] are those of the first seed's first rollout.
struct Rescored {
  std::string with;  // assignments, "task.radius_m=1 task.lap_s=4"
  std::vector<double> cost_before, cost_after, path_error_before, path_error_after;
  std::vector<double> states_before, states_after;
};

/// Of policies [seeds, np] before and after their training in a cell, once for each of `rescore`.
std::vector<Rescored> rescored(const Cell& cell, const TrainingStudySettings& study,
                               const std::vector<double>& initial, const std::vector<double>& theta,
                               const std::string& backend);

}  // namespace phigrad
