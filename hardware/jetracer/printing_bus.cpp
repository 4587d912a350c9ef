#include "hardware/jetracer/printing_bus.hpp"

#include <cerrno>

namespace phigrad {

bool PrintingBus::write(std::uint8_t address, const std::uint8_t* bytes, std::size_t n) noexcept {
  for (std::size_t i = 1; i < n; ++i) {
    registers_[static_cast<std::uint8_t>(bytes[0] + i - 1)] = bytes[i];
  }
  char start[16];
  std::snprintf(start, sizeof start, "0x%02X <", static_cast<unsigned>(address));
  return print(start, bytes, n);
}

bool PrintingBus::read(std::uint8_t address, std::uint8_t first, std::uint8_t* into,
                       std::size_t n) noexcept {
  for (std::size_t i = 0; i < n; ++i) into[i] = registers_[static_cast<std::uint8_t>(first + i)];
  char start[16];
  std::snprintf(start, sizeof start, "0x%02X > %02X:", static_cast<unsigned>(address),
                static_cast<unsigned>(first));
  return print(start, into, n);
}

bool PrintingBus::print(const char* start, const std::uint8_t* bytes, std::size_t n) noexcept {
  std::fputs(start, out_);
  for (std::size_t i = 0; i < n; ++i) {
    std::fprintf(out_, " %02X", static_cast<unsigned>(bytes[i]));
  }
  std::fputc('\n', out_);
  std::fflush(out_);  // whoever reads along, or kills the agent, sees the last one
  if (std::ferror(out_) == 0) return true;
  error_ = EIO;
  return false;
}

}  // namespace phigrad
