// The section "agent": what is read, what is refused, what becomes of it.
#include "hardware/agent/agent_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "hardware/agent/agent_parts.hpp"
#include "host/config/fields.hpp"
#include "tests/hardware/agent/agent_fixture.hpp"
#include "tests/hardware/agent/expect_error.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

using testing::input_error_of;

constexpr const char* plain = R"({
  "driver": {"type": "sim", "real_time": false},
  "limits": {"low": [-0.75, -1], "high": [0.75, 1]},
  "geofence": {"type": "none"}
})";

AgentConfig read(const std::string& agent, const std::string& config = "car") {
  const std::string path = config_path(config);
  auto document = read_json(path);
  document["agent"] = nlohmann::ordered_json::parse(agent);
  return read_agent_config(document, path);
}

std::string with(const std::string& key, const std::string& value) {
  auto agent = nlohmann::ordered_json::parse(plain);
  agent[key] = nlohmann::ordered_json::parse(value);
  return agent.dump();
}

std::string loop_error(const std::string& agent, const std::string& config = "car") {
  return input_error_of([&] { make_loop_settings(read(agent, config)); });
}

std::string limit_error(const std::string& limits) {
  return input_error_of([&] { make_limits(read(with("limits", limits))); });
}

// Breaks when a default is not the one that the documentation states.
TEST(AgentSettings, DefaultsFollowThePeriod) {
  const LoopSettings s = make_loop_settings(read(plain));
  EXPECT_DOUBLE_EQ(s.period_s, 0.02);
  EXPECT_DOUBLE_EQ(s.pose_limit_s, 0.06);
  EXPECT_DOUBLE_EQ(s.longest_period_s, 0.04);
  EXPECT_EQ(s.segments, 156);
  EXPECT_EQ(s.rollouts_per_policy, 1u);
  EXPECT_FALSE(s.fence.has_value());
}

// Breaks when a setting is read and then not used.
TEST(AgentSettings, EverySettingReachesTheLoop) {
  auto agent = nlohmann::ordered_json::parse(
      with("geofence", R"({"type": "polygon", "x_m": [0, 4, 4, 0], "y_m": [0, 0, 3, 3],
                           "margin_m": 0.5})"));
  agent.update({{"dead_man_s", 0.1},
                {"link_dead_man_s", 2},
                {"longest_period_s", 0.03},
                {"rest_s", 1.5},
                {"rollouts_per_policy", 7},
                {"task_time_s", 0.25}});
  const LoopSettings s = make_loop_settings(read(agent.dump()));
  EXPECT_DOUBLE_EQ(s.pose_limit_s, 0.1);
  EXPECT_DOUBLE_EQ(s.link_limit_s, 2);
  EXPECT_DOUBLE_EQ(s.longest_period_s, 0.03);
  EXPECT_DOUBLE_EQ(s.rest_s, 1.5);
  EXPECT_EQ(s.rollouts_per_policy, 7u);
  EXPECT_DOUBLE_EQ(s.task_time_s, 0.25);
  ASSERT_TRUE(s.fence.has_value());
  EXPECT_TRUE(s.fence->contains({0.6, 0.6}));
  EXPECT_FALSE(s.fence->contains({0.4, 0.6}));
  EXPECT_EQ(s.planar.heading, 3);
}

// Breaks when a misspelt or missing key takes a default.
TEST(AgentSettings, KeysAreReadStrictly) {
  EXPECT_THAT(input_error_of([] { read(with("geofense", "{}")); }),
              ::testing::HasSubstr("geofense"));
  EXPECT_THAT(input_error_of([] {
                read(R"({"driver": {"type": "sim"}, "limits": {"low": [-1, -1], "high": [1, 1]}})");
              }),
              ::testing::HasSubstr("agent: geofence"));
  EXPECT_THAT(input_error_of([] { read(with("driver", R"({"type": "submarine"})")); }),
              ::testing::HasSubstr("submarine"));
  EXPECT_THAT(input_error_of([] { read_agent_config(nlohmann::ordered_json::object(), "x.json"); }),
              ::testing::HasSubstr("says nothing about an agent"));
}

// Breaks when limits that fit another robot, or a fence around nothing, are taken.
TEST(AgentSettings, WhatDoesNotFitTheRobotIsRefused) {
  EXPECT_THAT(limit_error(R"({"low": [-1], "high": [1, 1]})"),
              ::testing::HasSubstr("agent.limits.low"));
  EXPECT_THAT(limit_error(R"({"low": [1, -1], "high": [0, 1]})"), ::testing::HasSubstr("range"));
  EXPECT_THAT(loop_error(with("geofence", R"({"type": "circle", "radius_m": 1, "margin_m": 2})")),
              ::testing::HasSubstr("margin"));
  EXPECT_THAT(loop_error(with("geofence", R"({"type": "circle", "radius_m": 1})"), "scalar"),
              ::testing::HasSubstr("without a place in the plane"));
}

// Breaks when one of the drivers cannot be configured, or settings do not survive their own copy.
TEST(AgentSettings, EveryDriverIsRead) {
  for (const char* driver :
       {R"({"type": "sim"})", R"({"type": "replay", "log": "runs/a", "rollout": 2})",
        R"({"type": "jetracer", "bus": 7, "pose": {"body": "car", "speed": "forward"}})",
        R"({"type": "go1", "robot_host": "192.168.12.1"})"}) {
    const AgentConfig config = read(with("driver", driver), "jetracer");
    const auto document = write_settings(config.agent);
    EXPECT_EQ(document["driver"]["type"], nlohmann::ordered_json::parse(driver)["type"]);
    EXPECT_EQ(write_settings(read_settings<AgentSettings>(document, "copy")), document);
  }
}

// Breaks when a dry run would drive, or a robot with other states is measured by the wrong driver.
TEST(AgentSettings, DriversThatDoNotFitAreRefused) {
  const auto ports = std::make_unique<LoopPorts>();
  const SteadyClock clock;
  EXPECT_THROW(make_driver(read(plain), clock, *ports, true, &read_recordings), Error);
  const std::string car = with("driver", R"({"type": "jetracer"})");
  EXPECT_THAT(input_error_of(
                  [&] { make_driver(read(car, "scalar"), clock, *ports, true, &read_recordings); }),
              ::testing::HasSubstr("other states"));
  const AgentConfig jetracer = read(car, "jetracer");
  const DrivenRobot dry = make_driver(jetracer, clock, *ports, true, &read_recordings);
  EXPECT_NE(dry.pose, nullptr);
  EXPECT_EQ(dry.start, nullptr);
  EXPECT_TRUE(dry.real_time);
  EXPECT_THAT(dry.driver->description(), ::testing::HasSubstr("only prints"));
}

}  // namespace
}  // namespace phigrad
