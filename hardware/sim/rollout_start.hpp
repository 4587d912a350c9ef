// How a rollout gets its start.
#pragma once

#include <cstdint>

namespace phigrad {

/// What a robot that can be put somewhere is beside its Driver. For the control thread.
class RolloutStart {
 public:
  virtual ~RolloutStart() = default;

  /// Puts the robot where rollout `index` (from 0) starts; the next measurement shows it there.
  /// Returns the task time at the start, s.
  virtual double prepare(std::uint64_t index) noexcept = 0;
};

}  // namespace phigrad
