#include "hardware/link/clock_offset.hpp"

#include <algorithm>
#include <cstdlib>

namespace phigrad::link {
namespace {

// Within it, sums and differences of four times cannot overflow.
constexpr std::int64_t far_ns = std::int64_t{1} << 60;

bool within_range(std::int64_t time) { return time > -far_ns && time < far_ns; }

}  // namespace

ClockOffset::ClockOffset(const ClockOffsetLimits& limits)
    : limits_(limits), samples_(std::max<std::size_t>(limits.window, 1)) {}

const ClockOffset::Sample& ClockOffset::best() const noexcept {
  return *std::min_element(
      samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(size_),
      [](const Sample& a, const Sample& b) { return a.round_trip < b.round_trip; });
}

ClockOffset::Outcome ClockOffset::add(const PingTimes& t) {
  const bool possible = within_range(t.sent) && within_range(t.received) &&
                        within_range(t.answered) && within_range(t.came_back);
  Sample sample;
  if (possible) {
    sample.round_trip = (t.came_back - t.sent) - (t.answered - t.received);
    sample.offset = ((t.received - t.sent) + (t.answered - t.came_back)) / 2;
  }
  if (!possible || t.answered < t.received || sample.round_trip < 0 ||
      sample.round_trip > limits_.max_round_trip_ns) {
    ++refused_;
    return Outcome::refused;
  }
  Outcome outcome = Outcome::taken;
  if (size_ > 0) {
    const Sample& known = best();
    const std::int64_t apart = std::abs(sample.offset - known.offset);
    const std::int64_t delays = (sample.round_trip + known.round_trip) / 2 + 1;
    if (apart - delays > limits_.step_bound_ns) {
      ++steps_;
      size_ = 0;
      next_ = 0;
      outcome = Outcome::stepped;
    }
  }
  samples_[next_] = sample;
  size_ = std::max(size_, next_ + 1);
  next_ = (next_ + 1) % samples_.size();
  return outcome;
}

std::optional<std::int64_t> ClockOffset::offset_ns() const noexcept {
  if (size_ == 0) return std::nullopt;
  return best().offset;
}

std::int64_t ClockOffset::uncertainty_ns() const noexcept {
  return size_ == 0 ? 0 : (best().round_trip + 1) / 2;
}

}  // namespace phigrad::link
