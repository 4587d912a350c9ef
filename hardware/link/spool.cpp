#include "hardware/link/spool.hpp"

#include <cstring>
#include <numeric>
#include <string>

#include "host/support/error.hpp"

namespace phigrad::link {
namespace {

bool is_acknowledged(const FrameHeader& header, const Ack& ack) noexcept {
  if (header.rollout != ack.rollout) return false;
  if (ack.settled) return true;
  const std::uint64_t end = header.first_sequence + header.count;
  switch (header.type) {
    case MessageType::rollout_begin:  // stored with the first rows
      return true;
    case MessageType::samples:
      return end <= ack.samples;
    case MessageType::segments:
      return end <= ack.segments;
    default:
      return false;
  }
}

}  // namespace

Spool::Spool(std::size_t blocks, std::size_t block_bytes) : block_bytes_(block_bytes) {
  constexpr std::size_t most = std::size_t{1} << 20;
  if (blocks == 0 || blocks > most || block_bytes == 0 || block_bytes > max_payload_bytes) {
    throw Error(Exit::input,
                "a spool of " + std::to_string(blocks) + " blocks of " +
                    std::to_string(block_bytes) + " bytes",
                "robot link", "give 1 to 2^20 blocks of 1 byte to 1 MiB");
  }
  bytes_.resize(blocks * block_bytes);
  slots_.resize(blocks);
  order_.resize(blocks);
  freed_.resize(blocks);
  std::iota(order_.begin(), order_.end(), std::size_t{0});
}

bool Spool::push(const FrameHeader& header, ByteView payload) noexcept {
  if (payload.size > block_bytes_) {
    ++refused_too_long_;
    return false;
  }
  if (size_ == slots_.size()) {
    ++refused_full_;
    return false;
  }
  const std::size_t slot = order_[size_++];
  slots_[slot] = {header, payload.size, false};
  if (payload.size > 0) {
    std::memcpy(bytes_.data() + slot * block_bytes_, payload.data, payload.size);
  }
  return true;
}

std::size_t Spool::acknowledge(const Ack& ack, std::size_t& cursor) noexcept {
  std::size_t kept = 0;
  std::size_t freed = 0;
  std::size_t freed_before = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    const std::size_t slot = order_[i];
    if (is_acknowledged(slots_[slot].header, ack)) {
      freed_[freed++] = slot;
      if (i < cursor) ++freed_before;
    } else {
      order_[kept++] = slot;
    }
  }
  for (std::size_t i = 0; i < freed; ++i) order_[kept + i] = freed_[i];
  size_ = kept;
  cursor -= freed_before;
  return freed;
}

Spool::Block Spool::block(std::size_t i) const noexcept {
  const std::size_t slot = order_[i];
  return {slots_[slot].header,
          {bytes_.data() + slot * block_bytes_, slots_[slot].bytes},
          slots_[slot].was_sent};
}

}  // namespace phigrad::link
