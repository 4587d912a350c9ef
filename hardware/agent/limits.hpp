// The last thing before the wire: whatever is asked for, only finite commands within their range
// and slew limit come out.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace phigrad {

/// One input of the robot. All in that input's own unit, slew rates in units/s.
struct ChannelLimit {
  double low = -1;
  double high = 1;
  double neutral = 0;                                                // in [low, high]
  double slew_per_s = std::numeric_limits<double>::infinity();       // of commands; above 0
  double stop_slew_per_s = std::numeric_limits<double>::infinity();  // of a stop; >= slew_per_s
};

/// What the limits did to a command. Bit i of a mask belongs to channel i.
struct LimitReport {
  bool non_finite = false;    // a violation: some channel was NaN or infinite, all go to neutral
  std::uint32_t clamped = 0;  // out of range; a policy may saturate, so this alone is no violation
  std::uint32_t slewed = 0;   // held back by the slew limit
};

/// Owned by the control thread. It remembers what was last sent, so every command sent has to come
/// out of it, once a period.
class CommandLimits {
 public:
  static constexpr int most_inputs = 16;

  /// `period_s` (0 < s <= 1): the time between two commands. Throws Error(Exit::input) for settings
  /// that are not sound, naming the channel.
  CommandLimits(const std::vector<ChannelLimit>& channels, double period_s);

  int inputs() const noexcept { return inputs_; }  // nu

  /// wanted, out: [nu]; they may be the same array. One NaN or infinity shows that the policy as a
  /// whole is broken, so then all channels go to neutral as in stop().
  LimitReport command(const double* wanted, double* out) noexcept;

  /// Towards neutral at the stop's slew: at once unless the settings say otherwise. out: [nu].
  void stop(double* out) noexcept;

  /// Whether the last command sent was neutral on every channel.
  bool at_neutral() const noexcept;

  /// Forgets the last command. Only while the actuators are known to be neutral.
  void reset() noexcept;

 private:
  /// Moves channel i towards `target` by at most `most` and returns what to send.
  double move(int i, double target, double most) noexcept;

  std::array<ChannelLimit, most_inputs> channels_{};
  std::array<double, most_inputs> most_{};       // per period, in the input's unit
  std::array<double, most_inputs> stop_most_{};  // per period, in the input's unit
  std::array<double, most_inputs> last_{};       // what was sent
  int inputs_;
};

}  // namespace phigrad
