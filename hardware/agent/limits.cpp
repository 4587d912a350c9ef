#include "hardware/agent/limits.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

void require(bool sound, const char* problem, const std::string& place, const char* remedy) {
  if (!sound) throw Error(Exit::input, problem, place, remedy);
}

void require_sound(const ChannelLimit& channel, const std::string& place) {
  require(std::isfinite(channel.low) && std::isfinite(channel.high) &&
              std::isfinite(channel.high - channel.low) && channel.low < channel.high,
          "the range of commands is empty or not finite", place, "give a low below a high");
  require(channel.neutral >= channel.low && channel.neutral <= channel.high,
          "neutral is outside the range of commands", place, "give a neutral in [low, high]");
  require(channel.slew_per_s > 0, "the slew limit is not positive", place,
          "give a rate above 0, in units/s");
  require(channel.stop_slew_per_s >= channel.slew_per_s,
          "a stop would be slower than an ordinary command", place,
          "give a stop slew of at least the slew limit");
}

}  // namespace

CommandLimits::CommandLimits(const std::vector<ChannelLimit>& channels, double period_s)
    : inputs_(static_cast<int>(channels.size())) {
  require(!channels.empty() && channels.size() <= std::size_t{most_inputs},
          "the number of channels is not from 1 to 16", "command limits", "give one per input");
  require(period_s > 0 && period_s <= 1, "the control period is not sound", "command limits",
          "give a period above 0 s and at most 1 s");
  for (std::size_t i = 0; i < channels.size(); ++i) {
    require_sound(channels[i], "command limits, channel " + std::to_string(i));
    channels_[i] = channels[i];
    most_[i] = channels[i].slew_per_s * period_s;
    stop_most_[i] = channels[i].stop_slew_per_s * period_s;
  }
  reset();
}

LimitReport CommandLimits::command(const double* wanted, double* out) noexcept {
  LimitReport report;
  for (int i = 0; i < inputs_; ++i) report.non_finite |= !std::isfinite(wanted[i]);
  if (report.non_finite) {
    stop(out);
    return report;
  }
  for (int i = 0; i < inputs_; ++i) {
    const ChannelLimit& channel = channels_[static_cast<std::size_t>(i)];
    const double target = std::clamp(wanted[i], channel.low, channel.high);
    const std::uint32_t bit = std::uint32_t{1} << i;
    if (target != wanted[i]) report.clamped |= bit;
    out[i] = move(i, target, most_[static_cast<std::size_t>(i)]);
    if (out[i] != target) report.slewed |= bit;
  }
  return report;
}

void CommandLimits::stop(double* out) noexcept {
  for (int i = 0; i < inputs_; ++i) {
    const auto k = static_cast<std::size_t>(i);
    out[i] = move(i, channels_[k].neutral, stop_most_[k]);
  }
}

double CommandLimits::move(int i, double target, double most) noexcept {
  const auto k = static_cast<std::size_t>(i);
  const double last = last_[k];
  const double step = target - last;
  double u = target;
  // Between the two for certain: a rounding might step over the end of the range.
  if (!(std::abs(step) <= most)) {
    u = std::clamp(last + std::copysign(most, step), std::min(last, target),
                   std::max(last, target));
  }
  // Holds whatever came before it, a corrupted memory of the last command included.
  if (!(u >= channels_[k].low && u <= channels_[k].high)) u = channels_[k].neutral;
  return last_[k] = u;
}

bool CommandLimits::at_neutral() const noexcept {
  for (std::size_t i = 0; i < static_cast<std::size_t>(inputs_); ++i) {
    if (last_[i] != channels_[i].neutral) return false;
  }
  return true;
}

void CommandLimits::reset() noexcept {
  for (std::size_t i = 0; i < channels_.size(); ++i) last_[i] = channels_[i].neutral;
}

}  // namespace phigrad
