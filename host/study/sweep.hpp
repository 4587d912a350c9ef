// The cells of a study: one experiment for each point of the sweep's grid.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/robots/registered.hpp"
#include "host/study/study_settings.hpp"

namespace phigrad {

struct Cell {
  int index;                    // from 0, the last axis fastest
  nlohmann::ordered_json keys;  // {"plant.a": 1.3, …}: what distinguishes it; labels for the keys
                                // of axes that have one
  Experiment experiment;
};

/// A study's config, read: the grid is whole before anything runs.
struct StudyPlan {
  std::string name;
  StudySettings settings;
  std::vector<Cell> cells;
  std::vector<std::size_t> axes;    // points of each
  nlohmann::ordered_json document;  // the config as it was read, with its overrides
};

/// "plant.a=1.3, rollout.segments=25", or "the only cell".
std::string cell_name(const Cell& cell);

/// A cell's experiment with one of study.training.rescore: "task.radius_m=1 task.lap_s=4". Throws
/// Error(Exit::input).
Experiment rescored_experiment(const Cell& cell, const std::string& assignments);

/// What a study's quantities can be drawn against: a swept key, with the keys of other axes held.
struct Abscissa {
  std::string key;
  std::vector<std::string> held;

  /// The held keys of a row and their values.
  nlohmann::ordered_json held_of(const nlohmann::ordered_json& keys) const;
};

/// One an axis at most: its first key that takes three different numbers or more, seeds aside.
std::vector<Abscissa> abscissae(const StudyPlan& plan);

/// Reads `document`, an experiment's config with the sections "sweep" and "study". The sweep is an
/// array of axes, {key: values, …}: an axis of one key is a dimension of the grid, the keys of one
/// axis run side by side. Values are an array, or {from, to, count, spacing: "linear" | "log"}. A
/// key "label.NAME" sets nothing: its values, texts, stand for the axis's keys in what is shown.
/// Throws Error(Exit::input) naming the axis, or the cell that cannot be built.
StudyPlan read_study(const nlohmann::ordered_json& document, const std::string& place);

}  // namespace phigrad
