// The command line: `phigrad COMMAND …`.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace CLI {
class App;
}

namespace phigrad {

class Ranks;

/// Adds a command to the app; its callback leaves the exit code in `exit_code`.
using AddCommand = void (*)(CLI::App& app, int& exit_code);

/// Runs one of the commands and returns the process's exit code (see Exit; 130 after Ctrl-C).
/// Errors go to stderr in one line.
int run_command_line(int argc, char** argv, const std::vector<AddCommand>& commands);

// The host's commands.
void add_train(CLI::App& app, int& exit_code);
void add_evaluate(CLI::App& app, int& exit_code);
void add_replay(CLI::App& app, int& exit_code);
/// make_ranks: the processes that share a study, &one_rank for this one alone.
void add_study(CLI::App& app, int& exit_code, std::unique_ptr<Ranks> (*make_ranks)());
/// count_allocations: calls of operator new so far; null where nothing counts them.
void add_bench(CLI::App& app, int& exit_code, std::int64_t (*count_allocations)());
void add_identify(CLI::App& app, int& exit_code);
void add_diagnose(CLI::App& app, int& exit_code);
void add_report(CLI::App& app, int& exit_code);
void add_robots(CLI::App& app, int& exit_code);
void add_info(CLI::App& app, int& exit_code);

}  // namespace phigrad
