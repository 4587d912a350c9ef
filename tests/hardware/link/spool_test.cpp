#include "hardware/link/spool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "host/support/error.hpp"
#include "tests/hardware/link/allocation_meter.hpp"
#include "tests/hardware/link/frame_fixture.hpp"

namespace phigrad::link {
namespace {

using namespace fixture;

struct Kept {
  FrameHeader header;
  Bytes payload;
};

/// The spool by its definition, with no regard for memory.
struct Model {
  std::size_t capacity;
  std::deque<Kept> blocks;

  bool push(const Kept& block) {
    if (blocks.size() == capacity) return false;
    blocks.push_back(block);
    return true;
  }
  std::size_t acknowledge(const Ack& ack) {
    const std::size_t before = blocks.size();
    std::deque<Kept> left;
    for (const Kept& block : blocks) {
      const std::uint64_t last = block.header.first_sequence + block.header.count - 1;
      const bool known = block.header.rollout == ack.rollout;
      const bool stored = ack.settled || block.header.type == MessageType::rollout_begin ||
                          (block.header.type == MessageType::samples && last < ack.samples) ||
                          (block.header.type == MessageType::segments && last < ack.segments);
      if (!known || !stored) left.push_back(block);
    }
    blocks = left;
    return before - blocks.size();
  }
};

void expect_equal(const Spool& spool, const Model& model) {
  ASSERT_EQ(spool.size(), model.blocks.size());
  for (std::size_t i = 0; i < spool.size(); ++i) {
    const Spool::Block block = spool.block(i);
    const Kept& kept = model.blocks[i];
    ASSERT_EQ(Bytes(block.payload.data, block.payload.data + block.payload.size), kept.payload);
    ASSERT_EQ(encode(block.header, block.payload), encode(kept.header, view(kept.payload)));
  }
}

// Breaks when a block is lost, kept too long, changed, or comes out of order, in 20000 random
// pushes and acknowledgements, those of the wrong rollout and repeated ones among them.
TEST(Spool, AgreesWithItsModel) {
  std::mt19937 random(42);
  Spool spool(12, 256);
  Model model{12, {}};
  std::uint64_t samples = 0, segments = 0, rollout = 1, full = 0;
  for (int step = 0; step < 20000; ++step) {
    if (random() % 3 != 0) {
      Kept block;
      block.header.rollout = rollout;
      block.header.monotonic_ns = step;
      const unsigned kind = random() % 8;
      if (kind == 0) {
        block.header.type =
            random() % 2 == 0 ? MessageType::rollout_begin : MessageType::rollout_end;
        block.payload = random_rows(random, 1, random() % 4);
      } else {
        const bool of_samples = kind != 1;
        block.header.type = of_samples ? MessageType::samples : MessageType::segments;
        block.header.count = 1 + static_cast<std::uint32_t>(random() % 4);
        std::uint64_t& next = of_samples ? samples : segments;
        block.header.first_sequence = next;
        block.payload = random_rows(random, block.header.count, 8);
        const bool took = spool.size() < 12;
        if (took) next += block.header.count;
      }
      const bool expected = model.push(block);
      if (!expected) ++full;
      ASSERT_EQ(spool.push(block.header, view(block.payload)), expected);
    } else {
      Ack ack;
      ack.rollout = random() % 8 == 0 ? rollout + 1 : rollout;
      ack.samples = samples - std::min<std::uint64_t>(samples, random() % 20);
      ack.segments = segments - std::min<std::uint64_t>(segments, random() % 4);
      ack.settled = random() % 20 == 0;
      ASSERT_EQ(spool.acknowledge(ack), model.acknowledge(ack));
      if (random() % 50 == 0) {
        ++rollout;  // what is left of the last one stays until it is settled
        samples = segments = 0;
        Ack settled;
        settled.rollout = rollout - 1;
        settled.settled = random() % 2 == 0;
        ASSERT_EQ(spool.acknowledge(settled), model.acknowledge(settled));
      }
      if (random() % 200 == 0) {
        spool.clear();
        model.blocks.clear();
      }
    }
    expect_equal(spool, model);
  }
  EXPECT_GT(full, 1000U);
  EXPECT_EQ(spool.refused_full(), full);
  EXPECT_EQ(spool.refused_too_long(), 0U);
}

// Breaks when anything is allocated after construction.
TEST(Spool, TakesItsMemoryAtConstruction) {
  const AllocationMeter construction;
  Spool spool(64, 1024);
  EXPECT_GE(construction.bytes(), 64U * 1024U);
  const Bytes payload(1024, 0x5A);
  const Bytes longer(1025, 0x5A);
  FrameHeader header{MessageType::samples, 1, 1, 1, 0, 0};
  Ack ack;
  ack.rollout = 1;
  std::uint64_t refused = 0;
  const AllocationMeter meter;
  for (int round = 0; round < 1000; ++round) {
    if (!spool.push(header, view(payload))) ++refused;
    spool.push(header, view(longer));
    ++header.first_sequence;
    ack.samples = header.first_sequence / 2;
    spool.acknowledge(ack);
  }
  const std::size_t count = meter.count();
  EXPECT_EQ(count, 0U);
  EXPECT_EQ(spool.refused_too_long(), 1000U);
  EXPECT_EQ(spool.refused_full(), refused);
  EXPECT_GT(refused, 0U);
}

// Breaks when a spool that cannot work is built, or takes all memory there is.
TEST(Spool, RefusesSizesWithoutSense) {
  EXPECT_THROW(Spool(0, 100), Error);
  EXPECT_THROW(Spool(100, 0), Error);
  EXPECT_THROW(Spool(1, max_payload_bytes + 1), Error);
  EXPECT_THROW(Spool((std::size_t{1} << 20) + 1, 1), Error);
}

}  // namespace
}  // namespace phigrad::link
