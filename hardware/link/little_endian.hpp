// Numbers as the link writes them: little-endian, whatever the machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace phigrad::link {

static_assert(std::numeric_limits<double>::is_iec559 && sizeof(double) == 8,
              "rows on the wire are IEEE 754 binary64");

/// The integer in the sizeof(T) bytes at `from`, of any alignment.
template <class T>
T load_le(const std::uint8_t* from) noexcept {
  static_assert(std::is_integral_v<T>);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) bits |= std::uint64_t{from[i]} << (8 * i);
  return static_cast<T>(bits);
}

/// Writes `value` to the sizeof(T) bytes at `into`, of any alignment.
template <class T>
void store_le(T value, std::uint8_t* into) noexcept {
  static_assert(std::is_integral_v<T>);
  const auto bits = static_cast<std::uint64_t>(value);
  for (std::size_t i = 0; i < sizeof(T); ++i) into[i] = static_cast<std::uint8_t>(bits >> (8 * i));
}

/// Reads `count` numbers of 8 bytes each; every bit pattern, NaN's too, comes over unchanged.
inline void load_doubles(const std::uint8_t* from, std::size_t count, double* into) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    const auto bits = load_le<std::uint64_t>(from + 8 * i);
    std::memcpy(into + i, &bits, sizeof bits);
  }
}

/// Writes `count` numbers to 8 bytes each.
inline void store_doubles(const double* from, std::size_t count, std::uint8_t* into) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, from + i, sizeof bits);
    store_le(bits, into + 8 * i);
  }
}

}  // namespace phigrad::link
