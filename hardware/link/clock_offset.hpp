// How far the other end's monotonic clock is from ours, from pings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace phigrad::link {

/// The four times of a ping and its pong, ns (RFC 5905, section 8: t1 to t4).
struct PingTimes {
  std::int64_t sent = 0;       // ping, our clock
  std::int64_t received = 0;   // ping, their clock
  std::int64_t answered = 0;   // pong, their clock
  std::int64_t came_back = 0;  // pong, our clock
};

struct ClockOffsetLimits {
  std::size_t window = 16;                         // pings that the estimate rests on, at least 1
  std::int64_t step_bound_ns = 50 * 1'000'000;     // above what drift does within a window
  std::int64_t max_round_trip_ns = 2'000'000'000;  // a ping that took longer says too little
};

/// The offset by the ping of the shortest round trip in a sliding window. Paths of unequal delay
/// shift it by at most half that round trip; the true offset lies within uncertainty_ns(). A clock
/// was set when two pings are further apart than both uncertainties and the bound allow: delay
/// alone, of whatever asymmetry, cannot do that. A step below that is not seen.
///
/// It serves logs, plots and the age of commands and poses. A rollout's order is that of its
/// sequence numbers, and its dt that of its own t_s: neither passes through this estimate.
class ClockOffset {
 public:
  enum class Outcome {
    taken,
    stepped,  // one of the two clocks was set: the estimate starts anew from this ping
    refused,  // impossible (a negative round trip, times beyond ±2^60 ns) or too slow
  };

  explicit ClockOffset(const ClockOffsetLimits& limits = {});

  Outcome add(const PingTimes& times);

  /// Theirs minus ours, ns. None before the first ping.
  std::optional<std::int64_t> offset_ns() const noexcept;

  /// Half the round trip that the estimate rests on, rounded up; 0 before the first ping.
  std::int64_t uncertainty_ns() const noexcept;

  std::uint64_t steps() const noexcept { return steps_; }
  std::uint64_t refused() const noexcept { return refused_; }

 private:
  struct Sample {
    std::int64_t offset = 0;
    std::int64_t round_trip = 0;
  };
  const Sample& best() const noexcept;

  ClockOffsetLimits limits_;
  std::vector<Sample> samples_;  // [window], the first size_ of them in use
  std::size_t size_ = 0;
  std::size_t next_ = 0;  // where the next one goes
  std::uint64_t steps_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace phigrad::link
