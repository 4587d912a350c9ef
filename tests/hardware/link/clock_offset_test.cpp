#include "hardware/link/clock_offset.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace phigrad::link {
namespace {

constexpr std::int64_t per_ms = 1'000'000;  // ns

/// Two clocks and a path between them; pings every 100 ms.
struct Simulation {
  std::mt19937 random{5905};
  std::int64_t ours = 0;              // ns, our clock
  std::int64_t skew = 0;              // theirs minus ours, ns, at time 0
  double drift = 0;                   // s/s
  std::int64_t least = 2 * per_ms;    // delay of one way
  std::int64_t asymmetry = 0;         // more on the way back
  std::int64_t jitter = 20 * per_ms;  // most, exponentially rare

  std::int64_t offset() const {
    return skew + static_cast<std::int64_t>(drift * static_cast<double>(ours));
  }
  std::int64_t delay() {
    const double uniform = static_cast<double>(random()) / 4294967296.0;
    return least + static_cast<std::int64_t>(static_cast<double>(jitter) * std::pow(uniform, 8));
  }
  PingTimes ping() {
    PingTimes t;
    t.sent = ours;
    ours += delay();
    t.received = ours + offset();
    ours += 50'000;
    t.answered = ours + offset();
    ours += delay() + asymmetry;
    t.came_back = ours;
    ours = t.sent + 100 * per_ms;
    return t;
  }
};

// Breaks when the estimate leaves the interval it states, or a step is seen where the delays were
// only long and unequal: ±10 s of skew, 100 ppm of drift, 200 ms more on one way.
TEST(ClockOffset, StaysWithinItsUncertainty) {
  for (const std::int64_t skew : {std::int64_t{10'000}, std::int64_t{-10'000}}) {
    for (const std::int64_t asymmetry : {std::int64_t{0}, std::int64_t{200}}) {
      Simulation simulation;
      simulation.skew = skew * per_ms;
      simulation.drift = 1e-4;
      simulation.asymmetry = asymmetry * per_ms;
      simulation.jitter = 400 * per_ms;
      ClockOffset clock;
      const double window_drift = 1e-4 * 16 * 100 * per_ms;  // what the oldest ping is off by
      for (int i = 0; i < 5000; ++i) {
        ASSERT_NE(clock.add(simulation.ping()), ClockOffset::Outcome::stepped) << i;
        const auto error = std::abs(*clock.offset_ns() - simulation.offset());
        ASSERT_LE(static_cast<double>(error),
                  static_cast<double>(clock.uncertainty_ns()) + window_drift + 2);
      }
      EXPECT_EQ(clock.steps(), 0U);
    }
  }
}

// Breaks when the estimate is an average, or the last ping's, and not that of the shortest trip.
TEST(ClockOffset, RestsOnTheShortestRoundTrip) {
  Simulation simulation;
  simulation.skew = 10'000 * per_ms;
  simulation.jitter = 300 * per_ms;
  ClockOffset clock;
  double worst = 0;
  for (int i = 0; i < 2000; ++i) {
    clock.add(simulation.ping());
    if (i < 16) continue;
    worst = std::max(worst, std::abs(static_cast<double>(*clock.offset_ns() - simulation.skew)));
  }
  EXPECT_LT(worst, 5 * per_ms);  // the mean error of a single ping is above 20 ms
}

// ST5. Breaks when a step of ±1 s is not flagged at the first ping after it, is flagged twice, or
// the estimate stays with the clock that was.
TEST(ClockOffset, FlagsAStep) {
  for (const std::int64_t step : {1000 * per_ms, -1000 * per_ms}) {
    Simulation simulation;
    simulation.skew = -10'000 * per_ms;
    simulation.jitter = 100 * per_ms;
    ClockOffset clock;
    for (int i = 0; i < 100; ++i) clock.add(simulation.ping());
    simulation.skew += step;
    EXPECT_EQ(clock.add(simulation.ping()), ClockOffset::Outcome::stepped);
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(clock.add(simulation.ping()), ClockOffset::Outcome::taken);
      const auto error = std::abs(*clock.offset_ns() - simulation.skew);
      EXPECT_LE(error, clock.uncertainty_ns() + 1);
    }
    EXPECT_EQ(clock.steps(), 1U);
  }
}

// Breaks when the bound is not the one stated: a step just below passes, one just above is flagged.
TEST(ClockOffset, KeepsToItsBound) {
  for (const std::int64_t beyond : {-1 * per_ms, 1 * per_ms}) {
    Simulation simulation;
    simulation.jitter = 0;
    ClockOffsetLimits limits;
    limits.step_bound_ns = 30 * per_ms;
    ClockOffset clock(limits);
    clock.add(simulation.ping());
    simulation.skew = 30 * per_ms + 2 * simulation.least + beyond;  // both uncertainties: 2 ms each
    const auto expected = beyond > 0 ? ClockOffset::Outcome::stepped : ClockOffset::Outcome::taken;
    EXPECT_EQ(clock.add(simulation.ping()), expected);
  }
}

// Breaks when a ping that left the window still rules.
TEST(ClockOffset, Forgets) {
  Simulation simulation;
  simulation.jitter = 0;
  ClockOffsetLimits limits;
  limits.window = 4;
  ClockOffset clock(limits);
  clock.add(simulation.ping());
  EXPECT_EQ(clock.uncertainty_ns(), 2 * per_ms);
  simulation.least = 20 * per_ms;
  for (int i = 0; i < 3; ++i) clock.add(simulation.ping());
  EXPECT_EQ(clock.uncertainty_ns(), 2 * per_ms);
  clock.add(simulation.ping());
  EXPECT_EQ(clock.uncertainty_ns(), 20 * per_ms);
}

// Breaks when times that cannot be, or would overflow (UBSan), are taken.
TEST(ClockOffset, RefusesImpossiblePings) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  ClockOffset clock;
  EXPECT_FALSE(clock.offset_ns().has_value());
  EXPECT_EQ(clock.uncertainty_ns(), 0);
  const PingTimes impossible[] = {
      {0, 5, 5, -1},             // back before it left
      {0, 5, 4, 10},             // answered before it was received
      {0, 5, 50, 10},            // held longer than it was away
      {0, 5, 5, 3000 * per_ms},  // too slow
      {least, 0, 0, most},       //
      {0, least, most, 0},       //
      {most, most, most, most},
      {least, least, least, least},
  };
  for (const PingTimes& times : impossible) {
    EXPECT_EQ(clock.add(times), ClockOffset::Outcome::refused);
  }
  EXPECT_EQ(clock.refused(), 8U);
  EXPECT_FALSE(clock.offset_ns().has_value());
  constexpr std::int64_t far = (std::int64_t{1} << 60) - 1;
  EXPECT_EQ(clock.add({-far, far, far, -far}), ClockOffset::Outcome::taken);
  EXPECT_EQ(*clock.offset_ns(), 2 * far);
  EXPECT_EQ(clock.add({far, -far, -far, far}), ClockOffset::Outcome::stepped);
}

}  // namespace
}  // namespace phigrad::link
