#include "hardware/jetracer/pca9685.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <system_error>
#include <thread>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

enum Mode1 : std::uint8_t {  // §7.3.1
  restart = 0x80,
  external_clock = 0x40,
  auto_increment = 0x20,
  asleep = 0x10,
};

enum Mode2 : std::uint8_t {  // §7.3.2; bit 3 clear: outputs change on STOP
  reserved_bits = 0xE0,
  totem_pole = 0x04,
};

constexpr std::uint8_t full_off = 0x10;  // in LEDn_OFF_H and ALL_LED_OFF_H, §7.3.3

// §7.3.1.1 asks for 500 us between waking and RESTART or new pulses.
constexpr std::chrono::microseconds waking_time{1000};

// A whole period of a chip that somebody left running, at its slowest: 4096 · 256 / 25 MHz.
constexpr std::chrono::microseconds longest_period{42000};

const char* const remedy_wiring =
    "switch the car on and check its cable; `phigrad agent --scan` shows where the chip answers";

/// LEDn_ON and LEDn_OFF of a pulse from count 0 on.
std::array<std::uint8_t, 4> led_bytes(double pulse_us, double count_us) {
  const double most = Pca9685::counts_per_period - 1;
  const double exact = pulse_us > 0 ? std::min(pulse_us / count_us, most) : 0;  // NaN: 0
  const unsigned counts = static_cast<unsigned>(std::lround(exact));
  // ON and OFF at the same count would say two things at once.
  if (counts == 0) return {0, 0, 0, full_off};
  return {0, 0, static_cast<std::uint8_t>(counts), static_cast<std::uint8_t>(counts >> 8)};
}

}  // namespace

Pca9685::Pca9685(I2cBus& bus, std::uint8_t address, double pwm_hz)
    : bus_(bus),
      address_(address),
      // §7.3.5, equation 1; the chip takes 3 to 255.
      prescale_(static_cast<int>(std::lround(
                    std::clamp(oscillator_mhz * 1e6 / (counts_per_period * pwm_hz), 4.0, 256.0))) -
                1) {}

void Pca9685::start(const Pulses& rest) {
  const std::uint8_t mode1_found = require_read(mode1, "MODE1");
  const std::uint8_t mode2_found = require_read(mode2, "MODE2");
  if ((mode1_found & external_clock) != 0 || (mode2_found & reserved_bits) != 0) {
    throw Error(Exit::robot,
                "the device is no PCA9685 on its own clock: MODE1 reads " + hex_byte(mode1_found) +
                    ", MODE2 " + hex_byte(mode2_found),
                description(),
                "set `bus` and `address` to where the chip is (`phigrad agent --scan`); where they "
                "are right, take the board's power away for a moment");
  }
  try {
    put_to_sleep((mode1_found & asleep) == 0);
    set_frequency();
    wake(rest);
  } catch (const Error&) {
    stop();
    throw;
  }
}

void Pca9685::put_to_sleep(bool runs) {
  require(stop(), "the outputs");
  // Outputs change at the end of a period (§7.3.3): the clock has to run that long.
  if (runs) std::this_thread::sleep_for(longest_period);
  require(write_register(mode1, auto_increment | asleep), "MODE1");
}

void Pca9685::set_frequency() {
  require(write_register(pre_scale, static_cast<std::uint8_t>(prescale_)), "PRE_SCALE");
  const std::uint8_t found = require_read(pre_scale, "PRE_SCALE");
  if (found == prescale_) return;
  throw Error(Exit::robot,
              "the chip did not take its frequency: PRE_SCALE reads " + hex_byte(found) +
                  " after " + hex_byte(static_cast<std::uint8_t>(prescale_)) + " was written",
              description(),
              "another program may be using the chip: stop it; else the device is no PCA9685 "
              "(`phigrad agent --scan`)");
}

void Pca9685::wake(const Pulses& rest) {
  require(write_register(mode2, totem_pole), "MODE2");
  require(write_pulses(rest), "the outputs");  // what starts on waking is at rest
  require(write_register(mode1, auto_increment), "MODE1");
  std::this_thread::sleep_for(waking_time);
  // Two ways to set outputs going that were written asleep; §7.3.1.1 is clear on neither alone.
  require(write_register(mode1, restart | auto_increment), "MODE1");
  require(write_pulses(rest), "the outputs");
  const std::uint8_t found = require_read(mode1, "MODE1");
  if ((found & ~restart) == auto_increment) return;
  throw Error(Exit::robot,
              "the chip does not run: MODE1 reads " + hex_byte(found) + " after " +
                  hex_byte(auto_increment) + " was written",
              description(),
              "another program may be using the chip: stop it; else check the board's supply");
}

bool Pca9685::set(const Pulses& pulses_us) noexcept {
  std::uint8_t mode = 0;
  return write_pulses(pulses_us) && bus_.read(address_, mode1, &mode, 1) &&
         (mode & (asleep | auto_increment)) == auto_increment;
}

// The fastest orderly shutdown (§7.3.1.1, footnote), and the only one without auto-increment.
bool Pca9685::stop() noexcept { return write_register(all_led_off_h, full_off); }

std::string Pca9685::description() const {
  return "PCA9685 at " + hex_byte(address_) + " on " + bus_.description();
}

bool Pca9685::write_register(Register to, std::uint8_t value) noexcept {
  const std::array<std::uint8_t, 2> bytes{to, value};
  return bus_.write(address_, bytes.data(), bytes.size());
}

bool Pca9685::write_pulses(const Pulses& pulses_us) noexcept {
  std::array<std::uint8_t, 1 + 4 * outputs> bytes{led0_on_l};
  auto at = bytes.begin() + 1;
  for (const double pulse_us : pulses_us) {
    const std::array<std::uint8_t, 4> led = led_bytes(pulse_us, count_us());
    at = std::copy(led.begin(), led.end(), at);
  }
  return bus_.write(address_, bytes.data(), bytes.size());
}

void Pca9685::require(bool transferred, const char* what) const {
  if (transferred) return;
  throw Error(Exit::robot,
              std::string("the chip does not answer (") + what +
                  "): " + std::generic_category().message(bus_.error()),
              description(), remedy_wiring);
}

std::uint8_t Pca9685::require_read(Register from, const char* what) {
  std::uint8_t value = 0;
  require(bus_.read(address_, from, &value, 1), what);
  return value;
}

}  // namespace phigrad
