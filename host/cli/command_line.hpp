// The command line: `phigrad COMMAND …`.
#pragma once

#include <vector>

namespace CLI {
class App;
}

namespace phigrad {

/// Adds a command to the app; its callback leaves the exit code in `exit_code`.
using AddCommand = void (*)(CLI::App& app, int& exit_code);

/// Runs one command, of the host's or of `more`, and returns the process's exit code (see Exit; 130
/// after Ctrl-C). Errors go to stderr in one line.
int run_command_line(int argc, char** argv, const std::vector<AddCommand>& more = {});

}  // namespace phigrad
