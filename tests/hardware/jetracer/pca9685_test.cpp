// The chip's driver against the register model, and its bytes against the data sheet.
#include "hardware/jetracer/pca9685.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "host/support/error.hpp"
#include "tests/hardware/jetracer/model_bus.hpp"
#include "tests/host/config/expect_error.hpp"
#include "tests/support/special_values.hpp"

namespace phigrad {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Bytes = std::vector<std::uint8_t>;

constexpr Pca9685::Pulses rest{1500, 1500};

struct Board {
  Pca9685Model chip;
  ModelBus bus{chip};
  Pca9685 driver{bus, ModelBus::address, 50};
};

std::string error_of_start(Board& board) {
  try {
    board.driver.start(rest);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::robot);
    return error.what();
  }
  return "";
}

void expect_at_rest(const Board& board) {
  EXPECT_THAT(board.chip.high_us(), Each(testing::DoubleNear(1500, count_us)));
  EXPECT_NEAR(board.chip.frequency_hz(), 50, 0.5);
  EXPECT_THAT(board.chip.faults(), IsEmpty());
  EXPECT_EQ(board.chip.torn(), 0);
}

// Breaks when the chip is left at another frequency, asleep, or started against the data sheet.
TEST(Pca9685, StartsFromPowerOn) {
  Board board;
  board.driver.start(rest);
  expect_at_rest(board);
  EXPECT_EQ(board.chip.at(0xFE), 121);
  EXPECT_EQ(board.chip.at(0x00), 0x20);
  EXPECT_EQ(board.chip.at(0x01), 0x04);
}

// Breaks when a pulse comes out before neutral is set, or at the power-on frequency.
TEST(Pca9685, SendsNothingBeforeRest) {
  Board board;
  board.driver.start(rest);
  ASSERT_FALSE(board.chip.seen().empty());
  for (const Pca9685Model::Outputs& pulses : board.chip.seen()) {
    EXPECT_THAT(pulses, Each(testing::DoubleNear(1500, count_us)));
  }
}

/// A chip that another program left at full throttle: 200 Hz, no auto-increment, awake.
void leave_running(Pca9685Model& chip) {
  const Bytes all[] = {{0x00, 0x30}, {0x06, 0, 0, 0xCD, 1, 0, 0, 0xCD, 1}, {0x00, 0x00}};
  for (const Bytes& bytes : all) chip.write(bytes.data(), bytes.size());
  std::this_thread::sleep_for(std::chrono::microseconds(600));
  ASSERT_GT(chip.high_us()[1], 0);
}

// Breaks when the driver relies on the power-on state: a chip that runs keeps its frequency, or
// pulses of neither the old nor the new program come out.
TEST(Pca9685, TakesOverARunningChip) {
  Board board;
  leave_running(board.chip);
  const std::size_t before = board.chip.seen().size();
  board.driver.start(rest);
  expect_at_rest(board);
  bool stopped = false;
  for (std::size_t i = before; i < board.chip.seen().size(); ++i) {
    const double throttle_us = board.chip.seen()[i][1];
    if (throttle_us == 0) stopped = true;
    if (stopped && throttle_us != 0) {
      EXPECT_NEAR(throttle_us, 1500, count_us);
    }
  }
  EXPECT_TRUE(stopped);
}

// Breaks when a start that fails leaves what another program started running: every transfer after
// the two that look at the chip, and the one that stops it, fails once.
TEST(Pca9685, StopsARunningChipThatDoesNotStart) {
  for (int k = 3; k <= 6; ++k) {
    Board board;
    leave_running(board.chip);
    board.bus.first_failing = board.bus.last_failing = k;
    EXPECT_THROW(board.driver.start(rest), Error);
    EXPECT_THAT(board.chip.high_us(), Each(0)) << k;
    EXPECT_EQ(board.chip.torn(), 0);
    EXPECT_THAT(board.chip.faults(), IsEmpty());
  }
}

// Breaks when the bytes on the wire are not those of the data sheet: register 06h, then ON and OFF
// of outputs 0 and 1, low byte first; 1500 us / 4.88 us = 307 = 133h; full off is bit 4 of OFF_H.
TEST(Pca9685, SendsTheBytesOfTheDataSheet) {
  Board board;
  board.driver.start(rest);
  board.bus.sent.clear();
  EXPECT_TRUE(board.driver.set({1500, 1500}));
  EXPECT_TRUE(board.driver.set({750, 2250}));
  EXPECT_TRUE(board.driver.set({1500, 0}));
  EXPECT_THAT(board.bus.sent,
              ElementsAre(Bytes{0x06, 0x00, 0x00, 0x33, 0x01, 0x00, 0x00, 0x33, 0x01},
                          Bytes{0x06, 0x00, 0x00, 0x9A, 0x00, 0x00, 0x00, 0xCD, 0x01},
                          Bytes{0x06, 0x00, 0x00, 0x33, 0x01, 0x00, 0x00, 0x00, 0x10}));
}

// Breaks when the start differs from §7.3.1.1 and §7.3.5: each write of it, byte for byte.
TEST(Pca9685, StartsWithTheBytesOfTheDataSheet) {
  Board board;
  board.driver.start(rest);
  EXPECT_THAT(
      board.bus.sent,
      ElementsAre(Bytes{0xFD, 0x10}, Bytes{0x00, 0x30}, Bytes{0xFE, 0x79}, Bytes{0x01, 0x04},
                  Bytes{0x06, 0, 0, 0x33, 0x01, 0, 0, 0x33, 0x01}, Bytes{0x00, 0x20},
                  Bytes{0x00, 0xA0}, Bytes{0x06, 0, 0, 0x33, 0x01, 0, 0, 0x33, 0x01}));
}

// Breaks when a pulse is more than a count off, or the two outputs are mixed up.
TEST(Pca9685, SendsPulsesWithinACount) {
  Board board;
  board.driver.start(rest);
  for (double us = 500; us < 2500; us += 37.3) {
    ASSERT_TRUE(board.driver.set({us, 3000 - us}));
    EXPECT_NEAR(board.chip.high_us()[0], us, count_us);
    EXPECT_NEAR(board.chip.high_us()[1], 3000 - us, count_us);
  }
  EXPECT_TRUE(board.driver.set(rest));
  expect_at_rest(board);
}

// Breaks when a length that is none becomes a pulse, or one beyond the period wraps around.
TEST(Pca9685, SurvivesLengthsThatAreNone) {
  Board board;
  board.driver.start(rest);
  for (const double none : {nan, -inf, -1500.0, 0.0, 1e-9}) {
    EXPECT_TRUE(board.driver.set({none, none}));
    EXPECT_THAT(board.chip.high_us(), Each(0)) << none;
  }
  for (const double long_us : {19990.0, 1e9, inf}) {
    EXPECT_TRUE(board.driver.set({long_us, long_us}));
    EXPECT_THAT(board.chip.high_us(), Each(testing::DoubleNear(4095 * count_us, 0.1))) << long_us;
  }
}

// Breaks when the prescaler is not the data sheet's equation 1, or leaves what the chip takes.
TEST(Pca9685, ComputesThePrescaler) {
  Pca9685Model chip;
  ModelBus bus(chip);
  EXPECT_EQ(Pca9685(bus, 0x40, 50).prescale(), 121);
  EXPECT_EQ(Pca9685(bus, 0x40, 200).prescale(), 30);  // the example of §7.3.5
  EXPECT_EQ(Pca9685(bus, 0x40, 1600).prescale(), 3);
  EXPECT_EQ(Pca9685(bus, 0x40, 1).prescale(), 255);
}

// Breaks when a transfer that fails during the start goes unnoticed, or leaves pulses that are not
// neutral: the k-th transfer fails, alone or with all that follow, for every k there is.
TEST(Pca9685, RefusesToStartOnEveryFailingTransfer) {
  Board undisturbed;
  undisturbed.driver.start(rest);
  const int transfers = undisturbed.bus.transactions;
  ASSERT_GT(transfers, 8);
  for (int k = 1; k <= transfers; ++k) {
    for (const int last : {k, std::numeric_limits<int>::max()}) {
      SCOPED_TRACE("transfer " + std::to_string(k));
      Board board;
      board.bus.first_failing = k;
      board.bus.last_failing = last;
      EXPECT_THAT(error_of_start(board), HasSubstr("the chip does not answer ("));
      EXPECT_THAT(board.chip.faults(), IsEmpty());
      EXPECT_THAT(board.chip.seen(),
                  Each(Each(testing::AnyOf(0, testing::DoubleNear(1500, count_us)))));
      if (last == k) {
        EXPECT_THAT(board.chip.high_us(), Each(0));
      }
      board.bus.first_failing = board.bus.last_failing = 0;  // and it can be started afterwards
      board.driver.start(rest);
      expect_at_rest(board);
    }
  }
}

// Breaks when a transfer that fails later goes unnoticed.
TEST(Pca9685, TellsThatATransferFailed) {
  Board board;
  board.driver.start(rest);
  for (const int k : {1, 2}) {
    board.bus.first_failing = board.bus.last_failing = board.bus.transactions + k;
    EXPECT_FALSE(board.driver.set({1600, 1600})) << k;
  }
  EXPECT_TRUE(board.driver.set(rest));
  expect_at_rest(board);
}

// Breaks when a chip that lost its supply, and acknowledges asleep, is taken for a running one.
TEST(Pca9685, TellsThatTheChipWasReset) {
  Board board;
  board.driver.start(rest);
  board.chip.power_on();
  EXPECT_FALSE(board.driver.set(rest));
  EXPECT_THAT(board.chip.high_us(), Each(0));
  board.driver.start(rest);
  EXPECT_TRUE(board.driver.set(rest));
}

// Breaks when a chip that did not take its frequency is started.
TEST(Pca9685, RefusesAnotherPrescaler) {
  Board board;
  board.bus.on_read = [](std::uint8_t from, std::uint8_t* into) {
    if (from == 0xFE) *into = 0x1E;
  };
  expect_error([&] { board.driver.start(rest); }, Exit::robot,
               "the chip did not take its frequency: PRE_SCALE reads 0x1E after 0x79 was written "
               "[PCA9685 at 0x40 on a model bus]; another program may be using the chip: stop it; "
               "else the device is no PCA9685 (`phigrad agent --scan`)");
  EXPECT_TRUE(board.chip.asleep());
  EXPECT_THAT(board.chip.seen(), IsEmpty());
}

// Breaks when a chip that does not run is taken for started.
TEST(Pca9685, RefusesAChipThatSleepsOn) {
  Board board;
  int reads = 0;
  board.bus.on_read = [&reads](std::uint8_t from, std::uint8_t* into) {
    if (from == 0x00 && ++reads == 2) *into = 0x30;
  };
  EXPECT_THAT(error_of_start(board), HasSubstr("the chip does not run: MODE1 reads 0x30"));
  EXPECT_THAT(board.chip.high_us(), Each(0));
}

// Breaks when another device is written to: a chip on an external clock, or no PCA9685.
TEST(Pca9685, RefusesAnotherDevice) {
  for (const std::uint8_t reg : {std::uint8_t{0x00}, std::uint8_t{0x01}}) {
    Board board;
    board.bus.on_read = [reg](std::uint8_t from, std::uint8_t* into) {
      if (from == reg) *into = 0x71;  // an INA3221's configuration, or EXTCLK
    };
    EXPECT_THAT(error_of_start(board), HasSubstr("no PCA9685 on its own clock"));
    EXPECT_THAT(board.bus.sent, IsEmpty());
  }
}

// Breaks when the error does not tell what is not there, and where to look.
TEST(Pca9685, SaysThatNothingAnswers) {
  Pca9685Model chip;
  ModelBus bus(chip);
  Pca9685 driver(bus, 0x41, 50);
  expect_error([&] { driver.start(rest); }, Exit::robot,
               "the chip does not answer (MODE1): No such device or address [PCA9685 at 0x41 on a "
               "model bus]; switch the car on and check its cable; `phigrad agent --scan` shows "
               "where the chip answers");
}

}  // namespace
}  // namespace phigrad
