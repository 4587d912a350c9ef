// What a finished or interrupted run leaves behind and prints, whatever it learned from.
#pragma once

#include <string>

#include "host/experiment/run_report.hpp"
#include "host/experiment/training.hpp"
#include "host/store/run_store.hpp"

namespace phigrad {

/// 128 + SIGINT, as shells count.
inline constexpr int interrupted_code = 130;

/// runs/<name>-<UTC time>, with a number where that is taken.
std::string fresh_run_directory(const std::string& name);

/// Writes summary.json and report.html, and prints a summary: one JSON object on stdout where
/// `json`, lines for people otherwise. Returns the process's exit code: 0, or interrupted_code with
/// the command to go on with on stderr.
int write_outcome(const Experiment& experiment, RunStore& store, const TrainingResult& result,
                  double wall_s, bool json);

}  // namespace phigrad
