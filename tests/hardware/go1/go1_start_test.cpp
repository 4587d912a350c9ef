// How the Go1's driver starts, and what it says when it cannot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "hardware/go1/go1_driver.hpp"
#include "host/support/error.hpp"
#include "tests/hardware/go1/go1_pair.hpp"

namespace phigrad {
namespace {

namespace emulated = go1_emulation;
using emulated::Beside;
using emulated::Bytes;
using emulated::command;
using emulated::eventually;
using emulated::Pair;
using emulated::seconds_now;
using testing::HasSubstr;

std::string start_error(Go1Driver& driver) {
  try {
    driver.start();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::robot);
    return error.what();
  }
  ADD_FAILURE() << "the start succeeded";
  return {};
}

// Breaks when a robot that is not there is waited for longer than stated, or taken for one.
TEST(Go1Driver, GivesUpOnADeadRobotInTheStatedTime) {
  emulated::Go1 robot;
  robot.answers = false;  // it listens, and stays silent
  Go1Settings settings = settings_for(robot);
  settings.answer_within_s = 0.15;
  Go1Driver driver(settings);
  const double before = seconds_now();
  const std::string error = start_error(driver);
  const double took = seconds_now() - before;
  EXPECT_GE(took, 0.15);
  EXPECT_LT(took, 1.5);  // the rest is for a busy machine
  EXPECT_THAT(error, HasSubstr("nothing came within 0.15 s"));
  EXPECT_THAT(error, HasSubstr("[127.0.0.1:" + std::to_string(robot.port()) + "]; connect to"));
  robot.serve();
  EXPECT_GE(robot.seen.size(), 2u) << "it must ask more than once: datagrams get lost";
  EXPECT_FALSE(command(driver, 0.1, 0)) << "what has not started must not drive";
  EXPECT_FALSE(driver.neutral());
  EXPECT_EQ(robot.serve(), 0);
}

// Breaks when garbage counts as an answer, or when the error does not tell that something came.
TEST(Go1Driver, SaysWhyAnswersWereRefused) {
  emulated::Go1 robot;
  robot.answers = false;
  Go1Settings settings = settings_for(robot);
  settings.answer_within_s = 0.2;
  Go1Driver driver(settings);
  Bytes bad = emulated::high_state({}, 1, 0);
  bad[300] ^= 1;
  std::string error;
  {
    const Beside answering([&] {
      if (robot.serve(2) == 0) return;
      robot.send(bad);
      robot.send(Bytes(20));
    });
    error = start_error(driver);
  }
  EXPECT_THAT(error, testing::ContainsRegex("[0-9]+ datagrams came within 0.2 s and were refused: "
                                            "[0-9]+ for their length, [0-9]+ for their checksum"));
  EXPECT_THAT(error, HasSubstr("state_checksum"));
}

// Breaks when an address or a port that cannot work is not told apart from a silent robot.
TEST(Go1Driver, RefusesAddressesAndPortsThatCannotWork) {
  emulated::Go1 robot;
  Go1Settings settings = settings_for(robot);
  settings.robot_host = "go1.local";
  Go1Driver by_name(settings);
  EXPECT_THAT(start_error(by_name), HasSubstr("no IPv4 address"));
  for (const int port : {0, -1, 65536}) {
    settings = settings_for(robot);
    settings.robot_port = port;
    Go1Driver beyond(settings);
    EXPECT_THAT(start_error(beyond), HasSubstr("no IPv4 address with a port"));
  }
  settings = settings_for(robot);
  settings.local_port = 65536;
  Go1Driver no_port(settings);
  EXPECT_THAT(start_error(no_port), HasSubstr("no UDP port"));
  settings.local_port = robot.port();
  Go1Driver taken(settings);
  EXPECT_THAT(start_error(taken), HasSubstr("the port cannot be taken: Address already in use"));
}

// Breaks when a second start cannot take its own local port again, or keeps old counts.
TEST(Go1Driver, StartsAgain) {
  emulated::Go1 robot;
  Go1Settings settings = settings_for(robot);
  std::unique_ptr<Pair> pair;
  ASSERT_TRUE(eventually([&] {
    settings.local_port = emulated::Go1().port();  // free again at the end of the line, unless
    try {                                          // another program is quicker
      pair = std::make_unique<Pair>(robot, settings);
    } catch (const Error&) {
    }
    return pair != nullptr;
  }));
  robot.send({1, 2, 3});
  pair->settle();
  EXPECT_EQ(pair->driver.counts().wrong_length, 1u);
  pair->start();
  EXPECT_EQ(pair->driver.counts().wrong_length, 0u);
  EXPECT_EQ(pair->driver.local_port(), settings.local_port);
}

}  // namespace
}  // namespace phigrad
