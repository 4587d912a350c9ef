#include "hardware/link/frame.hpp"

#include <optional>
#include <string>

#include "hardware/link/crc32c.hpp"
#include "hardware/link/little_endian.hpp"
#include "host/support/error.hpp"

namespace phigrad::link {
namespace {

constexpr std::uint32_t magic = 0x4C474850;  // the bytes 'P' 'H' 'G' 'L'

namespace offset {
enum : std::size_t {
  magic = 0,
  version = 4,
  type = 6,
  length = 8,
  count = 12,
  rollout = 16,
  policy_version = 24,
  first_sequence = 32,
  monotonic_ns = 40,
  reserved = 48,
  crc = 52,
};
}

/// What is wrong with a payload of `length` bytes under this header, for both ends of the link.
std::optional<Refusal> fault_of_shape(const FrameHeader& header, std::size_t length) noexcept {
  if (header.type < MessageType::hello || header.type > MessageType::refuse) {
    return Refusal::unknown_type;
  }
  const std::uint32_t count = header.count;
  if (length > max_payload_bytes) return Refusal::over_cap;
  if (header.first_sequence > max_sequence || count > max_sequence - header.first_sequence) {
    return Refusal::bad_sequence;
  }
  if (header.type == MessageType::samples || header.type == MessageType::segments) {
    if (count == 0) return Refusal::bad_count;
    if (count > max_rows) return Refusal::over_cap;
    const std::size_t column_bytes = std::size_t{8} * count;
    if (length == 0 || length % column_bytes != 0) return Refusal::bad_count;
    if (length / column_bytes > max_columns) return Refusal::over_cap;
    return std::nullopt;
  }
  if (header.type == MessageType::policy && count != 0) {
    if (length != std::size_t{8} * count) return Refusal::bad_count;
    return std::nullopt;
  }
  if (count != 0) return Refusal::bad_count;
  if (length > max_control_bytes) return Refusal::over_cap;
  return std::nullopt;
}

std::uint32_t checksum(const std::uint8_t* header, ByteView payload) noexcept {
  constexpr std::uint8_t zero[4] = {};
  const std::uint32_t of_header = crc32c(zero, sizeof zero, crc32c(header, offset::crc));
  return crc32c(payload.data, payload.size, of_header);
}

}  // namespace

const char* name(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::too_short:
      return "too_short";
    case Refusal::too_long:
      return "too_long";
    case Refusal::bad_magic:
      return "bad_magic";
    case Refusal::wrong_version:
      return "wrong_version";
    case Refusal::unknown_type:
      return "unknown_type";
    case Refusal::reserved_set:
      return "reserved_set";
    case Refusal::over_cap:
      return "over_cap";
    case Refusal::length_mismatch:
      return "length_mismatch";
    case Refusal::bad_count:
      return "bad_count";
    case Refusal::bad_sequence:
      return "bad_sequence";
    case Refusal::bad_crc:
      return "bad_crc";
    case Refusal::malformed:
      return "malformed";
    case Refusal::unsupported:
      return "unsupported";
    case Refusal::duplicate_key:
      return "duplicate_key";
    case Refusal::unknown_key:
      return "unknown_key";
    case Refusal::missing_key:
      return "missing_key";
    case Refusal::wrong_type:
      return "wrong_type";
    case Refusal::out_of_range:
      return "out_of_range";
  }
  return "unknown";
}

std::variant<Frame, Refusal> decode(ByteView header, ByteView payload) noexcept {
  // Magic and version come before the header's length, so that a longer header of another version
  // is called what it is.
  if (header.size < header_bytes) return Refusal::too_short;
  const std::uint8_t* bytes = header.data;
  if (load_le<std::uint32_t>(bytes + offset::magic) != magic) return Refusal::bad_magic;
  if (load_le<std::uint16_t>(bytes + offset::version) != protocol_version) {
    return Refusal::wrong_version;
  }
  if (header.size > header_bytes) return Refusal::too_long;
  if (load_le<std::uint32_t>(bytes + offset::reserved) != 0) return Refusal::reserved_set;

  Frame frame;
  frame.type = static_cast<MessageType>(load_le<std::uint16_t>(bytes + offset::type));
  frame.count = load_le<std::uint32_t>(bytes + offset::count);
  frame.rollout = load_le<std::uint64_t>(bytes + offset::rollout);
  frame.policy_version = load_le<std::uint64_t>(bytes + offset::policy_version);
  frame.first_sequence = load_le<std::uint64_t>(bytes + offset::first_sequence);
  frame.monotonic_ns = load_le<std::int64_t>(bytes + offset::monotonic_ns);
  frame.payload = payload;

  const auto length = load_le<std::uint32_t>(bytes + offset::length);
  if (const auto fault = fault_of_shape(frame, length)) return *fault;
  if (length != payload.size) return Refusal::length_mismatch;
  if (load_le<std::uint32_t>(bytes + offset::crc) != checksum(bytes, payload)) {
    return Refusal::bad_crc;
  }
  return frame;
}

std::array<std::uint8_t, header_bytes> encode(const FrameHeader& header, ByteView payload) {
  if (const auto fault = fault_of_shape(header, payload.size)) {
    throw Error(Exit::robot,
                std::string("a frame that the other end would refuse: ") + name(*fault),
                "message type " + std::to_string(static_cast<unsigned>(header.type)),
                "send fewer rows a block");
  }
  std::array<std::uint8_t, header_bytes> bytes{};
  store_le(magic, bytes.data() + offset::magic);
  store_le(protocol_version, bytes.data() + offset::version);
  store_le(static_cast<std::uint16_t>(header.type), bytes.data() + offset::type);
  store_le(static_cast<std::uint32_t>(payload.size), bytes.data() + offset::length);
  store_le(header.count, bytes.data() + offset::count);
  store_le(header.rollout, bytes.data() + offset::rollout);
  store_le(header.policy_version, bytes.data() + offset::policy_version);
  store_le(header.first_sequence, bytes.data() + offset::first_sequence);
  store_le(header.monotonic_ns, bytes.data() + offset::monotonic_ns);
  store_le(checksum(bytes.data(), payload), bytes.data() + offset::crc);
  return bytes;
}

}  // namespace phigrad::link
