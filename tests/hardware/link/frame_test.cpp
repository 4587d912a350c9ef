#include "hardware/link/frame.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "host/support/error.hpp"
#include "tests/hardware/link/frame_fixture.hpp"

namespace phigrad::link {
namespace {

using namespace fixture;

// Written by an independent program from the table in frame.hpp, with a bitwise CRC: two rows of
// three columns, rollout 0x0102030405060708, policy 7, first sequence number 40, at -2 ns.
const Bytes golden_header = {
    0x50, 0x48, 0x47, 0x4C, 0x01, 0x00, 0x04, 0x00, 0x30, 0x00, 0x00, 0x00, 0x02, 0x00,
    0x00, 0x00, 0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01, 0x07, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFE, 0xFF,
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0x08, 0xD3, 0x25, 0x59,
};
const Bytes golden_rows = {
    0x7B, 0x14, 0xAE, 0x47, 0xE1, 0x7A, 0x94, 0x3F, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xF8, 0x3F,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xD0, 0xBF, 0x7B, 0x14, 0xAE, 0x47, 0xE1, 0x7A, 0xA4, 0x3F,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xF0, 0x7F,
};
const FrameHeader golden_fields{MessageType::samples, 2, 0x0102030405060708, 7, 40, -2};

// Breaks when a field moves, changes its width or its byte order, or the CRC covers other bytes.
TEST(Frame, DecodesTheGoldenBytes) {
  const auto decoded = decode(view(golden_header), view(golden_rows));
  ASSERT_TRUE(std::holds_alternative<Frame>(decoded)) << name(std::get<Refusal>(decoded));
  const Frame& frame = std::get<Frame>(decoded);
  EXPECT_EQ(frame.type, MessageType::samples);
  EXPECT_EQ(frame.count, 2U);
  EXPECT_EQ(frame.columns(), 3U);
  EXPECT_EQ(frame.rollout, 0x0102030405060708U);
  EXPECT_EQ(frame.policy_version, 7U);
  EXPECT_EQ(frame.first_sequence, 40U);
  EXPECT_EQ(frame.monotonic_ns, -2);
  EXPECT_EQ(frame.payload.data, golden_rows.data());  // a view, no copy
  double rows[6];
  load_doubles(frame.payload.data, 6, rows);
  const double expected[6] = {0.02, 1.5,  -0.25,
                              0.04, -2.0, std::numeric_limits<double>::infinity()};
  for (int i = 0; i < 6; ++i) EXPECT_EQ(rows[i], expected[i]) << i;
}

// Breaks when what is written is not what frame.hpp says.
TEST(Frame, EncodesTheGoldenBytes) {
  const double rows[6] = {0.02, 1.5, -0.25, 0.04, -2.0, std::numeric_limits<double>::infinity()};
  Bytes payload(sizeof rows);
  store_doubles(rows, 6, payload.data());
  EXPECT_EQ(payload, golden_rows);
  EXPECT_EQ(message(golden_fields, payload).header, golden_header);
}

// Breaks when a number is not carried over bit for bit: NaN's payload, -0, subnormals.
TEST(Frame, KeepsTheBitsOfNumbers) {
  std::mt19937 random(11);
  const Bytes bytes = random_rows(random, 1000, 1);
  std::vector<double> numbers(1000);
  load_doubles(bytes.data(), numbers.size(), numbers.data());
  Bytes again(bytes.size());
  store_doubles(numbers.data(), numbers.size(), again.data());
  EXPECT_EQ(again, bytes);
}

// Breaks when one damaged bit anywhere in a frame goes unnoticed.
TEST(Frame, RefusesEveryFlippedBit) {
  for (const RawMessage& sound : sample_messages()) {
    ASSERT_TRUE(std::holds_alternative<Frame>(decode(sound)));
    for (std::size_t bit = 0; bit < 8 * (sound.header.size() + sound.payload.size()); ++bit) {
      RawMessage damaged = sound;
      const bool in_header = bit / 8 < sound.header.size();
      std::uint8_t& byte =
          in_header ? damaged.header[bit / 8] : damaged.payload[bit / 8 - sound.header.size()];
      byte = static_cast<std::uint8_t>(byte ^ (1U << (bit % 8)));
      ASSERT_TRUE(std::holds_alternative<Refusal>(decode(damaged))) << "bit " << bit;
    }
  }
}

struct Damage {
  Refusal expected;
  const char* what;
  void (*apply)(RawMessage&);
};

// Breaks when a check is missing, or a frame is refused for another reason than the one that is
// wrong. The checksum is right each time.
TEST(Frame, SaysWhatIsWrong) {
  const Damage damages[] = {
      {Refusal::bad_magic, "magic", [](RawMessage& m) { m.header[0] = 'Q'; }},
      {Refusal::wrong_version, "version 0", [](RawMessage& m) { patch<std::uint16_t>(m, 4, 0); }},
      {Refusal::wrong_version, "version 2", [](RawMessage& m) { patch<std::uint16_t>(m, 4, 2); }},
      {Refusal::unknown_type, "type 0", [](RawMessage& m) { patch<std::uint16_t>(m, 6, 0); }},
      {Refusal::unknown_type, "type 17", [](RawMessage& m) { patch<std::uint16_t>(m, 6, 17); }},
      {Refusal::reserved_set, "reserved", [](RawMessage& m) { patch(m, 48, 1U << 31); }},
      {Refusal::length_mismatch, "a byte less", [](RawMessage& m) { m.payload.pop_back(); }},
      {Refusal::length_mismatch, "a byte more", [](RawMessage& m) { m.payload.push_back(0); }},
      {Refusal::bad_count, "length 0", [](RawMessage& m) { patch(m, 8, 0U); }},
      {Refusal::over_cap, "length -1", [](RawMessage& m) { patch(m, 8, 0xFFFFFFFFU); }},
      {Refusal::over_cap, "length 2^31", [](RawMessage& m) { patch(m, 8, 1U << 31); }},
      {Refusal::over_cap, "length cap + 8", [](RawMessage& m) { patch(m, 8, (1U << 20) + 8); }},
      {Refusal::bad_count, "count 0", [](RawMessage& m) { patch(m, 12, 0U); }},
      {Refusal::bad_count, "count 4", [](RawMessage& m) { patch(m, 12, 4U); }},
      {Refusal::over_cap, "count -1", [](RawMessage& m) { patch(m, 12, 0xFFFFFFFFU); }},
      {Refusal::over_cap, "count 4097", [](RawMessage& m) { patch(m, 12, 4097U); }},
      {Refusal::bad_count, "rows in a ping", [](RawMessage& m) { patch<std::uint16_t>(m, 6, 10); }},
      {Refusal::bad_sequence, "sequence -1",
       [](RawMessage& m) { patch(m, 32, ~std::uint64_t{0}); }},
      {Refusal::bad_sequence, "last sequence above 2^53",
       [](RawMessage& m) { patch(m, 32, max_sequence - 1); }},
      {Refusal::too_long, "header", [](RawMessage& m) { m.header.push_back(0); }},
  };
  for (const Damage& damage : damages) {
    RawMessage damaged{golden_header, golden_rows};
    damage.apply(damaged);
    patch_crc(damaged);
    const auto decoded = decode(damaged);
    ASSERT_TRUE(std::holds_alternative<Refusal>(decoded)) << damage.what;
    EXPECT_EQ(name(std::get<Refusal>(decoded)), std::string(name(damage.expected))) << damage.what;
  }
  RawMessage damaged{golden_header, golden_rows};
  damaged.payload[5] ^= 1;
  EXPECT_EQ(std::get<Refusal>(decode(damaged)), Refusal::bad_crc);
}

// Breaks when a cap is off by one, on either side.
TEST(Frame, TakesWhatIsJustWithinTheCaps) {
  const auto taken = [](MessageType type, std::uint32_t count, std::size_t bytes,
                        std::uint64_t first = 0) {
    FrameHeader header{type, count, 1, 1, first, 0};
    try {
      return std::holds_alternative<Frame>(decode(message(header, Bytes(bytes))));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::robot);
      return false;
    }
  };
  EXPECT_TRUE(taken(MessageType::samples, max_rows, max_rows * 32 * 8));
  EXPECT_FALSE(taken(MessageType::samples, max_rows + 1, (max_rows + 1) * 8));
  EXPECT_FALSE(taken(MessageType::samples, max_rows, max_rows * 33 * 8));  // above 1 MiB
  EXPECT_TRUE(taken(MessageType::segments, 2, 2 * max_columns * 8));
  EXPECT_FALSE(taken(MessageType::segments, 2, 2 * (max_columns + 1) * 8));
  EXPECT_TRUE(taken(MessageType::policy, max_payload_bytes / 8, max_payload_bytes));
  EXPECT_FALSE(taken(MessageType::policy, max_payload_bytes / 8 + 1, max_payload_bytes + 8));
  EXPECT_TRUE(taken(MessageType::event, 0, max_control_bytes));
  EXPECT_FALSE(taken(MessageType::event, 0, max_control_bytes + 1));
  EXPECT_TRUE(taken(MessageType::samples, 1, 8, max_sequence - 1));
  EXPECT_FALSE(taken(MessageType::samples, 1, 8, max_sequence));
}

}  // namespace
}  // namespace phigrad::link
