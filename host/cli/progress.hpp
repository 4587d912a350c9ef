// Progress of a run on stderr: one line that is rewritten on a terminal, plain lines otherwise.
#pragma once

#include <chrono>
#include <string>

#include "host/experiment/training.hpp"

namespace phigrad {

class Progress {
 public:
  explicit Progress(int first_iteration);
  void show(const IterationReport& report);
  /// Ends the rewritten line.
  void finish();

  /// Seconds since construction.
  double seconds() const;

 private:
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point last_shown_;
  int first_;
  bool terminal_;
  bool open_line_ = false;
};

/// "3.2 s", "4 min 10 s", "2 h 5 min".
std::string duration_text(double seconds);

}  // namespace phigrad
