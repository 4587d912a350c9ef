// SA2: nothing out of range and nothing that is not finite reaches the wire.
#include "hardware/agent/limits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/hardware/agent/expect_error.hpp"
#include "tests/support/special_values.hpp"

namespace phigrad {
namespace {

using testing::input_error_of;

constexpr double period_s = 0.02;

/// Throttle and steer of a car: [-0.25, 0.75] with neutral 0.05, and [-1, 1].
std::vector<ChannelLimit> car() { return {{-0.25, 0.75, 0.05, 5, inf}, {-1, 1, 0, 20, 40}}; }

class Fuzz {
 public:
  explicit Fuzz(std::uint64_t seed) : random_(seed) {}

  double uniform(double low, double high) {
    return low + (high - low) * static_cast<double>(random_() >> 11) * 0x1p-53;
  }

  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  /// Sound settings of any magnitude.
  ChannelLimit channel() {
    const double width = std::pow(10.0, uniform(-12, 12));
    const double low = uniform(-3, 2) * width;
    ChannelLimit channel;
    channel.low = low;
    channel.high = low + std::max(uniform(0, 2) * width, 1e-3 * width);
    channel.neutral = below(4) == 0 ? low : uniform(low, channel.high);
    channel.slew_per_s = below(4) == 0 ? inf : width * std::pow(10.0, uniform(-3, 3));
    channel.stop_slew_per_s = below(2) == 0 ? inf : channel.slew_per_s * uniform(1, 10);
    return channel;
  }

  /// A command as a broken policy might give it: mostly near the range, sometimes any bits at all.
  double command(const ChannelLimit& channel) {
    const double edge = below(2) == 0 ? channel.low : channel.high;
    switch (below(32)) {
      case 0:
        return below(2) == 0 ? inf : -inf;
      case 1:
        return nan;
      case 2:
        return std::nextafter(edge, below(2) == 0 ? inf : -inf);
      case 3:
        return edge;
      case 4:
        return std::numeric_limits<double>::denorm_min();
      case 5:
        return below(2) == 0 ? 1.7976931348623157e308 : -1.7976931348623157e308;
      case 6: {
        const std::uint64_t bits = random_();
        double any = 0;
        std::memcpy(&any, &bits, sizeof any);
        return any;
      }
      default:
        return uniform(1.5 * channel.low - 0.5 * channel.high,
                       1.5 * channel.high - 0.5 * channel.low);
    }
  }

 private:
  std::mt19937_64 random_;
};

struct Tally {
  int bad_range = 0;   // out of [low, high], or not finite
  int bad_slew = 0;    // faster than allowed
  int bad_stop = 0;    // a stop that did not go towards neutral, or not as fast as it may
  int bad_report = 0;  // a violation not reported, or one that was none
  int held_back = 0;   // a command in reach that did not come out as it was asked for
  int passed = 0;      // commands in reach
  int not_finite = 0;  // channels asked for something that is not finite
};

/// `commands` commands of two channels against the card: range, slew, stop. Settings change every
/// 500 commands, with the limits then in their first state; resets and stops come at random.
Tally fuzz(int commands, std::uint64_t seed) {
  Fuzz random(seed);
  Tally tally;
  std::vector<ChannelLimit> channels = car();
  CommandLimits limits(channels, period_s);
  double last[2] = {channels[0].neutral, channels[1].neutral};
  double dt = period_s;
  for (int n = 0; n < commands; ++n) {
    if (n % 500 == 499) {
      channels = {random.channel(), random.channel()};
      dt = random.uniform(1e-4, 1);
      limits = CommandLimits(channels, dt);
    }
    if (n % 500 == 499 || random.below(64) == 0) {
      limits.reset();
      for (int i = 0; i < 2; ++i) last[i] = channels[static_cast<std::size_t>(i)].neutral;
    }
    const bool stop = random.below(16) == 0;
    double wanted[2] = {random.command(channels[0]), random.command(channels[1])};
    const bool broken = !std::isfinite(wanted[0]) || !std::isfinite(wanted[1]);
    tally.not_finite += (std::isfinite(wanted[0]) ? 0 : 1) + (std::isfinite(wanted[1]) ? 0 : 1);
    double out[2] = {nan, nan};
    if (stop) {
      limits.stop(out);
    } else {
      tally.bad_report += limits.command(wanted, out).non_finite != broken ? 1 : 0;
    }
    for (std::size_t i = 0; i < 2; ++i) {
      const ChannelLimit& c = channels[i];
      const bool in_range = std::isfinite(out[i]) && out[i] >= c.low && out[i] <= c.high;
      tally.bad_range += in_range ? 0 : 1;
      const double most = dt * (stop || broken ? c.stop_slew_per_s : c.slew_per_s);
      const double rounding = 4e-16 * (std::abs(last[i]) + std::abs(out[i]));
      const double moved = std::abs(out[i] - last[i]);
      tally.bad_slew += moved <= most * (1 + 1e-15) + rounding ? 0 : 1;
      const double target = stop || broken ? c.neutral : wanted[i];
      const double away = std::abs(target - last[i]);
      if (stop || broken) {
        const double due = std::min(away, most);
        tally.bad_stop += moved >= due * (1 - 1e-15) - rounding &&
                                  std::abs(out[i] - target) <= away - due + rounding
                              ? 0
                              : 1;
      } else if (wanted[i] >= c.low && wanted[i] <= c.high && away < most * (1 - 1e-15)) {
        ++tally.passed;
        tally.held_back += out[i] == wanted[i] ? 0 : 1;
      }
      last[i] = out[i];
    }
  }
  return tally;
}

void expect_clean(const Tally& tally, int commands) {
  EXPECT_EQ(tally.bad_range, 0);
  EXPECT_EQ(tally.bad_slew, 0);
  EXPECT_EQ(tally.bad_stop, 0);
  EXPECT_EQ(tally.bad_report, 0);
  EXPECT_EQ(tally.held_back, 0);
  EXPECT_GT(tally.passed, commands / 20);  // else the limits could be holding everything neutral
  EXPECT_GT(tally.not_finite, commands / 20);
}

// Breaks when a single one of 10^5 fuzzed commands, with fuzzed settings, gets past a limit.
TEST(CommandLimits, NoneOfManyFuzzedCommandsGetsPast) {
  expect_clean(fuzz(100'000, 20240901), 100'000);
}

// The figure of SA2: 10^7. Breaks as above.
TEST(CommandLimits, NoneOfTenMillionFuzzedCommandsGetsPast_slow) {
  expect_clean(fuzz(10'000'000, 7), 10'000'000);
}

// Breaks when saturating is taken for a violation, or the masks name the wrong channel.
TEST(CommandLimits, SaysWhatItDid) {
  CommandLimits limits(car(), period_s);
  double u[2] = {0.06, 7};
  LimitReport report = limits.command(u, u);
  EXPECT_FALSE(report.non_finite);
  EXPECT_EQ(report.clamped, 2u);
  EXPECT_EQ(report.slewed, 2u);
  EXPECT_EQ(u[0], 0.06);
  EXPECT_DOUBLE_EQ(u[1], 20 * period_s);
  u[0] = -1;
  u[1] = 0.5;
  report = limits.command(u, u);
  EXPECT_EQ(report.clamped, 1u);
  EXPECT_EQ(report.slewed, 1u);
  EXPECT_DOUBLE_EQ(u[0], 0.06 - 5 * period_s);
  EXPECT_EQ(u[1], 0.5);
}

// Breaks when one broken channel leaves the other one driving, or neutral waits for a slew limit.
TEST(CommandLimits, OneBrokenChannelStopsAll) {
  for (const double broken : {nan, inf, -inf}) {
    CommandLimits limits(car(), period_s);
    double u[2] = {0.75, 1};
    for (int i = 0; i < 10; ++i) {
      double wanted[2] = {0.75, 1};
      limits.command(wanted, u);
    }
    ASSERT_EQ(u[0], 0.75);
    ASSERT_EQ(u[1], 1);
    EXPECT_FALSE(limits.at_neutral());
    double wanted[2] = {0.75, broken};
    EXPECT_TRUE(limits.command(wanted, u).non_finite);
    EXPECT_EQ(u[0], 0.05);                      // at once
    EXPECT_DOUBLE_EQ(u[1], 1 - 40 * period_s);  // as fast as this channel may
    limits.stop(u);
    EXPECT_EQ(u[1], 0);
    EXPECT_TRUE(limits.at_neutral());
  }
}

// Breaks when a stop is held back by the slew limit of ordinary commands: with default settings it
// is done in one period, from anywhere.
TEST(CommandLimits, AStopIsDoneAtOnce) {
  CommandLimits limits({{-1, 1, 0, 0.1}}, period_s);
  double u = 0;
  for (int i = 0; i < 1000; ++i) {
    const double wanted = 1;
    limits.command(&wanted, &u);
  }
  EXPECT_EQ(u, 1);
  limits.stop(&u);
  EXPECT_EQ(u, 0);
}

// Breaks when a reset leaves the memory of what was sent before.
TEST(CommandLimits, AResetStartsFromNeutral) {
  CommandLimits limits(car(), period_s);
  double u[2] = {0.1, 0.3};
  limits.command(u, u);
  limits.reset();
  EXPECT_TRUE(limits.at_neutral());
  u[0] = -0.25;
  limits.command(u, u);
  EXPECT_DOUBLE_EQ(u[0], 0.05 - 5 * period_s);
}

// Breaks when settings that cannot hold are taken, or the message does not name the channel.
TEST(CommandLimits, RefusesUnsoundSettings) {
  const ChannelLimit good;
  const auto refused = [&good](double ChannelLimit::*member, double value) {
    ChannelLimit bad = good;
    bad.*member = value;
    const std::string error = input_error_of([&] { CommandLimits limits({good, bad}, period_s); });
    EXPECT_NE(error.find("channel 1"), std::string::npos) << error;
  };
  for (const double low : {nan, -inf, 1.0, 2.0}) refused(&ChannelLimit::low, low);
  for (const double high : {nan, inf, -1.0}) refused(&ChannelLimit::high, high);
  for (const double neutral : {nan, -1.1, 1.1}) refused(&ChannelLimit::neutral, neutral);
  for (const double slew : {nan, 0.0, -1.0}) refused(&ChannelLimit::slew_per_s, slew);
  for (const double slew : {nan, 0.0, 1.0}) refused(&ChannelLimit::stop_slew_per_s, slew);
  for (const double dt : {nan, 0.0, -0.02, 1.1}) {
    input_error_of([&] { CommandLimits limits({good}, dt); });
  }
  input_error_of([] { CommandLimits limits({}, period_s); });
  input_error_of([&] { CommandLimits limits({17, good}, period_s); });
}

}  // namespace
}  // namespace phigrad
