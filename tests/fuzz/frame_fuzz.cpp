// Fuzzing of the link's bytes, from the frame to the messages and the rows: the first 56 bytes of
// an input are the header, the rest the payload.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "hardware/link/crc32c.hpp"
#include "hardware/link/frame.hpp"
#include "hardware/link/little_endian.hpp"
#include "hardware/link/messages.hpp"
#include "hardware/link/reassembly.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace phigrad::link;
using phigrad::require;

/// What is read can be written, and reads back to the same.
template <class Message>
void read_as(ByteView payload) {
  const auto read = from_cbor<Message>(payload);
  if (const auto* refused = std::get_if<RefusedMessage>(&read)) {
    require(refused->why >= Refusal::over_cap && refused->why <= Refusal::out_of_range);
    return;
  }
  const std::vector<std::uint8_t> written = to_cbor(std::get<Message>(read));
  const auto again = from_cbor<Message>({written.data(), written.size()});
  require(std::holds_alternative<Message>(again));
  require(to_cbor(std::get<Message>(again)) == written);
}

void read_message(const Frame& frame) {
  switch (frame.type) {
    case MessageType::hello:
      return read_as<Hello>(frame.payload);
    case MessageType::welcome:
      return read_as<Welcome>(frame.payload);
    case MessageType::rollout_begin:
      return read_as<RolloutBegin>(frame.payload);
    case MessageType::rollout_end:
      return read_as<RolloutEnd>(frame.payload);
    case MessageType::ack:
      return read_as<Ack>(frame.payload);
    case MessageType::credit:
      return read_as<Credit>(frame.payload);
    case MessageType::policy:
      return read_as<Policy>(frame.payload);
    case MessageType::ping:
      return read_as<Ping>(frame.payload);
    case MessageType::pong:
      return read_as<Pong>(frame.payload);
    case MessageType::pose:
      return read_as<Pose>(frame.payload);
    case MessageType::event:
      return read_as<Event>(frame.payload);
    case MessageType::control:
      return read_as<Control>(frame.payload);
    case MessageType::bye:
      return read_as<Bye>(frame.payload);
    case MessageType::refuse:
      return read_as<Refuse>(frame.payload);
    case MessageType::samples:
    case MessageType::segments:
      std::abort();  // decode lets no such frame pass with a count of 0
  }
}

/// Takes a block twice into a rollout of its shape: the second time all rows are known or beyond.
void reassemble(const Frame& frame) {
  RolloutBegin begin;
  begin.rollout = frame.rollout;
  begin.policy_version = frame.policy_version;
  const auto columns = static_cast<std::uint32_t>(frame.columns());
  if (columns < 3) return;
  begin.nx = 1;
  begin.nu = 1;
  begin.setpoints = columns - 3;
  begin.nz = columns - 3;
  ReassemblyCaps caps;
  caps.samples = 100;
  caps.segments = 100;
  caps.window = 16;
  Reassembly rollout(begin, caps);
  const Taken first = rollout.take(frame);
  const Taken second = rollout.take(frame);
  require(first.belongs && first.accepted + first.beyond == frame.count);
  require(second.accepted == 0 || first.beyond > 0);
  require(second.conflicts == 0);
  require(rollout.contiguous_samples() <= 100 && rollout.contiguous_segments() <= 100);
  for (std::size_t i = 1; i < rollout.samples().rows; ++i) {
    require(rollout.samples().row(i)[0] > rollout.samples().row(i - 1)[0]);
  }
}

void take(ByteView header, ByteView payload) {
  const auto decoded = decode(header, payload);
  if (const auto* refusal = std::get_if<Refusal>(&decoded)) {
    require(*refusal <= Refusal::bad_crc);
    return;
  }
  const Frame& frame = std::get<Frame>(decoded);
  const auto again = encode(frame, payload);
  require(std::equal(again.begin(), again.end(), header.data, header.data + header.size));
  if (frame.count == 0) {
    read_message(frame);
  } else if (frame.type != MessageType::policy) {
    reassemble(frame);
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer asks for this name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::size_t cut = std::min(size, header_bytes);
  const ByteView payload{data + cut, size - cut};
  take({data, cut}, payload);
  if (cut < header_bytes) return 0;

  // Again with the length and the checksum put right: no fuzzer guesses a CRC.
  std::vector<std::uint8_t> header(data, data + cut);
  store_le(static_cast<std::uint32_t>(payload.size), header.data() + 8);
  store_le(std::uint32_t{0}, header.data() + 52);
  const std::uint32_t crc = crc32c(header.data(), header.size());
  store_le(crc32c(payload.data, payload.size, crc), header.data() + 52);
  take({header.data(), header.size()}, payload);
  return 0;
}
