// `phigrad agent CONFIG --learner ENDPOINT`.
#pragma once

#include <CLI/CLI.hpp>

namespace phigrad {

/// Adds the command to the app; its callback leaves the exit code in `exit_code`.
void add_agent(CLI::App& app, int& exit_code);

}  // namespace phigrad
