// What the robot has sent and the learner has not acknowledged, kept for sending it again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hardware/link/frame.hpp"
#include "hardware/link/messages.hpp"

namespace phigrad::link {

/// Frames in the order they were pushed, of any rollouts. All memory is taken at construction; what
/// does not fit is refused, counted, and never waits: the robot then ends the rollout. For one
/// thread.
class Spool {
 public:
  struct Block {
    FrameHeader header;
    ByteView payload;  // until the next push, acknowledge or clear
    bool was_sent = false;
  };

  /// Room for `blocks` frames with payloads of `block_bytes` each. Throws Error(Exit::input) where
  /// either is 0 or above what a link could use (2^20 blocks, max_payload_bytes).
  Spool(std::size_t blocks, std::size_t block_bytes);

  /// Keeps a copy of the frame. False, and counted, where the spool is full or the payload longer
  /// than a block.
  bool push(const FrameHeader& header, ByteView payload) noexcept;

  /// Drops what the learner has stored. Of the rollout in `ack`: the rollout_begin, blocks of which
  /// every row is acknowledged, and all the rest once it is settled. Returns how many were dropped.
  std::size_t acknowledge(const Ack& ack) noexcept {
    std::size_t no_cursor = 0;
    return acknowledge(ack, no_cursor);
  }
  /// `cursor`, the number of a block, goes on to mean the same one: it falls by as many as were
  /// dropped before it.
  std::size_t acknowledge(const Ack& ack, std::size_t& cursor) noexcept;

  /// Drops everything.
  void clear() noexcept { size_ = 0; }

  /// Block `i` < size(), from the oldest: what to send again after a reconnect, in this order.
  Block block(std::size_t i) const noexcept;

  /// Notes that block `i` has been sent.
  void note_sent(std::size_t i) noexcept { slots_[order_[i]].was_sent = true; }

  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return slots_.size(); }
  std::size_t block_bytes() const noexcept { return block_bytes_; }
  std::uint64_t refused_full() const noexcept { return refused_full_; }
  std::uint64_t refused_too_long() const noexcept { return refused_too_long_; }

 private:
  struct Slot {
    FrameHeader header;
    std::size_t bytes = 0;
    bool was_sent = false;
  };

  std::size_t block_bytes_;
  std::vector<std::uint8_t> bytes_;  // [blocks, block_bytes]
  std::vector<Slot> slots_;          // [blocks]
  // Slot numbers: the first size_ are in use, oldest first, the others are free. Blocks can be
  // acknowledged out of order (samples before segments); a ring would keep their room blocked.
  std::vector<std::size_t> order_;
  std::vector<std::size_t> freed_;  // room for acknowledge to work in
  std::size_t size_ = 0;
  std::uint64_t refused_full_ = 0;
  std::uint64_t refused_too_long_ = 0;
};

}  // namespace phigrad::link
