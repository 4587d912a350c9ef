// The JetRacer's section of a config.
#include "hardware/jetracer/jetracer_settings.hpp"

#include <gtest/gtest.h>

#include "host/config/fields.hpp"
#include "host/config/json_document.hpp"
#include "tests/host/config/expect_error.hpp"

namespace phigrad {
namespace {

JetRacerSettings read(const std::string& text) {
  return read_settings<JetRacerSettings>(parse_json(text, "car.json"), "car.json");
}

// Breaks when a key is read into another member, or a default is not NVIDIA's build.
TEST(JetRacerSettings, ReadsEveryKey) {
  const JetRacerSettings plain = read("{}");
  EXPECT_EQ(plain.bus, 1);
  EXPECT_EQ(plain.address, 0x40);
  EXPECT_EQ(plain.throttle.neutral, NeutralKind::pulse);
  EXPECT_EQ(plain.throttle.neutral_us, 1500);

  const JetRacerSettings s = read(R"({
    "bus": 7, "address": 65,
    "steering": {"gain": -1, "offset": -0.325, "limit": 0.9, "dead_band": 0.01,
                 "neutral_us": 1256.25},
    "throttle": {"gain": -0.5, "offset": 0.05, "limit": 0.75, "neutral": "off"}})");
  EXPECT_EQ(s.bus, 7);
  EXPECT_EQ(s.address, 0x41);
  EXPECT_EQ(s.steering.gain, -1);
  EXPECT_EQ(s.steering.offset, -0.325);
  EXPECT_EQ(s.steering.limit, 0.9);
  EXPECT_EQ(s.steering.dead_band, 0.01);
  EXPECT_EQ(s.steering.neutral_us, 1256.25);
  EXPECT_EQ(s.steering.neutral, NeutralKind::pulse);
  EXPECT_EQ(s.throttle.gain, -0.5);
  EXPECT_EQ(s.throttle.limit, 0.75);
  EXPECT_EQ(s.throttle.neutral, NeutralKind::off);
  EXPECT_EQ(write_settings(read_settings<JetRacerSettings>(write_settings(s), "a")),
            write_settings(s));
}

// Breaks when a value passes that no car has.
TEST(JetRacerSettings, RefusesWhatNoCarHas) {
  for (const char* text :
       {R"({"bus": -1})", R"({"address": 63})", R"({"address": 128})",
        R"({"steering": {"limit": 1.1}})", R"({"steering": {"dead_band": -0.1}})",
        R"({"throttle": {"neutral_us": 2251}})", R"({"throttle": {"neutral": "brake"}})",
        R"({"throttle": {"slew": 1}})"}) {
    EXPECT_THROW(read(text), Error) << text;
  }
  expect_error([] { read(R"({"throttle": {"offset": -0.3, "limit": 0.2}})"); }, Exit::input,
               "an offset beyond the limit [car.json: throttle.offset]; raise `limit` or lower "
               "`offset`");
}

}  // namespace
}  // namespace phigrad
