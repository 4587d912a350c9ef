// The command line: `phigrad COMMAND …`.
#pragma once

namespace phigrad {

/// Runs one command and returns the process's exit code (see Exit; 130 after Ctrl-C). Errors go to
/// stderr in one line. Also the whole of main() for a program with robots of its own.
int run_command_line(int argc, char** argv);

}  // namespace phigrad
