// Errors that a user sees: problem, place and remedy in one line, and the process's exit code.
#pragma once

#include <stdexcept>
#include <string>

namespace phigrad {

/// Exit codes of the command line, also carried by every Error.
enum class Exit : int {
  ok = 0,
  usage = 2,    // the command line itself
  input = 3,    // a config, a log, a policy file, a run directory
  device = 4,   // the GPU or its driver
  robot = 5,    // a robot or the link to it
  safety = 6,   // a safety stop
  numeric = 7,  // a computation that cannot go on
};

/// One line for the user: what is wrong, where, and what to do about it.
class Error : public std::runtime_error {
 public:
  Error(Exit code, const std::string& problem, const std::string& place, const std::string& remedy)
      : std::runtime_error(problem + " [" + place + "]; " + remedy), code_(code) {}

  Exit code() const noexcept { return code_; }

 private:
  Exit code_;
};

}  // namespace phigrad
