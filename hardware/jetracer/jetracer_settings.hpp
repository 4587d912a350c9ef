// A JetRacer in a config: where its PWM chip is, and how this car's steering and throttle are
// calibrated.
#pragma once

#include <cmath>

#include "host/config/place.hpp"

namespace phigrad {

enum class NeutralKind { pulse, off };

/// One output. The value sent is gain · u + offset within ±limit; -1, 0, 1 are pulses of 750, 1500,
/// 2250 us.
struct JetRacerChannel {
  double gain = 1;
  double offset = 0;
  double limit = 1;
  double dead_band = 0;
  NeutralKind neutral = NeutralKind::pulse;
  double neutral_us = 1500;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("gain", gain, v.optional, "value a unit of the command; negative: reversed",
            v.between(-10, 10));
    v.field("offset", offset, v.optional, "value at a command of 0", v.between(-1, 1));
    v.field("limit", limit, v.optional, "largest value either way", v.between(0, 1));
    v.field("dead_band", dead_band, v.optional, "commands smaller than this are held neutral",
            v.between(0, 1));
    v.choice(
        "neutral", neutral, {{"pulse", NeutralKind::pulse}, {"off", NeutralKind::off}}, v.optional,
        "how the output is held neutral: by a pulse of neutral_us, or by no pulse at all (only "
        "for a motor controller that brakes or coasts when its signal ends)");
    v.field(
        "neutral_us", neutral_us, v.optional,
        "pulse that holds the output neutral, us; of the steering: the one that drives straight",
        v.between(750, 2250));
  }

  void check(const Place& at) const {
    if (std::abs(offset) <= limit) return;
    at.key("offset").fail("an offset beyond the limit", "raise `limit` or lower `offset`");
  }
};

struct JetRacerSettings {
  int bus = 1;
  int address = 0x40;
  JetRacerChannel steering;
  JetRacerChannel throttle;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("bus", bus, v.optional,
            "number N of the bus /dev/i2c-N; `phigrad agent --scan` finds it", v.between(0, 255));
    v.field("address", address, v.optional, "I2C address of the PWM chip; 64 is 0x40",
            v.between(0x40, 0x7F));
    v.section("steering", steering, "the steering servo, output 0 of the chip");
    v.section("throttle", throttle, "the motor controller, output 1 of the chip");
  }
};

}  // namespace phigrad
