// SA1: no fresh data, and the robot is neutral within three periods.
#include "hardware/agent/dead_man.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>

#include "tests/hardware/agent/expect_error.hpp"

namespace phigrad {
namespace {

using testing::input_error_of;

constexpr std::int64_t ms = 1'000'000;  // ns
constexpr std::int64_t limit_ns = 60 * ms;
constexpr std::int64_t period_ns = 20 * ms;

/// What the agent's clock does; the true time of the simulation goes on regardless.
enum class Clock { good, stands_still, goes_back };

struct Cut {
  std::int64_t silent_ns = 0;  // from the last data to the check that says expired, true time
  bool false_alarm = false;    // expired while data came
  bool alive_again = false;    // not expired though nothing came
};

/// A control loop at 50 Hz and data at about 100 Hz that end at a random time. The clock misbehaves
/// from a random time on.
Cut simulate(Clock clock, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto between = [&random](std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
  };
  DeadMan dead_man(limit_ns, period_ns);
  const std::int64_t cut_ns = between(100 * ms, 300 * ms);
  const std::int64_t fault_ns = between(50 * ms, 350 * ms);
  std::int64_t offset_ns = between(-4'000'000'000'000'000'000, 4'000'000'000'000'000'000);
  bool faulty = false;
  const std::int64_t back_ns = between(1, 10'000 * ms);
  const auto read = [&](std::int64_t true_ns) {
    if (clock == Clock::good || true_ns < fault_ns) return true_ns + offset_ns;
    if (clock == Clock::stands_still) return fault_ns + offset_ns;
    if (!faulty) offset_ns -= back_ns;
    faulty = true;
    return true_ns + offset_ns;
  };

  Cut cut;
  std::int64_t data_ns = 0;
  std::int64_t next_data_ns = 0;
  bool expired = false;
  for (std::int64_t now_ns = 0; now_ns < 600 * ms; now_ns += between(15 * ms, period_ns)) {
    for (; next_data_ns <= now_ns && next_data_ns < cut_ns;
         next_data_ns += between(5 * ms, 15 * ms)) {
      data_ns = next_data_ns;
      dead_man.feed(read(data_ns));
    }
    const bool now_expired = dead_man.expired(read(now_ns));
    if (now_expired && !expired) {
      cut.false_alarm |= now_ns - data_ns <= period_ns;
      cut.silent_ns = now_ns - data_ns;
    }
    cut.alive_again |= expired && !now_expired;
    expired = now_expired;
  }
  if (!expired) cut.silent_ns = std::numeric_limits<std::int64_t>::max();
  return cut;
}

// Breaks when one of 10^4 random cuts is noticed later than 60 ms after the last data, or before
// two checks, at least 15 ms apart, have found nothing.
TEST(DeadMan, ExpiresInTimeAtEveryCut) {
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    const Cut cut = simulate(Clock::good, seed);
    ASSERT_LE(cut.silent_ns, limit_ns) << "cut " << seed;
    ASSERT_GE(cut.silent_ns, 30 * ms) << "cut " << seed;
    ASSERT_FALSE(cut.false_alarm || cut.alive_again) << "cut " << seed;
  }
}

// Breaks when a clock that stands still or goes back, before the cut or after, keeps the robot
// alive longer, or stops it while data come.
TEST(DeadMan, ABrokenClockNeverProlongsIt) {
  for (const Clock clock : {Clock::stands_still, Clock::goes_back}) {
    for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
      const Cut cut = simulate(clock, seed);
      ASSERT_LE(cut.silent_ns, limit_ns) << "cut " << seed << ", clock " << int(clock);
      ASSERT_FALSE(cut.false_alarm || cut.alive_again) << "cut " << seed << ", " << int(clock);
    }
  }
}

// Breaks when the robot is alive before anything has come, or after a reset.
TEST(DeadMan, IsExpiredUntilFed) {
  DeadMan dead_man(limit_ns, period_ns);
  EXPECT_TRUE(dead_man.expired(0));
  EXPECT_TRUE(dead_man.expired(period_ns));
  dead_man.feed(2 * period_ns - 1);
  EXPECT_FALSE(dead_man.expired(2 * period_ns));
  EXPECT_EQ(dead_man.age_ns(), 1);
  dead_man.feed(3 * period_ns);
  dead_man.reset();
  EXPECT_TRUE(dead_man.expired(3 * period_ns));
}

// Breaks when data that were old on arrival, or the same data again and again (a frozen tracker),
// count as fresh.
TEST(DeadMan, OldDataAreNotFresh) {
  DeadMan late(limit_ns, period_ns);
  late.feed(0);
  EXPECT_TRUE(late.expired(41 * ms));
  DeadMan frozen(limit_ns, period_ns);
  bool expired = false;
  for (int i = 0; i <= 2; ++i) {
    frozen.feed(0);
    EXPECT_FALSE(expired = frozen.expired(i * period_ns)) << i;
  }
  frozen.feed(0);
  EXPECT_TRUE(frozen.expired(3 * period_ns));
}

// Breaks when a packet that overtakes another makes what is known look older.
TEST(DeadMan, OrderOfArrivalDoesNotMatter) {
  DeadMan dead_man(limit_ns, period_ns);
  dead_man.feed(30 * ms);
  dead_man.feed(10 * ms);
  EXPECT_FALSE(dead_man.expired(35 * ms));
  EXPECT_EQ(dead_man.age_ns(), 5 * ms);
  dead_man.feed(20 * ms);
  EXPECT_FALSE(dead_man.expired(50 * ms));
  EXPECT_EQ(dead_man.age_ns(), 20 * ms);
}

// Breaks when data from the future, once, keep the robot alive for all the time until then.
TEST(DeadMan, DataFromTheFutureCountOnce) {
  DeadMan dead_man(limit_ns, period_ns);
  dead_man.feed(std::numeric_limits<std::int64_t>::max());
  int alive = 0;
  for (int i = 0; i < 100; ++i) alive += dead_man.expired(i * period_ns) ? 0 : 1;
  EXPECT_EQ(alive, 2);
}

// Breaks on an overflow at the ends of the clock's range (run under UBSan), or when a leap forward
// does not expire.
TEST(DeadMan, SurvivesLeapsOfTheClock) {
  constexpr std::int64_t first = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max();
  DeadMan dead_man(limit_ns, period_ns);
  dead_man.feed(first);
  EXPECT_FALSE(dead_man.expired(first));
  EXPECT_TRUE(dead_man.expired(last));
  EXPECT_TRUE(dead_man.expired(first));
  dead_man.feed(last);
  EXPECT_FALSE(dead_man.expired(last));
  for (int i = 0; i < 1000; ++i) dead_man.expired(i % 2 == 0 ? first : last);
  EXPECT_TRUE(dead_man.expired(last));
}

// Breaks when settings that a single late check would trip, or that never expire, are taken.
TEST(DeadMan, RefusesUnsoundSettings) {
  input_error_of([] { DeadMan(39 * ms, 20 * ms); });
  input_error_of([] { DeadMan(60 * ms, 0); });
  input_error_of([] { DeadMan(60 * ms, -20 * ms); });
  input_error_of([] { DeadMan(std::numeric_limits<std::int64_t>::max(), 20 * ms); });
  EXPECT_TRUE(DeadMan(40 * ms, 20 * ms).expired(0));
}

}  // namespace
}  // namespace phigrad
