// A bus for dry runs: prints what would be sent.
#pragma once

#include <array>
#include <cstdio>

#include "hardware/jetracer/i2c_bus.hpp"

namespace phigrad {

/// Prints a line a transaction, "0x40 < 06 00 00 33 01" for a write and "0x40 > FE: 79" for a read.
/// What is read back is what was written last, 0 before; one device, whatever its address.
class PrintingBus final : public I2cBus {
 public:
  explicit PrintingBus(std::FILE* out) : out_(out) {}  // `out` stays the caller's

  /// False, with error() set, only where `out` does not take the line.
  bool write(std::uint8_t address, const std::uint8_t* bytes, std::size_t n) noexcept override;
  bool read(std::uint8_t address, std::uint8_t first, std::uint8_t* into,
            std::size_t n) noexcept override;
  std::string description() const override { return "a bus that only prints"; }

 private:
  bool print(const char* start, const std::uint8_t* bytes, std::size_t n) noexcept;

  std::FILE* out_;
  std::array<std::uint8_t, 256> registers_{};
};

}  // namespace phigrad
