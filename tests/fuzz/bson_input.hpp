// A fuzzer's bytes as a BSON file.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace phigrad {

/// The bytes with the length in front put right: a reader looks at it before anything else.
inline std::vector<std::uint8_t> bson_input(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> bytes(data, data + size);
  for (std::size_t i = 0; i < std::min<std::size_t>(size, 4); ++i) {
    bytes[i] = static_cast<std::uint8_t>(size >> (8 * i));
  }
  return bytes;
}

}  // namespace phigrad
