// Progress of a run on stderr.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "host/experiment/training.hpp"

namespace phigrad {

/// A line on stderr: rewritten on a terminal, plain lines at some distance otherwise.
class ProgressLine {
 public:
  ProgressLine();

  /// Shows what text() gives if it is time again; `last`: in any case.
  void line(bool last, const std::function<std::string()>& text);
  /// Ends the rewritten line.
  void finish();

  /// Seconds since construction.
  double seconds() const;

 private:
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point last_shown_;
  bool terminal_;
  bool open_line_ = false;
};

/// Progress of training.
class Progress {
 public:
  explicit Progress(int first_iteration) : first_(first_iteration) {}
  void show(const IterationReport& report);
  void finish() { line_.finish(); }
  double seconds() const { return line_.seconds(); }

 private:
  ProgressLine line_;
  int first_;
};

/// "3.2 s", "4 min 10 s", "2 h 5 min".
std::string duration_text(double seconds);

}  // namespace phigrad
