// Frames as bytes, for the tests of the link.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <variant>
#include <vector>

#include "hardware/link/crc32c.hpp"
#include "hardware/link/frame.hpp"
#include "hardware/link/little_endian.hpp"
#include "hardware/link/messages.hpp"

namespace phigrad::link::fixture {

using Bytes = std::vector<std::uint8_t>;

inline ByteView view(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

/// The two buffers of a message.
struct RawMessage {
  Bytes header;
  Bytes payload;
};

inline RawMessage message(const FrameHeader& header, Bytes payload) {
  const auto bytes = encode(header, view(payload));
  return {{bytes.begin(), bytes.end()}, std::move(payload)};
}

inline std::variant<Frame, Refusal> decode(const RawMessage& m) {
  return link::decode(view(m.header), view(m.payload));
}

/// Writes `value` into the header at byte `offset`.
template <class T>
void patch(RawMessage& m, std::size_t offset, T value) {
  store_le(value, m.header.data() + offset);
}

/// Makes the checksum right again: what a hostile peer would do.
inline void patch_crc(RawMessage& m) {
  patch(m, 52, std::uint32_t{0});
  const std::uint32_t of_header = crc32c(m.header.data(), m.header.size());
  patch(m, 52, crc32c(m.payload.data(), m.payload.size(), of_header));
}

/// `count` rows of `columns` numbers: any bits.
inline Bytes random_rows(std::mt19937& random, std::size_t count, std::size_t columns) {
  Bytes bytes(count * columns * 8);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

/// One message each of the kinds of payload there are: rows, parameters, CBOR of several shapes.
inline std::vector<RawMessage> sample_messages() {
  std::mt19937 random(1);
  RolloutEnd end;
  end.rollout = 3;
  end.samples = 100;
  end.events = {{"clamped", "throttle"}, {"tripped", "pose lost"}};
  Hello hello;
  hello.robot_kind = "car";
  hello.nx = 4;
  hello.nu = 2;
  hello.period_s = 0.02;
  hello.software = "agent 1";
  FrameHeader samples{MessageType::samples, 3, 3, 2, 40, 123456789};
  FrameHeader segments{MessageType::segments, 1, 3, 2, 4, 123456789};
  FrameHeader parameters{MessageType::policy, 5, 0, 2, 10, -1};
  return {message(samples, random_rows(random, 3, 7)), message(segments, random_rows(random, 1, 9)),
          message(parameters, random_rows(random, 1, 5)),
          message({MessageType::rollout_end, 0, 3, 2, 0, 5}, to_cbor(end)),
          message({MessageType::hello, 0, 0, 0, 0, 5}, to_cbor(hello))};
}

}  // namespace phigrad::link::fixture
