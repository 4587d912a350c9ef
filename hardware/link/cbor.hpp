// The CBOR (RFC 8949) of control messages, read from untrusted bytes within stated bounds.
//
// A robot in any language may write it: one map with text keys, definite lengths (what CBOR
// libraries write unless told otherwise), no tags, no null.
//
// nlohmann's reader recurses as deep as its input says, in strings of indefinite length without any
// event on the way, and wraps negative integers below -2^63. So the bytes are walked first, without
// recursion, and every size in them is held against a cap before anything is allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "hardware/link/frame.hpp"

namespace phigrad::link {

inline constexpr std::size_t max_text_bytes = 256;
inline constexpr std::size_t max_binary_bytes = 64;
inline constexpr std::size_t max_array_items = 64;
inline constexpr std::size_t max_map_members = 32;
inline constexpr std::size_t max_cbor_depth = 4;     // nested maps and arrays
inline constexpr std::size_t max_cbor_values = 512;  // in one message, keys included
// All that is ever allocated while one message is read, whatever its bytes.
inline constexpr std::size_t max_cbor_memory = std::size_t{256} << 10;

struct CborValue;
using CborBytes = std::vector<std::uint8_t>;
using CborArray = std::vector<CborValue>;
using CborMember = std::pair<std::string, CborValue>;
using CborMap = std::vector<CborMember>;  // keys are unique

struct CborValue {
  // Integers: unsigned where they are not negative.
  using Value = std::variant<bool, std::uint64_t, std::int64_t, double, std::string, CborBytes,
                             CborArray, CborMap>;
  Value value;
};

/// Parses a message's payload. Throws nothing but std::bad_alloc.
std::variant<CborMap, Refusal> parse_cbor(ByteView bytes);

/// Whether text from outside may go into a log: valid UTF-8 (RFC 3629) without control characters.
bool is_plain_text(std::string_view text) noexcept;

}  // namespace phigrad::link
