// The frame of the robot link, without a transport: a header of 56 bytes and a payload, two buffers
// that travel together.
//
// Header, little-endian:
//   0  u32  magic, the bytes "PHGL"       16  u64  rollout id        40  i64  sender's monotonic
//   4  u16  protocol version, 1           24  u64  policy version             clock, ns
//   6  u16  message type                  32  u64  first sequence    48  u32  reserved, 0
//   8  u32  payload length, bytes                  number            52  u32  CRC-32C of the header
//  12  u32  count                                                             with this field 0,
//                                                                             then of the payload
// Payload, by type:
//   samples, segments  `count` rows of float64, numbered from `first sequence number`
//   policy             count 0: CBOR, the struct Policy of messages.hpp; else `count` parameters,
//                      float64, the first of them of index `first sequence number`
//   all others         count 0: CBOR, the struct of that name in messages.hpp
// Fields without a meaning for a type are 0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <variant>

namespace phigrad::link {

inline constexpr std::uint16_t protocol_version = 1;
inline constexpr std::size_t header_bytes = 56;
inline constexpr std::size_t max_payload_bytes = std::size_t{1} << 20;
inline constexpr std::size_t max_control_bytes = std::size_t{16} << 10;  // of a CBOR payload
inline constexpr std::uint32_t max_rows = 4096;                          // of one block
inline constexpr std::uint32_t max_columns = 64;                         // of a row
// Sequence numbers also travel as float64 (the first column of a segment row).
inline constexpr std::uint64_t max_sequence = std::uint64_t{1} << 53;

/// Bytes that somebody else owns.
struct ByteView {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
};

enum class MessageType : std::uint16_t {
  hello = 1,
  welcome = 2,
  rollout_begin = 3,
  samples = 4,
  segments = 5,
  rollout_end = 6,
  ack = 7,
  credit = 8,
  policy = 9,
  ping = 10,
  pong = 11,
  pose = 12,
  event = 13,
  control = 14,
  bye = 15,
  refuse = 16,
};

/// Why bytes were not taken.
enum class Refusal {
  // of a frame
  too_short,        // a header of fewer than 56 bytes
  too_long,         // a header of more
  bad_magic,        // not this link
  wrong_version,    // another protocol version
  unknown_type,     // no MessageType
  reserved_set,     // the reserved field is not 0
  over_cap,         // a size above one of the caps; also of a message
  length_mismatch,  // the payload is not as long as declared
  bad_count,        // the count does not fit the type or the payload's length
  bad_sequence,     // sequence numbers above max_sequence
  bad_crc,
  // of a control message's CBOR
  malformed,      // not CBOR, cut short, or bytes after the end
  unsupported,    // CBOR that this link does not use: indefinite lengths, tags, null
  duplicate_key,  // one key twice in a map
  unknown_key,    // a key that the message does not have
  missing_key,    // one that it must have
  wrong_type,     // a value of another type
  out_of_range,   // a value that the message does not allow
};

/// The enumerator as text, for counters and messages: "bad_crc".
const char* name(Refusal refusal) noexcept;

/// What a header says, less what follows from the payload.
struct FrameHeader {
  MessageType type = MessageType::hello;
  std::uint32_t count = 0;  // rows, or parameters
  std::uint64_t rollout = 0;
  std::uint64_t policy_version = 0;
  std::uint64_t first_sequence = 0;  // number of the first row, or index of the first parameter
  std::int64_t monotonic_ns = 0;     // sender's clock
};

/// A checked frame. The payload stays where it was received: [count, columns] float64, or CBOR.
struct Frame : FrameHeader {
  ByteView payload;

  /// Numbers in a row; 0 where the payload is CBOR.
  std::size_t columns() const noexcept { return count == 0 ? 0 : payload.size / 8 / count; }
};

/// Reads the two buffers of a message that came from anywhere. Allocates nothing; `payload` must
/// outlive the Frame. A Frame has passed every check of the header, the caps and the CRC; what its
/// CBOR holds has not been looked at.
std::variant<Frame, Refusal> decode(ByteView header, ByteView payload) noexcept;

/// The header to send before `payload`. Throws Error(Exit::robot) for a frame that decode would
/// refuse.
std::array<std::uint8_t, header_bytes> encode(const FrameHeader& header, ByteView payload);

}  // namespace phigrad::link
