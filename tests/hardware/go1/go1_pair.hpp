// A driver with its emulated robot, and what waits for a wire that may be late.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>

#include "hardware/go1/go1_driver.hpp"
#include "tests/hardware/go1/go1_emulator.hpp"

namespace phigrad::go1_emulation {

/// Runs `turn` again and again beside a call that waits for what it does.
class Beside {
 public:
  template <class Turn>
  explicit Beside(Turn turn)
      : thread_([this, turn] {
          while (!stop_) turn();
        }) {}
  ~Beside() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

/// Whether `holds` becomes true; loopback may deliver late on a busy machine.
template <class Condition>
bool eventually(Condition holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

inline Go1Settings settings_for(const Go1& robot) {
  Go1Settings settings;
  settings.robot_host = "127.0.0.1";
  settings.robot_port = robot.port();
  settings.local_port = 0;
  settings.slowing_calls = 3;
  return settings;
}

inline bool command(Go1Driver& driver, double speed, double yaw_rate) {
  const double u[2] = {speed, yaw_rate};
  return driver.command(u);
}

/// A driver and its robot, the start behind them and nothing on the wire.
struct Pair {
  explicit Pair(Go1& robot_) : Pair(robot_, settings_for(robot_)) {}
  Pair(Go1& robot_, const Go1Settings& settings) : robot(robot_), driver(settings) {
    start();
    EXPECT_FALSE(robot.seen.empty());
    for (const Seen& c : robot.seen) EXPECT_EQ(c.mode, 1);
    EXPECT_THAT(robot.faults, testing::IsEmpty());
    robot.seen.clear();
  }

  void start() {
    sent_before = robot.sent;
    came_before = robot.came;
    {
      const Beside serving([this] { robot.serve(2); });
      driver.start();
    }
    settle();
  }

  /// Until each side has everything that the other sent; the last measurement, if one came.
  std::optional<Measurement> settle() {
    std::optional<Measurement> last;
    EXPECT_TRUE(eventually([&] {
      robot.serve();
      Measurement m{};
      if (driver.measure(m)) last = m;
      return robot.came - came_before == driver.counts().sent && read() == robot.sent - sent_before;
    }));
    return last;
  }

  /// Datagrams that the driver has read.
  std::uint64_t read() const {
    return driver.counts().accepted + driver.counts().refused() + driver.counts().foreign;
  }

  Go1& robot;
  Go1Driver driver;
  std::uint64_t came_before = 0, sent_before = 0;
};

inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace phigrad::go1_emulation
