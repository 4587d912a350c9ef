// The JetRacer behind the Driver interface, on the register model of its chip.
#include "hardware/jetracer/jetracer_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "host/support/error.hpp"
#include "models/car/dynamics.hpp"
#include "tests/hardware/jetracer/model_bus.hpp"
#include "tests/support/special_values.hpp"

namespace phigrad {
namespace {

using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

static_assert(int{JetRacerDriver::throttle} == int{CarDynamics::throttle});
static_assert(int{JetRacerDriver::steer} == int{CarDynamics::steer});

/// A car whose bus stays in reach of the test.
struct Car {
  explicit Car(const JetRacerSettings& settings = {}) {
    auto owned = std::make_unique<ModelBus>(chip);
    bus = owned.get();
    driver = std::make_unique<JetRacerDriver>(std::move(owned), settings);
  }

  bool command(double throttle, double steer) {
    const std::array<double, 2> u{throttle, steer};
    return driver->command(u.data());
  }
  double steering_us() const { return chip.high_us()[0]; }
  double throttle_us() const { return chip.high_us()[1]; }

  Pca9685Model chip;
  ModelBus* bus;
  std::unique_ptr<JetRacerDriver> driver;
};

/// The authors' car.
JetRacerSettings calibrated() {
  JetRacerSettings settings;
  settings.steering.gain = -1;
  settings.steering.offset = -0.325;
  settings.steering.neutral_us = 1256.25;  // straight ahead
  settings.throttle.gain = -0.5;
  settings.throttle.offset = 0.05;
  settings.throttle.limit = 0.3;
  settings.throttle.dead_band = 0.02;
  return settings;
}

// Breaks when -1, 0, 1 are not 750, 1500, 2250 us, or throttle and steering are swapped.
TEST(JetRacerDriver, SendsPlainCommands) {
  Car car;
  car.driver->start();
  for (const double u : {-1.0, 0.0, 0.3, 1.0}) {
    EXPECT_TRUE(car.command(u, -0.5 * u));
    EXPECT_NEAR(car.throttle_us(), 1500 + 750 * u, count_us);
    EXPECT_NEAR(car.steering_us(), 1500 - 375 * u, count_us);
  }
  EXPECT_NEAR(car.chip.frequency_hz(), 50, 0.5);
}

// Breaks when gain, offset, limit or dead band are left out, or applied in another order. The
// expected lengths are worked out by hand.
TEST(JetRacerDriver, SendsCalibratedCommands) {
  Car car(calibrated());
  car.driver->start();
  const struct {
    double throttle, steer, throttle_us, steering_us;
  } cases[] = {
      {0.2, 0.1, 1462.5, 1181.25},    // -0.05, -0.425
      {-0.4, -0.7, 1687.5, 1781.25},  // 0.25, 0.375
      {1, 1, 1275, 750},              // -0.45 and -1.325: at the limits
      {-1, -1, 1725, 2006.25},        // 0.55 at the limit, 0.675
      {0.021, 0, 1529.625, 1256.25},  // 0.0395, -0.325
      {0.019, 0, 1500, 1256.25},      // inside the dead band: the neutral pulse, less the offset
      {-0.019, 0, 1500, 1256.25},
  };
  for (const auto& c : cases) {
    EXPECT_TRUE(car.command(c.throttle, c.steer));
    EXPECT_NEAR(car.throttle_us(), c.throttle_us, count_us) << c.throttle;
    EXPECT_NEAR(car.steering_us(), c.steering_us, count_us) << c.steer;
  }
}

// Breaks when neutral is the calibrated zero, the raw centre, or a pulse where none is wanted.
TEST(JetRacerDriver, HoldsEachOutputNeutralItsWay) {
  Car car(calibrated());
  car.driver->start();
  EXPECT_THAT(car.chip.high_us(),
              ElementsAre(DoubleNear(1256.25, count_us), DoubleNear(1500, count_us)));
  car.command(0.5, 0.5);
  EXPECT_TRUE(car.driver->neutral());
  EXPECT_THAT(car.chip.high_us(),
              ElementsAre(DoubleNear(1256.25, count_us), DoubleNear(1500, count_us)));

  JetRacerSettings settings = calibrated();
  settings.throttle.neutral = NeutralKind::off;
  Car silent(settings);
  silent.driver->start();
  EXPECT_EQ(silent.throttle_us(), 0);
  EXPECT_TRUE(silent.command(0.2, 0));
  EXPECT_NEAR(silent.throttle_us(), 1462.5, count_us);
  EXPECT_TRUE(silent.driver->neutral());
  EXPECT_THAT(silent.chip.high_us(), ElementsAre(DoubleNear(1256.25, count_us), 0));
}

// Breaks when a command with a NaN or an inf moves the car, is half obeyed, or counts as
// taken.
TEST(JetRacerDriver, GoesNeutralOnCommandsThatAreNoNumbers) {
  Car car(calibrated());
  car.driver->start();
  for (const double bad : {nan, inf, -inf}) {
    for (const bool in_throttle : {true, false}) {
      ASSERT_TRUE(car.command(0.5, 0.5));
      EXPECT_FALSE(in_throttle ? car.command(bad, 0.4) : car.command(0.4, bad));
      EXPECT_THAT(car.chip.high_us(),
                  ElementsAre(DoubleNear(1256.25, count_us), DoubleNear(1500, count_us)));
    }
  }
}

// Breaks when the last guard lets a length through that no limit allows, whatever the settings
// hold.
TEST(JetRacerPulse, StaysWithinItsLimits) {
  JetRacerChannel channel;
  channel.limit = 0.4;
  for (const double u : {-1e308, -3.0, 3.0, 1e308}) {
    EXPECT_NEAR(jetracer_pulse_us(channel, u), u < 0 ? 1200 : 1800, 1e-9);
  }
  for (const double u : {nan, inf, -inf}) {
    EXPECT_EQ(jetracer_pulse_us(channel, u), 1500);
  }
  JetRacerChannel huge;
  huge.gain = 1e308;
  huge.limit = inf;
  EXPECT_EQ(jetracer_pulse_us(huge, 1e10), 2250);
  for (double JetRacerChannel::*member :
       {&JetRacerChannel::gain, &JetRacerChannel::offset, &JetRacerChannel::limit}) {
    JetRacerChannel broken;
    broken.*member = nan;
    EXPECT_EQ(jetracer_pulse_us(broken, 0.7), 1500);
  }
}

double hostile(std::mt19937_64& random) {
  switch (random() % 6) {
    case 0:
      return nan;
    case 1:
      return random() % 2 == 0 ? inf : -inf;
    case 2:
      return std::ldexp(static_cast<double>(random() % 2001) - 1000,
                        static_cast<int>(random() % 900));
    default:
      return (static_cast<double>(random() % 4001) - 2000) / 1000;  // -2 to 2
  }
}

// Breaks when any command tears a pulse, breaches the data sheet, leaves the limits, or is refused
// or taken wrongly: 10^4 of them, a third of the values NaN, infinite or far out of range.
TEST(JetRacerDriver, SurvivesRandomCommands) {
  const JetRacerSettings settings = calibrated();
  Car car(settings);
  car.driver->start();
  const int asleep_before = car.chip.pulses_while_asleep();
  std::mt19937_64 random(20240811);
  int taken = 0;
  for (int i = 0; i < 10000; ++i) {
    const double throttle = hostile(random), steer = hostile(random);
    const bool took = car.command(throttle, steer);
    ASSERT_EQ(took, std::isfinite(throttle) && std::isfinite(steer));
    taken += took ? 1 : 0;
    ASSERT_LE(std::abs(car.throttle_us() - 1500), 0.3 * 750 + count_us);
    ASSERT_LE(std::abs(car.steering_us() - 1500), 750 + count_us);
    if (i % 97 == 0) {
      ASSERT_TRUE(car.driver->neutral());
    }
  }
  EXPECT_GT(taken, 2000);
  EXPECT_LT(taken, 8000);
  EXPECT_EQ(car.chip.torn(), 0);
  EXPECT_EQ(car.chip.pulses_while_asleep(), asleep_before);
  EXPECT_THAT(car.chip.faults(), IsEmpty());
}

// Breaks when a bus failure crashes, is hidden, or is never recovered from: every transfer from the
// start on fails once.
TEST(JetRacerDriver, SurvivesEveryFailingTransfer) {
  Car undisturbed;
  undisturbed.driver->start();
  const int of_start = undisturbed.bus->transactions;
  undisturbed.command(0.1, 0.1);
  const int of_command = undisturbed.bus->transactions - of_start;
  ASSERT_GE(of_command, 1);
  for (int k = 1; k <= of_start + 2 * of_command; ++k) {
    SCOPED_TRACE("transfer " + std::to_string(k));
    Car car;
    car.bus->first_failing = car.bus->last_failing = k;
    if (k <= of_start) {
      EXPECT_THROW(car.driver->start(), Error);
      EXPECT_FALSE(car.command(0.5, 0.5));
      EXPECT_FALSE(car.driver->neutral());
      car.driver->start();
    } else {
      car.driver->start();
      const bool in_command = k <= of_start + of_command;
      EXPECT_EQ(car.command(0.5, 0.5), !in_command);
      EXPECT_EQ(car.driver->neutral(), in_command);
    }
    EXPECT_TRUE(car.driver->neutral());
    EXPECT_THAT(car.chip.high_us(), Each(DoubleNear(1500, count_us)));
    EXPECT_THAT(car.chip.faults(), IsEmpty());
  }
}

// Breaks when a car that is not started moves, or is asked for anything.
TEST(JetRacerDriver, DoesNothingBeforeTheStart) {
  Car car;
  EXPECT_FALSE(car.command(0.5, 0.5));
  EXPECT_FALSE(car.command(nan, 0));
  EXPECT_FALSE(car.driver->neutral());
  car.driver.reset();
  EXPECT_THAT(car.chip.high_us(), Each(0));
  EXPECT_EQ(car.chip.pulses_while_asleep(), 0);
}

// Breaks when a car whose second start failed goes on taking commands.
TEST(JetRacerDriver, DoesNothingAfterAStartThatFailed) {
  Car car;
  car.driver->start();
  car.bus->first_failing = car.bus->transactions + 1;
  car.bus->last_failing = car.bus->first_failing;
  EXPECT_THROW(car.driver->start(), Error);
  EXPECT_FALSE(car.command(0.5, 0.5));
  EXPECT_LE(car.throttle_us(), 1500 + count_us);
}

// Breaks when a driver that goes away, in an exception for one, leaves the motor running.
TEST(JetRacerDriver, LeavesTheCarNeutral) {
  Car car;
  car.driver->start();
  ASSERT_TRUE(car.command(0.5, 0.5));
  ASSERT_GT(car.throttle_us(), 1800);
  car.driver.reset();
  EXPECT_THAT(car.chip.high_us(), Each(DoubleNear(1500, count_us)));
}

// Breaks when a supply that failed for a moment goes unnoticed, or the driver cannot start again.
TEST(JetRacerDriver, NoticesAResetChip) {
  Car car;
  car.driver->start();
  car.chip.power_on();
  EXPECT_FALSE(car.command(0.5, 0.5));
  EXPECT_FALSE(car.driver->neutral());
  car.driver->start();
  EXPECT_TRUE(car.command(0.5, 0.5));
  EXPECT_NEAR(car.throttle_us(), 1875, count_us);
}

// Breaks when the driver claims to measure, or does not say what it drives.
TEST(JetRacerDriver, DescribesItself) {
  Car car;
  Measurement measurement{};
  EXPECT_FALSE(car.driver->measure(measurement));
  EXPECT_EQ(car.driver->description(), "JetRacer, PCA9685 at 0x40 on a model bus");
}

}  // namespace
}  // namespace phigrad
