// An I2C bus: transfers to a device's registers, and the Linux bus behind them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace phigrad {

/// Whole transactions, START to STOP. Addresses are 7 bits wide, as i2cdetect shows them.
class I2cBus {
 public:
  virtual ~I2cBus() = default;

  /// Sends `n` bytes, the first a register where the device has registers. False, with error()
  /// set, where the device did not acknowledge them all.
  virtual bool write(std::uint8_t address, const std::uint8_t* bytes, std::size_t n) noexcept = 0;

  /// Reads `n` bytes from register `first` on, in one transaction with a repeated START. False,
  /// with error() set, where the device did not answer.
  virtual bool read(std::uint8_t address, std::uint8_t first, std::uint8_t* into,
                    std::size_t n) noexcept = 0;

  /// The bus in a message: "/dev/i2c-1".
  virtual std::string description() const = 0;

  /// errno of the last transfer that failed.
  int error() const noexcept { return error_; }

 protected:
  int error_ = 0;
};

/// A register, its content or an address in a message: "0x40".
std::string hex_byte(std::uint8_t value);

/// The system calls of LinuxI2cBus, as open(2), ioctl(2) and close(2): -1 with errno on failure.
class I2cCalls {
 public:
  virtual ~I2cCalls() = default;
  virtual int open(const char* path) noexcept = 0;
  virtual int ioctl(int fd, unsigned long request, unsigned long argument) noexcept = 0;
  virtual void close(int fd) noexcept = 0;
};

/// Those of the kernel.
I2cCalls& system_i2c_calls();

/// /dev/i2c-<number>, by I2C_RDWR (Linux, Documentation/i2c/dev-interface).
class LinuxI2cBus final : public I2cBus {
 public:
  static constexpr std::size_t most_bytes = 32;  // of one transfer; longer ones fail: EMSGSIZE

  /// Opens the device; valid() tells whether it worked, error() why not.
  LinuxI2cBus(int number, I2cCalls& calls);
  ~LinuxI2cBus() override;
  LinuxI2cBus(const LinuxI2cBus&) = delete;
  LinuxI2cBus& operator=(const LinuxI2cBus&) = delete;

  bool valid() const noexcept { return fd_ >= 0; }

  bool write(std::uint8_t address, const std::uint8_t* bytes, std::size_t n) noexcept override;
  bool read(std::uint8_t address, std::uint8_t first, std::uint8_t* into,
            std::size_t n) noexcept override;
  std::string description() const override { return path_; }

  /// Whether a driver of the kernel owns the device at `address`: transfers would reach it all the
  /// same.
  bool held_by_kernel(std::uint8_t address) noexcept;

  /// How long the kernel waits for a stuck bus, in steps of 10 ms. It holds for all users of the
  /// bus, and adapters may ignore it.
  void set_timeout(unsigned long tens_of_ms) noexcept;

 private:
  bool ioctl(unsigned long request, unsigned long argument, int wanted) noexcept;

  I2cCalls& calls_;
  std::string path_;
  int fd_;
};

/// Opens bus `number` to drive the device at `address`. Throws Error(Exit::robot) where there is no
/// such bus, no right to it, or where a driver of the kernel owns that device.
std::unique_ptr<LinuxI2cBus> open_i2c_bus(int number, std::uint8_t address,
                                          I2cCalls& calls = system_i2c_calls());

enum class I2cAnswer {
  answers,  // a device acknowledged and gave a byte
  silent,   // none did
  held,     // a driver of the kernel owns the address: not asked
  denied,   // the bus did not open
};

struct I2cFinding {
  int bus;  // N of /dev/i2c-N
  I2cAnswer answer;
  int error;  // errno where the answer is silent or denied, else 0
};

/// Asks every bus of /dev/i2c-0 … 15 for register 0 of the device at `address`. Buses that do not
/// exist are left out.
std::vector<I2cFinding> scan_i2c(std::uint8_t address, I2cCalls& calls = system_i2c_calls());

}  // namespace phigrad
