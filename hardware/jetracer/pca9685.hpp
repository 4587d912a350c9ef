// The PCA9685 PWM chip: two neighbouring outputs of servo pulses.
// Source: NXP, PCA9685 product data sheet, rev. 4 (section numbers below are its own).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "hardware/jetracer/i2c_bus.hpp"

namespace phigrad {

class Pca9685 {
 public:
  static constexpr std::size_t outputs = 2;       // outputs 0 and 1 of the chip's 16
  static constexpr double oscillator_mhz = 25;    // the chip's own clock, §7.3.5
  static constexpr int counts_per_period = 4096;  // of one PWM period
  using Pulses = std::array<double, outputs>;     // us high a period; not above 0: low throughout

  /// `bus` outlives the chip. The chip itself is not touched before start().
  Pca9685(I2cBus& bus, std::uint8_t address, double pwm_hz);

  /// From any state the chip can be in: stops what runs on any output, sets the frequency and
  /// update on STOP, and starts with pulses of `rest`. Takes up to 50 ms. Throws Error(Exit::robot)
  /// where the chip does not answer, is no PCA9685 on its own clock, or reads back other than it
  /// was set; pulses of the chip are then stopped, where it still takes that.
  void start(const Pulses& rest);

  /// Both outputs in one transaction, so that neither is ever half updated (§7.3.2: registers take
  /// effect together at the STOP). Then asks whether the chip still runs: after a brown-out it is
  /// asleep, yet acknowledges. False where a transfer failed or the chip does not run.
  bool set(const Pulses& pulses_us) noexcept;

  /// Ends the pulses of all 16 outputs. False where the chip did not take it.
  bool stop() noexcept;

  int prescale() const { return prescale_; }  // 121 at 50 Hz
  double count_us() const { return (prescale_ + 1) / oscillator_mhz; }
  std::string description() const;

 private:
  enum Register : std::uint8_t {
    mode1 = 0x00,
    mode2 = 0x01,
    led0_on_l = 0x06,
    all_led_off_h = 0xFD,
    pre_scale = 0xFE,
  };

  void put_to_sleep(bool runs);
  void set_frequency();
  void wake(const Pulses& rest);
  bool write_register(Register to, std::uint8_t value) noexcept;
  bool write_pulses(const Pulses& pulses_us) noexcept;
  void require(bool transferred, const char* what) const;
  std::uint8_t require_read(Register from, const char* what);

  I2cBus& bus_;
  std::uint8_t address_;
  int prescale_;
};

}  // namespace phigrad
