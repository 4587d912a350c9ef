// The time that the agent lives in: the machine's, or one that a simulation steps.
#pragma once

#include <chrono>
#include <cstdint>

namespace phigrad {

/// Monotonic, ns.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::int64_t now_ns() const noexcept = 0;
};

/// The machine's: CLOCK_MONOTONIC.
class SteadyClock final : public Clock {
 public:
  std::int64_t now_ns() const noexcept override {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  }
};

/// Stands still until it is stepped. For one thread.
class SteppedClock final : public Clock {
 public:
  explicit SteppedClock(std::int64_t start_ns = 0) noexcept : now_ns_(start_ns) {}
  std::int64_t now_ns() const noexcept override { return now_ns_; }
  void step(std::int64_t by_ns) noexcept { now_ns_ += by_ns; }

 private:
  std::int64_t now_ns_;
};

}  // namespace phigrad
