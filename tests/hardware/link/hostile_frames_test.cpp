// Frames made to do harm: whatever the bytes, decode gives a sound Frame or names what is wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "hardware/link/reassembly.hpp"
#include "tests/hardware/link/allocation_meter.hpp"
#include "tests/hardware/link/frame_fixture.hpp"

namespace phigrad::link {
namespace {

using namespace fixture;

class HostileFrames : public ::testing::Test {
 protected:
  /// Decodes one hostile frame. What passes must say exactly what its bytes say.
  void meet(const RawMessage& m) {
    ++met_;
    const AllocationMeter meter;
    const auto decoded = decode(m);
    if (meter.count() != 0) ++allocating_;
    if (const auto* refusal = std::get_if<Refusal>(&decoded)) {
      ++refused_[*refusal];
      ASSERT_LE(*refusal, Refusal::bad_crc);
      return;
    }
    ++passed_;
    const Frame& frame = std::get<Frame>(decoded);
    ASSERT_EQ(frame.payload.size, m.payload.size());
    ASSERT_LE(frame.payload.size, max_payload_bytes);
    ASSERT_LE(frame.columns(), max_columns);
    if (frame.count > 0) {
      ASSERT_EQ(frame.count * frame.columns() * 8, frame.payload.size);
    }
    ASSERT_EQ(message(frame, m.payload).header, m.header);
  }

  std::size_t met_ = 0;
  std::size_t passed_ = 0;
  std::size_t allocating_ = 0;
  std::map<Refusal, std::size_t> refused_;
};

// Breaks on a crash, a read outside the buffers (sanitizers), an allocation, or a refusal without a
// name, in 10^5 frames: flipped bits with and without a right checksum, random bytes, extreme
// values in every field.
TEST_F(HostileFrames, AreSurvivedByTheHundredThousand) {
  std::mt19937 random(20240806);
  const std::vector<RawMessage> sound = sample_messages();
  const std::uint64_t extremes[] = {0,
                                    1,
                                    0x7F,
                                    0xFF,
                                    0xFFFF,
                                    0x7FFFFFFF,
                                    0x80000000,
                                    0xFFFFFFFF,
                                    0x7FFFFFFFFFFFFFFF,
                                    0x8000000000000000,
                                    0xFFFFFFFFFFFFFFFF};
  for (int round = 0; round < 100000; ++round) {
    RawMessage m = sound[static_cast<std::size_t>(round) % sound.size()];
    const int kind = round / 5 % 5;
    if (kind <= 1) {  // flipped bits of the header; of the frame
      const std::size_t bytes = m.header.size() + (kind == 1 ? m.payload.size() : 0);
      for (unsigned flips = 1 + random() % 8; flips > 0; --flips) {
        const std::size_t at = random() % bytes;
        std::uint8_t& byte = at < m.header.size() ? m.header[at] : m.payload[at - m.header.size()];
        byte = static_cast<std::uint8_t>(byte ^ (1U << random() % 8));
      }
    } else if (kind == 2) {  // an extreme value anywhere
      std::uint8_t value[8];
      store_le(extremes[random() % 11], value);
      const std::size_t width = std::size_t{1} << random() % 4;
      std::copy(value, value + width, m.header.data() + 4 * (random() % 12));
    } else if (kind == 3) {  // random bytes after the version
      for (std::size_t i = 6; i < 48; ++i) m.header[i] = static_cast<std::uint8_t>(random());
    } else {  // a length that disagrees
      m.payload.resize(random() % 300);
    }
    if (round % 2 == 0) patch_crc(m);
    meet(m);
  }
  EXPECT_EQ(met_, 100000U);
  EXPECT_EQ(allocating_, 0U);
  EXPECT_GT(passed_, 1000U);  // hostile and yet sound: the checks behind the checksum were reached
  for (const Refusal refusal : {Refusal::bad_magic, Refusal::wrong_version, Refusal::unknown_type,
                                Refusal::reserved_set, Refusal::over_cap, Refusal::length_mismatch,
                                Refusal::bad_count, Refusal::bad_sequence, Refusal::bad_crc}) {
    EXPECT_GT(refused_[refusal], 100U) << name(refusal);
  }
}

// Breaks when a frame cut short anywhere, header or payload, is read past its end or let pass.
TEST_F(HostileFrames, AreRefusedWhenCutAnywhere) {
  for (const RawMessage& sound : sample_messages()) {
    for (std::size_t size = 0; size < sound.header.size(); ++size) {
      RawMessage cut = sound;
      cut.header.resize(size);
      cut.header.shrink_to_fit();
      EXPECT_EQ(std::get<Refusal>(decode(cut)), Refusal::too_short);
    }
    for (std::size_t size = 0; size < sound.payload.size(); ++size) {
      RawMessage cut = sound;
      cut.payload.resize(size);
      cut.payload.shrink_to_fit();
      patch_crc(cut);
      EXPECT_EQ(std::get<Refusal>(decode(cut)), Refusal::length_mismatch);
      // The same with the length put right: still sound as a frame, or refused by name.
      patch(cut, 8, static_cast<std::uint32_t>(size));
      patch_crc(cut);
      meet(cut);
    }
  }
  EXPECT_EQ(allocating_, 0U);
}

// Breaks when blocks that decode lets pass can make a learner crash or hold more than its caps:
// any rollout, policy, sequence number, width and count.
TEST_F(HostileFrames, DoNotGrowARolloutAboveItsCaps) {
  std::mt19937 random(5);
  RolloutBegin begin;
  begin.rollout = 1;
  begin.nx = 2;
  begin.nu = 1;
  begin.dt_s = 0.02;
  ReassemblyCaps caps;
  caps.samples = 50;
  caps.segments = 50;
  caps.window = 20;
  Reassembly rollout(begin, caps);
  const std::uint64_t firsts[] = {0, 1, 19, 20, 49, 50, 51, 1U << 20, max_sequence - 60};
  std::size_t belonging = 0;
  std::size_t largest = 0;
  for (int round = 0; round < 3000; ++round) {
    FrameHeader header;
    header.type = round % 2 == 0 ? MessageType::samples : MessageType::segments;
    header.count = 1 + static_cast<std::uint32_t>(random() % 60);
    header.rollout = random() % 8 == 0 ? 2 : 1;
    header.policy_version = random() % 8 == 0 ? 1 : 0;
    header.first_sequence = firsts[random() % 9];
    const std::size_t columns = random() % 8 == 0 ? 1 + random() % max_columns : 4;
    const RawMessage m = message(header, random_rows(random, header.count, columns));
    const auto decoded = decode(m);
    ASSERT_TRUE(std::holds_alternative<Frame>(decoded));
    const AllocationMeter meter;
    if (rollout.take(std::get<Frame>(decoded)).belongs) ++belonging;
    largest = std::max(largest, meter.largest());
  }
  EXPECT_GT(belonging, 1000U);
  EXPECT_LE(rollout.contiguous_samples(), 50U);
  EXPECT_LE(rollout.contiguous_segments(), 50U);
  EXPECT_LE(largest, 50U * 4 * 8);
  EXPECT_FALSE(rollout.complete());
}

}  // namespace
}  // namespace phigrad::link
