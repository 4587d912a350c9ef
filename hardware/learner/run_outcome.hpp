// What a finished or interrupted live run leaves behind and prints.
#pragma once

#include <string>

#include "host/experiment/run_report.hpp"
#include "host/experiment/training.hpp"
#include "host/store/run_store.hpp"

namespace phigrad {

/// runs/<name>-<UTC time>, with a number where that is taken.
std::string fresh_run_directory(const std::string& name);

/// How a live run goes on.
std::string learn_resume_command(const RunStore& store);

/// Writes summary.json and report.html, and prints a summary: one JSON object on stdout where
/// `json`, lines for people otherwise.
void write_outcome(const Experiment& experiment, RunStore& store, const TrainingResult& result,
                   double wall_s, bool json);

}  // namespace phigrad
