#include "host/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "host/support/build_info.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr const char* footer =
    "Exit codes: 0 done · 2 usage · 3 config or input · 4 device · 5 robot or link · "
    "6 safety stop · 7 numeric failure · 130 interrupted, resumable";

int complain(const char* text, Exit code) {
  std::fprintf(stderr, "phigrad: %s\n", text);
  return static_cast<int>(code);
}

}  // namespace

int run_command_line(int argc, char** argv, const std::vector<AddCommand>& commands) {
  CLI::App app("Batched closed-loop simulation and policy gradients along real trajectories",
               "phigrad");
  app.set_version_flag("--version",
                       std::string(build_info().version) + " (" + build_info().commit + ")");
  app.footer(footer);
  int exit_code = 0;
  for (const AddCommand add : commands) add(app, exit_code);
  try {
    app.parse(argc, argv);
    if (app.get_subcommands().empty()) {
      throw Error(Exit::usage, "no command", "command line", "see `phigrad --help`");
    }
    return exit_code;
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    const std::string text = std::string(e.what()) + " [command line]; see `phigrad --help`";
    return complain(text.c_str(), Exit::usage);
  } catch (const Error& e) {
    return complain(e.what(), e.code());
  } catch (const std::bad_alloc&) {
    return complain("out of memory [this machine]; make the batch smaller", Exit::device);
  } catch (const std::exception& e) {
    const std::string text = std::string(e.what()) + " [phigrad itself]; please report this";
    return complain(text.c_str(), Exit::numeric);
  }
}

}  // namespace phigrad
