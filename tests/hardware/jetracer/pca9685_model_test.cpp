// That the model notices what the driver must not do: else the driver's tests would prove little.
#include "tests/hardware/jetracer/pca9685_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>

namespace phigrad {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A chip whose time passes when told to.
struct Timed {
  Pca9685Model::Clock::time_point time{};
  Pca9685Model chip{[this] { return time; }};
};

bool send(Pca9685Model& chip, std::initializer_list<std::uint8_t> bytes) {
  return chip.write(bytes.begin(), bytes.size());
}

std::uint8_t read(Pca9685Model& chip, std::uint8_t from) {
  std::uint8_t value = 0;
  EXPECT_TRUE(chip.read(from, &value, 1));
  return value;
}

constexpr std::chrono::milliseconds period{6};  // at the power-on frequency

void wake(Timed& timed) {
  send(timed.chip, {0x00, 0x20});
  timed.time += std::chrono::microseconds(500);
}

// Breaks when the model does not start as table 4 says.
TEST(Pca9685Model, StartsWithThePowerOnDefaults) {
  Pca9685Model chip;
  EXPECT_EQ(read(chip, 0x00), 0x11);
  EXPECT_EQ(read(chip, 0x01), 0x04);
  EXPECT_EQ(read(chip, 0x05), 0xE0);
  EXPECT_EQ(read(chip, 0x09), 0x10);
  EXPECT_EQ(read(chip, 0x45), 0x10);
  EXPECT_EQ(read(chip, 0xFE), 0x1E);
  EXPECT_TRUE(chip.asleep());
  EXPECT_NEAR(chip.frequency_hz(), 200, 4);
}

// Breaks when the register pointer moves without AI, or does not roll over where it should.
TEST(Pca9685Model, AutoIncrements) {
  Pca9685Model chip;
  send(chip, {0x06, 1, 2, 3});  // AI is off after power-on
  EXPECT_EQ(chip.at(0x06), 3);
  EXPECT_EQ(chip.at(0x07), 0);
  send(chip, {0x00, 0x30});
  send(chip, {0x43, 7, 8, 9, 0x31});
  EXPECT_EQ(chip.at(0x43), 7);
  EXPECT_EQ(chip.at(0x45), 9);
  EXPECT_EQ(chip.at(0x00), 0x31);
  send(chip, {0xFD, 0x10, 77, 0x30});
  EXPECT_EQ(chip.at(0x15), 0x10);
  EXPECT_EQ(chip.at(0xFE), 77);
  EXPECT_EQ(chip.at(0x00), 0x30);
  EXPECT_THAT(chip.faults(), IsEmpty());
}

// Breaks when PRE_SCALE can be written awake, or that passes unnoticed.
TEST(Pca9685Model, BlocksThePrescalerAwake) {
  Timed timed;
  Pca9685Model& chip = timed.chip;
  send(chip, {0xFE, 121});
  EXPECT_NEAR(chip.frequency_hz(), 50, 0.1);
  wake(timed);
  send(chip, {0xFE, 30});
  EXPECT_EQ(chip.at(0xFE), 121);
  EXPECT_THAT(chip.faults(), ElementsAre("PRE_SCALE was written awake"));
}

// Breaks when a half-written pair of outputs is not counted: two transactions, or no AI.
TEST(Pca9685Model, CountsTornPulses) {
  Timed timed;
  Pca9685Model& chip = timed.chip;
  send(chip, {0x06, 0, 0, 0x33, 1, 0, 0, 0x33, 1});
  EXPECT_EQ(chip.torn(), 1);  // AI is off: all in one register
  wake(timed);
  send(chip, {0x06, 0, 0, 0x33, 1});
  send(chip, {0x0A, 0, 0, 0x33, 1});
  send(chip, {0x08, 0x34});
  EXPECT_EQ(chip.torn(), 4);
  send(chip, {0x06, 0, 0, 0x33, 1, 0, 0, 0x33, 1});
  send(chip, {0x0E, 0, 0, 0x33, 1});  // another output
  EXPECT_EQ(chip.torn(), 4);
}

// Breaks when outputs change before the STOP, or run with the oscillator off.
TEST(Pca9685Model, RunsOnlyAwake) {
  Timed timed;
  Pca9685Model& chip = timed.chip;
  send(chip, {0xFE, 121});
  send(chip, {0x00, 0x30});
  send(chip, {0x06, 0, 0, 0x33, 1, 0x00, 0x01, 0x00, 0x02});
  EXPECT_THAT(chip.high_us(), ElementsAre(0, 0));
  EXPECT_EQ(chip.pulses_while_asleep(), 1);
  wake(timed);
  EXPECT_THAT(chip.high_us(), ElementsAre(testing::DoubleNear(307 * 4.88, 1e-9),
                                          testing::DoubleNear(256 * 4.88, 1e-9)));
  send(chip, {0xFD, 0x10});
  EXPECT_THAT(chip.high_us(), ElementsAre(0, 0));
  EXPECT_EQ(chip.seen().size(), 2u);
  EXPECT_THAT(chip.faults(), IsEmpty());
}

// Breaks when a driver may go on before the oscillator is up.
TEST(Pca9685Model, WantsTimeToWake) {
  Timed timed;
  send(timed.chip, {0x00, 0x20});
  timed.time += std::chrono::microseconds(499);
  send(timed.chip, {0x00, 0xA0});
  send(timed.chip, {0x08, 0x33});
  EXPECT_THAT(timed.chip.faults(), ElementsAre("RESTART was written within 500 us of waking",
                                               "pulses were written within 500 us of waking"));
  timed.time += std::chrono::microseconds(1);
  send(timed.chip, {0x00, 0xA0});
  send(timed.chip, {0x08, 0x33});
  EXPECT_EQ(timed.chip.faults().size(), 2u);
}

// Breaks when RESTART does not behave as §7.3.1.1 says.
TEST(Pca9685Model, RemembersWhatRanBeforeSleep) {
  Timed timed;
  Pca9685Model& chip = timed.chip;
  wake(timed);
  send(chip, {0x06, 0, 0, 0x33, 1, 0, 0, 0x33, 1});
  timed.time += period;
  send(chip, {0x00, 0x30});
  EXPECT_EQ(read(chip, 0x00), 0xB0);
  wake(timed);
  EXPECT_EQ(read(chip, 0x00), 0xA0);
  send(chip, {0x00, 0xA0});
  EXPECT_EQ(read(chip, 0x00), 0x20);
  send(chip, {0x00, 0x30});
  send(chip, {0x06, 0, 0, 0x33, 1, 0, 0, 0x33, 1});  // clears it too
  EXPECT_EQ(read(chip, 0x00), 0x30);
  EXPECT_THAT(chip.faults(), IsEmpty());
}

// Breaks when the clock may stop with pulses under way, or an orderly shutdown counts as torn.
TEST(Pca9685Model, WantsThePeriodToEnd) {
  Timed timed;
  wake(timed);
  send(timed.chip, {0x06, 0, 0, 0x33, 1, 0, 0, 0x33, 1});
  timed.time += period;
  send(timed.chip, {0xFD, 0x10});
  timed.time += period;
  send(timed.chip, {0x00, 0x30});
  EXPECT_EQ(read(timed.chip, 0x00), 0x30);  // nothing to restart
  EXPECT_EQ(timed.chip.torn(), 0);
  EXPECT_THAT(timed.chip.faults(), IsEmpty());
  wake(timed);
  send(timed.chip, {0xFD, 0x10});
  timed.time += period / 2;
  send(timed.chip, {0x00, 0x30});
  EXPECT_THAT(timed.chip.faults(),
              ElementsAre("the clock was stopped before new pulses took effect"));
}

// Breaks when registers that do not exist are acknowledged.
TEST(Pca9685Model, RefusesReservedRegisters) {
  Pca9685Model chip;
  EXPECT_FALSE(send(chip, {0x46, 1}));
  std::uint8_t value = 0;
  EXPECT_FALSE(chip.read(0x80, &value, 1));
  EXPECT_THAT(chip.faults(), ElementsAre("a reserved register was written"));
}

}  // namespace
}  // namespace phigrad
