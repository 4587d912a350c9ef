// What a config may say about a Go1.
#include "hardware/go1/go1_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/config/fields.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

using Json = nlohmann::ordered_json;

std::string refusal(const Json& document) {
  try {
    read_settings<Go1Settings>(document, "agent.json");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::input);
    return error.what();
  }
  return "accepted";
}

// Breaks when a default is not the robot's published address or the paper's limits.
TEST(Go1Settings, DefaultsAreTheWiredRobotAndThePapersLimits) {
  const Go1Settings s = read_settings<Go1Settings>(Json::object(), "agent.json");
  EXPECT_EQ(s.robot_host, "192.168.123.161");
  EXPECT_EQ(s.robot_port, 8082);
  EXPECT_EQ(s.local_port, 8090);
  EXPECT_EQ(s.speed_cap_m_per_s, 1);
  EXPECT_EQ(s.yaw_rate_cap_rad_per_s, 3);
  EXPECT_EQ(s.gait, Go1Gait::trot);
  EXPECT_TRUE(s.state_checksum);
}

// Breaks when a key is not read, or is not written back as it was read.
TEST(Go1Settings, SurviveARoundTrip) {
  const Json document = {
      {"robot_host", "192.168.12.1"}, {"robot_port", 18082},           {"local_port", 0},
      {"speed_cap_m_per_s", 0.7},     {"yaw_rate_cap_rad_per_s", 2.5}, {"gait", "stairs"},
      {"foot_raise_m", 0.01},         {"body_height_m", -0.1},         {"answer_within_s", 0.5},
      {"slowing_calls", 4},           {"state_checksum", false}};
  const Json written = write_settings(read_settings<Go1Settings>(document, "agent.json"));
  EXPECT_EQ(written, document);
}

// Breaks when a config can ask for more than the paper's limits, or for what cannot work.
TEST(Go1Settings, RefuseWhatIsNotSafeOrCannotWork) {
  for (const Json& document :
       {Json{{"speed_cap_m_per_s", 1.01}}, Json{{"speed_cap_m_per_s", 0}},
        Json{{"yaw_rate_cap_rad_per_s", 3.01}}, Json{{"yaw_rate_cap_rad_per_s", -1}},
        Json{{"robot_port", 0}}, Json{{"local_port", 65536}}, Json{{"gait", "gallop"}},
        Json{{"foot_raise_m", 0.04}}, Json{{"body_height_m", -0.14}}, Json{{"slowing_calls", 0}},
        Json{{"answer_within_s", 0}}, Json{{"robot_hots", "192.168.12.1"}}}) {
    const std::string key = document.begin().key();
    EXPECT_THAT(refusal(document), testing::HasSubstr(key)) << document;
  }
  for (const char* host : {"go1.local", "", "192.168.12", "::1"}) {
    EXPECT_THAT(refusal({{"robot_host", host}}), testing::HasSubstr("no IPv4 address")) << host;
  }
}

}  // namespace
}  // namespace phigrad
