// The agent as a whole, with the simulated car and a learner in this process.
#include "hardware/agent/agent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "hardware/sim/sim_driver.hpp"
#include "host/engine/engine.hpp"
#include "host/experiment/rollout_source.hpp"
#include "tests/hardware/agent/agent_fixture.hpp"
#include "tests/hardware/agent/expect_error.hpp"
#include "tests/hardware/agent/fake_uplink.hpp"
#include "tests/support/shipped_config.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

using testing::FakeUplink;
using testing::policy_of;
using testing::PolicyKeys;
using testing::Received;

const std::vector<std::string> short_rollouts = {"rollout.segments=4", "gradient.drop_segments=0",
                                                 "gradient.window_segments=1"};

AgentConfig config_of(bool real_time, const std::vector<std::string>& set = {}) {
  const std::string path = config_path("car");
  auto document = read_json(path);
  document["agent"] = nlohmann::ordered_json::parse(R"({
    "driver": {"type": "sim"},
    "limits": {"low": [-1, -1], "high": [1, 1]},
    "geofence": {"type": "circle", "radius_m": 50}
  })");
  document["agent"]["driver"]["real_time"] = real_time;
  for (const std::string& s : set) apply_override(document, s);
  return read_agent_config(document, path);
}

class AgentTest : public ::testing::Test {
 protected:
  AgentTest() { options.learner = keys.open; }

  /// Runs with a learner that sends policy n + 1 after the n-th complete rollout.
  AgentReport run(const AgentConfig& config) {
    Agent agent(config, options, [&](const std::string& line) { lines.push_back(line); });
    uplink.listener = &agent.listener();
    std::uint64_t sent = 0;
    uplink.on_poll = [&, sent]() mutable {
      std::uint64_t complete = 0;
      for (const Received& r : uplink.rollouts) {
        complete += r.ended && r.reason == link::EndReason::complete;
      }
      if (sent <= complete) {
        ++sent;
        newest_sent = std::max(newest_sent, first_version + sent - 1);
        uplink.send_policy(keys, "car", first_version + sent - 1,
                           policy_of(config.experiment, first_version + sent - 1));
      }
      if (after_poll) after_poll();
    };
    return agent.run(uplink, stop);
  }

  const PolicyKeys keys{1};
  AgentOptions options;
  FakeUplink uplink;
  std::function<void()> after_poll;
  std::atomic<bool> stop{false};
  std::vector<std::string> lines;
  std::uint64_t first_version = 1, newest_sent = 0;
};

// Breaks when a rollout in lock-step is not the one that the engine simulates under the same policy
// from the same start, up to the rounding of its times.
TEST_F(AgentTest, SimulatedCarDrivesTheEnginesRollouts) {
  const AgentConfig config = config_of(false);
  const Experiment& e = config.experiment;
  options.arm = true;
  options.rollouts = 3;
  const AgentReport report = run(config);
  EXPECT_EQ(report.loop.complete, 3u);
  EXPECT_EQ(report.loop.tripped, 0u);
  EXPECT_TRUE(report.acknowledged);
  EXPECT_TRUE(uplink.said_bye);
  EXPECT_GE(report.policy_version, 3u);
  ASSERT_EQ(uplink.rollouts.size(), 3u);
  BatchShape shape;
  shape.segments = e.common.rollout.segments;
  shape.steps_per_segment = e.setup.steps_per_segment;
  shape.dt = e.common.rollout.dt_s;
  const auto engine = Engine::create(engine_spec(e, "cpu", "double", shape.segments), shape);
  engine->set_plant(e.setup.plant);
  engine->set_model(e.setup.model);
  for (std::uint64_t i = 0; i < 3; ++i) {
    const Received& r = uplink.rollouts[i];
    EXPECT_TRUE(r.gapless);
    EXPECT_EQ(r.begin.policy_version, i + 1);
    std::vector<double> x(4);
    const double t0 = draw_start(e, i, x.data());
    EXPECT_EQ(r.begin.task_time_s, t0);
    engine->set_policies(policy_of(e, i + 1));
    engine->simulate(x, {t0});
    const Trajectory wanted = engine->trajectory(0);
    ASSERT_EQ(r.sample_count(), static_cast<std::size_t>(shape.slots()));
    double worst = 0;
    for (std::size_t s = 0; s < r.sample_count(); ++s) {
      for (std::size_t k = 0; k < 4; ++k) {
        worst = std::max(worst, std::abs(r.samples[s * 7 + 1 + k] - wanted.states[s * 4 + k]));
      }
    }
    EXPECT_LT(worst, 1e-8);
    EXPECT_EQ(std::memcmp(&r.samples[1], x.data(), 4 * sizeof(double)), 0);
  }
}

// Breaks when a run in lock-step depends on the machine's clock or on threads.
TEST_F(AgentTest, LockStepRunsAreTheSameBitForBit) {
  const AgentConfig config = config_of(false, short_rollouts);
  options.arm = true;
  options.rollouts = 2;
  run(config);
  const std::vector<Received> first = uplink.rollouts;
  uplink = FakeUplink();
  run(config);
  ASSERT_EQ(uplink.rollouts.size(), first.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_TRUE(uplink.rollouts[i].samples == first[i].samples);
    EXPECT_TRUE(uplink.rollouts[i].segments == first[i].segments);
  }
}

/// Short rollouts at 500 Hz that a busy machine does not trip.
AgentConfig quick_config() {
  return config_of(true, {"rollout.dt_s=0.002", "rollout.segments=4", "gradient.drop_segments=0",
                          "gradient.window_segments=1", "agent.rest_s=0", "agent.dead_man_s=5",
                          "agent.link_dead_man_s=5", "agent.longest_period_s=5"});
}

// Breaks when the two threads do not do together what lock-step does.
TEST_F(AgentTest, TwoThreadsDriveInRealTime) {
  options.arm = true;
  options.rollouts = 3;
  const AgentReport report = run(quick_config());
  EXPECT_EQ(report.loop.complete, 3u);
  EXPECT_EQ(report.dropped_records, 0u);
  EXPECT_GE(report.jitter.count(), 3u * 28u);
  EXPECT_LE(report.jitter.quantile_s(0.5), report.jitter.max_s());
  ASSERT_EQ(uplink.rollouts.size(), 3u);
  for (const Received& r : uplink.rollouts) {
    EXPECT_TRUE(r.gapless);
    EXPECT_EQ(r.sample_count(), 28u);
    for (std::size_t i = 1; i < r.sample_count(); ++i) {
      EXPECT_GT(r.samples[i * 7], r.samples[(i - 1) * 7]);
    }
  }
}

// SA6. Breaks when a signal's wish to stop lets the rollout go on, or passes it off as complete.
TEST_F(AgentTest, StopInMotionEndsTheRolloutAsATrip) {
  AgentConfig config = quick_config();
  config.experiment.common.rollout.segments = 100000;
  options.arm = true;
  after_poll = [&] {
    if (!uplink.rollouts.empty() && uplink.rollouts[0].sample_count() > 20) stop = true;
  };
  const AgentReport report = run(config);
  EXPECT_EQ(report.last_trip, Trip::shut_down_in_motion);
  EXPECT_FALSE(report.tripped);  // it was asked for: no safety stop
  ASSERT_EQ(uplink.rollouts.size(), 1u);
  EXPECT_EQ(uplink.rollouts[0].reason, link::EndReason::tripped);
}

// SA6. Breaks when an exception of the link thread leaves the control thread driving.
TEST_F(AgentTest, FailureOfTheLinkThreadEndsTheControlThread) {
  options.arm = true;
  for (const bool real_time : {true, false}) {
    AgentConfig config = quick_config();
    std::get<SimChoice>(config.agent.driver).real_time = real_time;
    config.experiment.common.rollout.segments = 100000;
    uplink = FakeUplink();
    after_poll = [&] {
      if (!uplink.rollouts.empty() && uplink.rollouts[0].sample_count() > 5) {
        throw std::runtime_error("the link is broken");
      }
    };
    EXPECT_THROW(run(config), std::runtime_error);
  }
}

// Breaks when an agent that nobody armed moves.
TEST_F(AgentTest, WaitsToBeArmed) {
  int polls = 0;
  after_poll = [&] { stop = ++polls > 200; };
  const AgentReport report = run(config_of(false));
  EXPECT_EQ(report.policies, 1u);
  EXPECT_EQ(report.loop.complete + report.loop.tripped + report.loop.cut_short, 0u);
  EXPECT_TRUE(uplink.rollouts.empty());
}

// Breaks when a restarted agent forgets its policy, or uses a rollout's number again.
TEST_F(AgentTest, RestartsWithTheLastVerifiedPolicy) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "robot.memory.json";
  const AgentConfig config = config_of(false, short_rollouts);
  options.memory = file.string();
  options.arm = true;
  options.rollouts = 2;
  run(config);
  const std::uint64_t last_number = uplink.rollouts.back().begin.rollout;
  uplink = FakeUplink();
  const std::uint64_t newest = newest_sent;
  options.rollouts = 1;
  const AgentReport report = run(config);
  EXPECT_EQ(report.policies, 0u);  // the learner has older ones only
  ASSERT_EQ(uplink.rollouts.size(), 1u);
  EXPECT_EQ(uplink.rollouts[0].begin.policy_version, newest);
  EXPECT_GT(uplink.rollouts[0].begin.rollout, last_number);
  const std::uint64_t next_number = uplink.rollouts[0].begin.rollout;
  uplink = FakeUplink();
  options.forget = true;
  EXPECT_GT(run(config).policies, 0u);
  ASSERT_EQ(uplink.rollouts.size(), 1u);
  EXPECT_EQ(uplink.rollouts[0].begin.policy_version, 1u);
  EXPECT_GT(uplink.rollouts[0].begin.rollout, next_number);
}

// Breaks when the learner could not tell what kind of robot this is.
TEST_F(AgentTest, HelloSaysWhoItIs) {
  const AgentConfig config = config_of(false);
  Agent agent(config, options, [](const std::string&) {});
  Agent other(config, options, [](const std::string&) {});
  EXPECT_EQ(agent.hello().robot_kind, "car");
  EXPECT_EQ(agent.hello().nx, 4u);
  EXPECT_EQ(agent.hello().nu, 2u);
  EXPECT_EQ(agent.hello().nz, 10u);
  EXPECT_NE(agent.hello().nonce, other.hello().nonce);
}

}  // namespace
}  // namespace phigrad
