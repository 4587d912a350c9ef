// `phigrad learn` and `phigrad keygen`.
#pragma once

#include <CLI/CLI.hpp>

namespace phigrad {

/// Each adds its command to the app; the callback leaves the exit code in `exit_code`.
void add_learn(CLI::App& app, int& exit_code);
void add_keygen(CLI::App& app, int& exit_code);

}  // namespace phigrad
