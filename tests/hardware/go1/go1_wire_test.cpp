// What the Go1's driver makes of a wire that anyone can write to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

#include "hardware/go1/go1_driver.hpp"
#include "tests/hardware/go1/go1_pair.hpp"
#include "tests/support/special_values.hpp"

namespace phigrad {
namespace {

namespace emulated = go1_emulation;
using emulated::Beside;
using emulated::Bytes;
using emulated::command;
using emulated::eventually;
using emulated::Pair;

// Breaks when measure() gives an older state, the same one twice, or stops at a bad datagram.
TEST(Go1Driver, MeasuresTheNewestValidStateOnce) {
  emulated::Go1 robot;
  Pair pair(robot);
  Measurement m{};
  EXPECT_FALSE(pair.driver.measure(m));
  const Bytes good = emulated::high_state({9, 0, 0, 0, 0}, 1, 0);
  Bytes cut = good, longer = good, headless = good, spoilt = good;
  cut.pop_back();
  longer.push_back(0);
  headless[1] = 0;
  spoilt[500] ^= 4;
  const Bytes not_finite = emulated::high_state({nan, 0, 0, 0, 0}, 1, 0);
  // Anew until all ten lay ready at the first call, as they do unless loopback is late.
  EXPECT_TRUE(eventually([&] {
    const Go1Counts before = pair.driver.counts();
    const std::uint64_t read_before = pair.read();
    for (const double x : {1.0, 2.0, 3.0}) robot.send(emulated::high_state({x, 0, 0, 0, 0}, 1, 0));
    for (const Bytes& b : {cut, longer, Bytes(), Bytes(5000), headless, spoilt, not_finite}) {
      robot.send(b);
    }
    const bool came = pair.driver.measure(m);
    if (pair.read() - read_before < 10) {
      pair.settle();
      return false;
    }
    EXPECT_TRUE(came);
    EXPECT_EQ(m.state[0], 3.0);
    EXPECT_FALSE(pair.driver.measure(m));
    const Go1Counts& counts = pair.driver.counts();
    EXPECT_EQ(counts.wrong_length - before.wrong_length, 4u);
    EXPECT_EQ(counts.wrong_head - before.wrong_head, 1u);
    EXPECT_EQ(counts.wrong_checksum - before.wrong_checksum, 1u);
    EXPECT_EQ(counts.not_finite - before.not_finite, 1u);
    return true;
  }));
}

// Breaks when state_checksum does not reach the decoder.
TEST(Go1Driver, TakesStatesWithoutChecksumWhenTold) {
  emulated::Go1 robot;
  Go1Settings settings = settings_for(robot);
  settings.state_checksum = false;
  Pair pair(robot, settings);
  Bytes state = emulated::high_state({3, 0, 0, 0, 0}, 1, 0);
  state[1083] ^= 1;
  robot.send(state);
  const auto m = pair.settle();
  ASSERT_TRUE(m);
  EXPECT_EQ(m->state[0], 3.0);
}

// Breaks when a flood of datagrams holds the control thread for as long as it lasts.
TEST(Go1Driver, ReadsABoundedNumberOfDatagramsACall) {
  emulated::Go1 robot;
  Pair pair(robot);
  const std::uint64_t before = pair.read();
  for (int i = 0; i < 2000; ++i) robot.send({1});  // the kernel keeps what its buffer holds
  Measurement m{};
  EXPECT_FALSE(pair.driver.measure(m));
  EXPECT_LE(pair.read() - before, 256u);
}

// Breaks when a valid state from anywhere but the robot's own address and port is taken.
TEST(Go1Driver, IgnoresDatagramsFromAnotherPort) {
  emulated::Go1 robot;
  Pair pair(robot);
  const Bytes lie = emulated::high_state({66, 0, 0, 0, 0}, 1, 0);
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in to = emulated::Go1::loopback(pair.driver.local_port());
  ASSERT_GT(pair.driver.local_port(), 0);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(::sendto(fd, lie.data(), lie.size(), 0, emulated::Go1::general(&to), sizeof to),
              static_cast<ssize_t>(lie.size()));
  }
  ::close(fd);
  robot.send(emulated::high_state({2, 0, 0, 0, 0}, 1, 0));
  const std::uint64_t accepted = pair.driver.counts().accepted;
  const auto m = pair.settle();
  ASSERT_TRUE(m);
  EXPECT_EQ(m->state[0], 2.0);
  EXPECT_EQ(pair.driver.counts().accepted, accepted + 1);
}

// Breaks when a robot that vanishes makes a call throw, block or claim success for ever, or when
// the driver does not find it again.
TEST(Go1Driver, OutlivesARobotThatVanishes) {
  auto robot = std::make_unique<emulated::Go1>();
  const int port = robot->port();
  Go1Settings settings = settings_for(*robot);
  Go1Driver driver(settings);
  {
    const Beside serving([&] { robot->serve(2); });
    driver.start();
  }
  EXPECT_TRUE(command(driver, 0.5, 0));
  robot.reset();
  EXPECT_TRUE(eventually([&] { return !command(driver, 0.5, 0); })) << "nobody listens there";
  EXPECT_GE(driver.counts().unsent, 1u);
  driver.neutral();  // its refusal is pending when the robot is back

  ASSERT_TRUE(eventually([&] {
    try {
      robot = std::make_unique<emulated::Go1>(port);
    } catch (const std::runtime_error&) {  // another program has the port just now
    }
    return robot != nullptr;
  }));
  robot->body.x = 42;
  driver.neutral();
  EXPECT_GE(robot->serve(3000), 1) << "the datagram after a refusal must go out";
  Measurement m{};
  EXPECT_TRUE(eventually([&] { return driver.measure(m) && m.state[0] == 42.0; }));
}

}  // namespace
}  // namespace phigrad
