// The view of live training on a terminal: a block that is drawn over and over, with the news above
// it. Elsewhere plain lines.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "hardware/learner/live_status.hpp"

namespace phigrad {

/// The block: a line for the iteration, one for its numbers, one a robot. No control characters.
std::vector<std::string> monitor_lines(const LiveStatus& status);

class Monitor {
 public:
  using Clock = std::chrono::steady_clock;

  /// Draws on `out`, with ANSI sequences where `terminal`.
  Monitor(std::FILE* out, bool terminal) : out_(out), terminal_(terminal) {}

  /// Prints the news, which are then gone from `status`, and the block where it is time for it: ten
  /// times a second on a terminal; elsewhere on change, every five seconds at most.
  void show(LiveStatus& status, Clock::time_point now = Clock::now());

  /// Prints the news and the block a last time and leaves them standing.
  void finish(LiveStatus& status);

 private:
  void draw(LiveStatus& status);

  std::FILE* out_;
  bool terminal_;
  Clock::time_point last_{};
  std::size_t drawn_ = 0;   // lines of the block on the terminal
  std::string last_block_;  // on record
};

}  // namespace phigrad
