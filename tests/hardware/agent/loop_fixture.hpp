// A control loop of the car with a driver that only remembers, in simulated time.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <vector>

#include "hardware/agent/control_loop.hpp"
#include "hardware/sim/simulated_plant.hpp"
#include "tests/hardware/agent/agent_fixture.hpp"
#include "tests/hardware/agent/signed_policy.hpp"

namespace phigrad::testing {

/// A car that moves as the plant does, with faults on request. Allocates nothing while it is
/// driven.
class TestDriver final : public Driver {
 public:
  enum class Call { none, command, neutral };
  static constexpr int nx = 4, nu = 2;

  explicit TestDriver(const Experiment& e) : plant_(e) {}

  void start() override {}
  bool command(const double* u) noexcept override {
    last = Call::command;
    ++commands;
    std::copy_n(u, nu, sent);
    if (!takes_commands) return false;
    plant_.begin(x);
    plant_.step(u);
    std::copy_n(plant_.seen(), nx, x);
    return true;
  }
  bool neutral() noexcept override {
    last = Call::neutral;
    ++neutrals;
    return true;
  }
  bool measure(Measurement& into) noexcept override {
    if (!measures) return false;
    std::copy_n(x, nx, into.state);
    into.at_s = at_s;
    return true;
  }
  std::string description() const override { return "a test car"; }

  Call last = Call::none;
  std::uint64_t commands = 0, neutrals = 0;
  double sent[nu] = {};
  double x[nx] = {0, 0, 0.5, 1.5};
  double at_s = 0;
  bool measures = true, takes_commands = true;

 private:
  SimulatedPlant plant_;
};

/// The loop with its parts; call make() after changing `settings` or `channels`.
class LoopFixture : public ::testing::Test {
 protected:
  static constexpr std::int64_t period_ns = 20'000'000;
  static constexpr int steps = 7;

  LoopFixture() {
    settings.segments = 4;
    settings.rest_s = 0.1;
    make();
  }

  void make() {
    loop.reset();
    ports = std::make_unique<LoopPorts>();
    limits = std::make_unique<CommandLimits>(channels, settings.period_s);
    slot = std::make_unique<PolicySlot>("car", static_cast<std::size_t>(policy.parameters()),
                                        keys.open);
    loop = std::make_unique<ControlLoop>(
        settings, LoopParts{*driving, *limits, driver, *slot, *ports, nullptr});
  }

  PolicyRefusal offer(std::uint64_t version, const std::vector<double>& parameters) {
    return slot->offer(signed_policy(keys, "car", version, parameters));
  }

  /// One period with a living link and, where the driver measures, a measurement of just now.
  void tick(std::int64_t after_ns = period_ns) {
    now_ns += after_ns;
    driver.at_s = static_cast<double>(now_ns) * 1e-9;
    ports->orders.push(Order::alive);
    loop->tick(now_ns);
  }

  /// All that a rollout needs but a tick.
  void ready(std::uint64_t version = 1) {
    ASSERT_EQ(offer(version, theta), PolicyRefusal::none);
    ports->orders.push(Order::authenticated);
    ports->orders.push(Order::arm);
  }

  /// Ready, and some periods into its rollout.
  void start_driving(int periods = 5) {
    ready();
    for (int i = 0; i < periods; ++i) tick();
    ASSERT_TRUE(loop->moving());
    ASSERT_EQ(driver.last, TestDriver::Call::command);
  }

  std::vector<LoopRecord> records() {
    std::vector<LoopRecord> all;
    LoopRecord record;
    while (ports->records.pop(record)) all.push_back(record);
    return all;
  }

  static std::vector<LoopRecord> of_kind(const std::vector<LoopRecord>& all,
                                         LoopRecord::Kind kind) {
    std::vector<LoopRecord> some;
    std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                 [&](const LoopRecord& r) { return r.kind == kind; });
    return some;
  }

  const Experiment experiment = experiment_of("car");
  const PolicyKeys keys{1};
  const std::vector<double> theta = policy_of(experiment, 3);
  LoopSettings settings;
  std::vector<ChannelLimit> channels{2};
  ControlPolicy policy{experiment};
  ControlPolicy* driving = &policy;
  TestDriver driver{experiment};
  std::unique_ptr<LoopPorts> ports;
  std::unique_ptr<CommandLimits> limits;
  std::unique_ptr<PolicySlot> slot;
  std::unique_ptr<ControlLoop> loop;
  std::int64_t now_ns = 1'000'000'000'000;
};

}  // namespace phigrad::testing
