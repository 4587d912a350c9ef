// What the report of a study shows of its cells' training.
#pragma once

#include <string>
#include <vector>

#include "host/report/figures.hpp"
#include "host/study/study.hpp"

namespace phigrad {

/// Training cost, path error and gradient's norm over the iterations: a figure for the cells that
/// differ in the last axis only, of six at most; with the reference's costs, dashed.
std::vector<CurvesFigure> training_figures(const StudyPlan& plan,
                                           const std::vector<nlohmann::ordered_json>& rows);

/// The evaluation's paths before and after training, of the first seed: a figure a cell, of six
/// cells at most. Empty where nothing moves in the plane.
struct CellPaths {
  std::string id, title;
  Path task;
  std::vector<Path> driven;
};
std::vector<CellPaths> training_paths(const StudyPlan& plan,
                                      const std::vector<nlohmann::ordered_json>& rows);

/// The same frame by frame, of robots with joints.
std::vector<FilmStrip> training_films(const StudyPlan& plan,
                                      const std::vector<nlohmann::ordered_json>& rows);

/// A row's states [_, nx] of a rollout, up to where it left the numbers.
std::vector<double> finite_states(const RobotSetup& setup, const nlohmann::ordered_json& states);

/// Costs at the shown iterations as a table, beside the reference's.
std::string training_section(const StudyPlan& plan,
                             const std::vector<nlohmann::ordered_json>& rows);

}  // namespace phigrad
