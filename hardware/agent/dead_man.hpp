// The dead man: how long the robot may move on data that nothing has renewed.
#pragma once

#include <cstdint>

#include "host/support/error.hpp"

namespace phigrad {

/// Watches one source of data (the pose; the learner's commands). Owned by the control thread,
/// which checks it once a period: expired() is true at the first check after which the next one
/// would come too late, so neutral is commanded no later than the limit after the last data.
///
/// Times are ns of a monotonic clock. As such a clock may yet stand still or go back (a suspended
/// machine, a faulty driver), the checks without data are counted too: each may have been a whole
/// period, and whichever of clock and count is the earlier decides.
class DeadMan {
 public:
  /// limit_ns: the longest time from the last data to neutral (3 periods of 50 Hz: 60 ms).
  /// check_every_ns: the longest time between two checks. The limit has to be at least twice that,
  /// else a single check without data would be too many. Throws Error(Exit::input).
  constexpr DeadMan(std::int64_t limit_ns, std::int64_t check_every_ns)
      : limit_ns_(limit_ns), check_every_ns_(check_every_ns) {
    if (check_every_ns <= 0 || limit_ns > longest_ns || check_every_ns > limit_ns / 2) {
      throw Error(Exit::input, "the dead man's limit does not fit the control period", "dead man",
                  "give a limit of at least two periods and at most an hour");
    }
  }

  /// Data of this time have come. A time in the future counts as now, once; data older than those
  /// already known change nothing.
  constexpr void feed(std::int64_t at_ns) noexcept {
    if (!fed_ || at_ns > fed_at_ns_) fed_at_ns_ = at_ns;
    fed_ = true;
  }

  /// The check of this period. True where neutral has to be commanded now; it stays true until
  /// data come, and is true before the first.
  constexpr bool expired(std::int64_t now_ns) noexcept {
    age_ns_ = lesser(age_ns_ + after(now_ns, last_check_ns_), longest_ns);
    if (fed_) age_ns_ = lesser(age_ns_, after(now_ns, fed_at_ns_));
    silent_checks_ = fed_ ? 0 : silent_checks_ + 1;
    fed_ = false;
    last_check_ns_ = now_ns;
    // Data came up to a period before the first check that saw them; the next check is one ahead.
    return age_ns_ + check_every_ns_ > limit_ns_ ||
           (silent_checks_ + 2) * check_every_ns_ > limit_ns_;
  }

  /// Age of the newest data at the last check by the clock, ns; at most an hour.
  constexpr std::int64_t age_ns() const noexcept { return age_ns_; }

  /// Expired until fed again, as after construction.
  constexpr void reset() noexcept {
    fed_ = false;
    age_ns_ = longest_ns;
  }

 private:
  static constexpr std::int64_t longest_ns = std::int64_t{3600} * 1000 * 1000 * 1000;

  /// How much `late` is after `early`, in [0, longest_ns] for any two times.
  static constexpr std::int64_t after(std::int64_t late, std::int64_t early) noexcept {
    if (late <= early) return 0;
    const std::uint64_t ns = static_cast<std::uint64_t>(late) - static_cast<std::uint64_t>(early);
    return ns < static_cast<std::uint64_t>(longest_ns) ? static_cast<std::int64_t>(ns) : longest_ns;
  }

  static constexpr std::int64_t lesser(std::int64_t a, std::int64_t b) noexcept {
    return a < b ? a : b;
  }

  std::int64_t limit_ns_;
  std::int64_t check_every_ns_;
  std::int64_t last_check_ns_ = 0;
  std::int64_t fed_at_ns_ = 0;
  std::int64_t age_ns_ = longest_ns;
  std::int64_t silent_checks_ = 0;
  bool fed_ = false;
};

}  // namespace phigrad
