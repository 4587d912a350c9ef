// Timing of calls, by Google Benchmark.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace phigrad {

struct Timing {
  std::vector<double> seconds;  // of a call, by repetition
  std::int64_t calls = 0;       // a repetition

  double median() const;
  double least() const;
  double most() const;
};

/// Wall time of call(set), whose sets rotate from one call to the next: so many repetitions after a
/// warm-up on every set, each of as many calls as fill a few milliseconds.
Timing time_calls(const std::string& name, int repetitions, std::size_t sets,
                  const std::function<void(std::size_t set)>& call);

}  // namespace phigrad
