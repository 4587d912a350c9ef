// A PCA9685 as its data sheet describes it (NXP, product data sheet rev. 4): registers, and what
// comes out of outputs 0 and 1. It shares no code with the driver and counts what a driver must not
// do.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace phigrad {

class Pca9685Model {
 public:
  using Clock = std::chrono::steady_clock;
  using Outputs = std::array<double, 2>;  // us high a period

  /// `now` tells the time; tests that pass by the oscillator's start give their own.
  explicit Pca9685Model(std::function<Clock::time_point()> now = Clock::now)
      : now_(std::move(now)) {
    power_on();
  }

  /// Power-on reset: the defaults of table 4.
  void power_on() {
    registers_.fill(0);
    registers_[0x00] = 0x11;  // SLEEP, ALLCALL
    registers_[0x01] = 0x04;  // OUTDRV
    registers_[0x02] = 0xE2;
    registers_[0x03] = 0xE4;
    registers_[0x04] = 0xE8;
    registers_[0x05] = 0xE0;
    for (std::size_t led = 0; led < 16; ++led) registers_[0x09 + 4 * led] = 0x10;  // full off
    registers_[0xFE] = 0x1E;                                                       // 200 Hz
    latched_ = registers_;
    pointer_ = 0;
  }

  /// A write from START to STOP: the control register, then data. False where a byte is not
  /// acknowledged.
  bool write(const std::uint8_t* bytes, std::size_t n) {
    if (n == 0) return true;
    pointer_ = bytes[0];
    written_.fill(false);
    bool acknowledged = true;
    for (std::size_t i = 1; i < n && acknowledged; ++i) {
      acknowledged = write_register(pointer_, bytes[i]);
      advance();
    }
    stop();
    return acknowledged;
  }

  /// A write of the control register, a repeated START and a read of `n` bytes.
  bool read(std::uint8_t first, std::uint8_t* into, std::size_t n) {
    pointer_ = first;
    for (std::size_t i = 0; i < n; ++i) {
      if (!exists(pointer_)) return false;
      into[i] = pointer_ >= 0xFA && pointer_ <= 0xFD ? std::uint8_t{0} : registers_[pointer_];
      advance();
    }
    return true;
  }

  std::uint8_t at(std::uint8_t address) const { return registers_[address]; }
  bool asleep() const { return (registers_[0x00] & 0x10) != 0; }

  /// Equation 1 solved for the update rate, Hz.
  double frequency_hz() const { return 25e6 / (4096.0 * (registers_[0xFE] + 1.0)); }

  /// How long outputs 0 and 1 are high in each period, us: nothing without the oscillator.
  Outputs high_us() const { return asleep() ? Outputs{0, 0} : Outputs{high_us(0), high_us(1)}; }

  /// high_us() after each transaction that found or left the oscillator on.
  const std::vector<Outputs>& seen() const { return seen_; }

  /// Breaches of the data sheet, in words.
  const std::vector<std::string>& faults() const { return faults_; }

  /// Transactions that wrote some of the eight registers of outputs 0 and 1, but not all, and did
  /// not end both outputs' pulses either.
  int torn() const { return torn_; }

  /// Transactions that wrote pulses while the oscillator was off.
  int pulses_while_asleep() const { return pulses_while_asleep_; }

 private:
  static constexpr std::chrono::microseconds oscillator_start{500};

  static bool exists(std::uint8_t address) { return address <= 0x45 || address >= 0xFA; }
  static bool is_led(std::uint8_t address) { return address >= 0x06 && address <= 0x45; }
  bool auto_increments() const { return (registers_[0x00] & 0x20) != 0; }

  void advance() {
    if (!auto_increments()) return;
    const bool rolls_over = pointer_ == 0x45 || pointer_ == 0xFE;  // remarks below table 4
    pointer_ = rolls_over ? std::uint8_t{0} : static_cast<std::uint8_t>(pointer_ + 1);
  }

  void fault(const char* what) { faults_.emplace_back(what); }

  bool waking() const { return now_() - woke_at_ < oscillator_start; }

  bool write_register(std::uint8_t address, std::uint8_t value) {
    if (!exists(address)) {
      fault("a reserved register was written");
      return false;
    }
    if (is_led(address)) {
      write_led(address, value);
    } else if (address == 0x00) {
      write_mode1(value);
    } else if (address == 0x01) {
      registers_[address] = value & 0x1F;  // bits 7 to 5 are read-only
    } else if (address <= 0x05) {
      registers_[address] = value & 0xFE;  // bit 0 is read-only
    } else if (address <= 0xFD) {          // ALL_LED loads that byte of every output
      for (unsigned led = 0; led < 16; ++led) {
        write_led(static_cast<std::uint8_t>(0x06 + 4 * led + (address - 0xFA)), value);
      }
    } else if (address == 0xFE) {
      write_pre_scale(value);
    } else {
      fault("the test mode register was written");
    }
    return true;
  }

  void write_led(std::uint8_t address, std::uint8_t value) {
    const bool high_byte = (address - 0x06) % 2 == 1;
    registers_[address] = high_byte ? value & 0x1F : value;
    written_[address] = true;
    if (!asleep() && waking()) fault("pulses were written within 500 us of waking");
  }

  void write_mode1(std::uint8_t value) {
    const std::uint8_t before = registers_[0x00];
    std::uint8_t after = static_cast<std::uint8_t>((value & 0x7F) | (before & 0x80));
    after = static_cast<std::uint8_t>(after | (before & 0x40));  // EXTCLK is sticky
    const bool sleeps = (after & 0x10) != 0;
    const bool stops = sleeps && !asleep();
    if (stops && now_() - pulses_at_ < std::chrono::duration<double>(1 / frequency_hz())) {
      fault("the clock was stopped before new pulses took effect");  // figures 9 and 10
    }
    if (stops && (latched_[0x09] & latched_[0x0D] & 0x10) == 0) after |= 0x80;
    if (!sleeps && asleep()) woke_at_ = now_();
    if ((value & 0x80) != 0) {
      if (sleeps) {
        fault("RESTART was written asleep");
      } else if (waking()) {
        fault("RESTART was written within 500 us of waking");
      }
      after &= 0x7F;
    }
    registers_[0x00] = after;
  }

  void write_pre_scale(std::uint8_t value) {
    if (!asleep()) {
      fault("PRE_SCALE was written awake");  // and is blocked
    } else {
      registers_[0xFE] = value < 3 ? std::uint8_t{3} : value;
    }
  }

  void stop() {
    int of_both = 0, of_any = 0;
    for (unsigned i = 0x06; i <= 0x45; ++i) {
      of_any += written_[i] ? 1 : 0;
      of_both += i <= 0x0D && written_[i] ? 1 : 0;
    }
    const bool ends_both =
        written_[0x09] && written_[0x0D] && (registers_[0x09] & registers_[0x0D] & 0x10) != 0;
    if (of_both != 0 && of_both != 8 && !ends_both) ++torn_;
    if (of_any != 0) {
      if ((registers_[0x01] & 0x08) != 0) fault("outputs change on acknowledge, one by one");
      registers_[0x00] &= 0x7F;  // clears RESTART
      if (asleep() && !ends_both) ++pulses_while_asleep_;
      if (!asleep()) pulses_at_ = now_();
    }
    latched_ = registers_;
    if (!asleep()) seen_.push_back(high_us());
  }

  double high_us(std::size_t led) const {
    const std::size_t first = 0x06 + 4 * led;
    const unsigned on = latched_[first] | unsigned{latched_[first + 1]} << 8;
    const unsigned off = latched_[first + 2] | unsigned{latched_[first + 3]} << 8;
    if ((off & 0x1000) != 0) return 0;  // full off wins over full on
    const double count_us = (registers_[0xFE] + 1) / 25.0;
    if ((on & 0x1000) != 0) return 4096 * count_us;
    return ((off - on) & 0x0FFF) * count_us;
  }

  std::function<Clock::time_point()> now_;
  std::array<std::uint8_t, 256> registers_{};
  std::array<std::uint8_t, 256> latched_{};  // as of the last STOP
  std::array<bool, 256> written_{};          // in this transaction
  std::uint8_t pointer_ = 0;                 // the control register
  Clock::time_point woke_at_{};
  Clock::time_point pulses_at_{};  // written last, awake
  std::vector<Outputs> seen_;
  std::vector<std::string> faults_;
  int torn_ = 0;
  int pulses_while_asleep_ = 0;
};

}  // namespace phigrad
