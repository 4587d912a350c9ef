// What the page of a study says of policies that were scored again (study.training.rescore).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/study/training_figures.hpp"

namespace phigrad {

/// Their paths before training and after, six at most; empty where nothing moves in the plane.
std::vector<CellPaths> rescored_paths(const StudyPlan& plan,
                                      const std::vector<nlohmann::ordered_json>& rows);

/// Costs and path errors as a table; empty where nothing was scored again.
std::string rescored_section(const StudyPlan& plan,
                             const std::vector<nlohmann::ordered_json>& rows);

}  // namespace phigrad
