#include "hardware/link/rollout_writer.hpp"

#include <algorithm>
#include <string>

#include "hardware/link/crc32c.hpp"
#include "hardware/link/little_endian.hpp"
#include "host/support/error.hpp"

namespace phigrad::link {
namespace {

constexpr std::size_t for_the_end = 1;  // blocks

}  // namespace

FrameHeader RolloutWriter::header(MessageType type) const noexcept {
  FrameHeader header;
  header.type = type;
  header.rollout = rollout_;
  header.policy_version = policy_version_;
  return header;
}

bool RolloutWriter::begin(const RolloutBegin& begin) {
  if (is_open_) {
    throw Error(Exit::robot, "a rollout begins before the last one has ended",
                "rollout " + std::to_string(begin.rollout),
                "end rollout " + std::to_string(rollout_) + " first");
  }
  const std::vector<std::uint8_t> payload = to_cbor(begin);
  if (!has_room(1 + for_the_end)) {
    ++refused_full_;
    return false;
  }
  rollout_ = begin.rollout;
  policy_version_ = begin.policy_version;
  samples_ = {begin.sample_columns(), 0, 0};
  segments_ = {begin.segment_columns(), 0, 0};
  is_open_ = true;
  is_cut_ = false;
  return spool_.push(header(MessageType::rollout_begin), {payload.data(), payload.size()});
}

bool RolloutWriter::rows(MessageType type, std::uint64_t first, const double* rows,
                         std::size_t count) {
  if (!is_open_) return false;
  Stream& stream = type == MessageType::samples ? samples_ : segments_;
  const std::size_t row_bytes = 8 * stream.columns;
  const std::size_t block_rows = std::min<std::size_t>(
      max_rows, std::min(spool_.block_bytes(), max_payload_bytes) / row_bytes);
  const std::size_t blocks = (count + block_rows - 1) / block_rows;
  if (is_cut_ || !has_room(blocks + for_the_end)) {
    is_cut_ = true;
    ++refused_full_;
    return false;
  }
  if (first != stream.rows) {
    throw Error(Exit::robot,
                "row " + std::to_string(first) + " is given where row " +
                    std::to_string(stream.rows) + " follows",
                "rollout " + std::to_string(rollout_), "give every row once, in order");
  }
  FrameHeader block = header(type);
  for (std::size_t done = 0; done < count; done += block.count) {
    block.count = static_cast<std::uint32_t>(std::min(block_rows, count - done));
    block.first_sequence = stream.rows;
    const std::size_t size = block.count * row_bytes;
    bytes_.resize(std::max(bytes_.size(), size));
    store_doubles(rows + done * stream.columns, block.count * stream.columns, bytes_.data());
    stream.crc = crc32c(bytes_.data(), size, stream.crc);
    stream.rows += block.count;
    spool_.push(block, {bytes_.data(), size});
  }
  return true;
}

void RolloutWriter::end(EndReason reason, const std::vector<Event>& events) {
  if (!is_open_) return;
  RolloutEnd end;
  end.rollout = rollout_;
  end.samples = samples_.rows;
  end.segments = segments_.rows;
  end.samples_crc = samples_.crc;
  end.segments_crc = segments_.crc;
  end.reason = reason;
  end.events.assign(events.begin(),
                    events.begin() + static_cast<std::ptrdiff_t>(
                                         std::min<std::size_t>(events.size(), max_events)));
  const std::vector<std::uint8_t> payload = to_cbor(end);
  spool_.push(header(MessageType::rollout_end), {payload.data(), payload.size()});
  is_open_ = false;
}

}  // namespace phigrad::link
