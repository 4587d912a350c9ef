#include "hardware/link/reassembly.hpp"

#include <algorithm>
#include <cmath>

namespace phigrad::link {
namespace {

bool same_end(const RolloutEnd& a, const RolloutEnd& b) {
  return a.samples == b.samples && a.segments == b.segments && a.samples_crc == b.samples_crc &&
         a.segments_crc == b.segments_crc && a.reason == b.reason;
}

}  // namespace

const char* name(RolloutFault fault) noexcept {
  switch (fault) {
    case RolloutFault::none:
      return "none";
    case RolloutFault::conflicting_row:
      return "conflicting_row";
    case RolloutFault::time_not_increasing:
      return "time_not_increasing";
    case RolloutFault::segment_order:
      return "segment_order";
    case RolloutFault::beyond_end:
      return "beyond_end";
    case RolloutFault::conflicting_end:
      return "conflicting_end";
    case RolloutFault::wrong_crc:
      return "wrong_crc";
    case RolloutFault::over_cap:
      return "over_cap";
  }
  return "unknown";
}

Reassembly::Reassembly(const RolloutBegin& begin, const ReassemblyCaps& caps)
    : begin_(begin),
      caps_(caps),
      samples_(begin.sample_columns(), caps.samples, caps.window),
      segments_(begin.segment_columns(), caps.segments, caps.window) {}

void Reassembly::find_fault(RolloutFault fault, std::uint64_t sequence) noexcept {
  if (fault_ != RolloutFault::none) return;
  fault_ = fault;
  fault_sequence_ = sequence;
}

Taken Reassembly::take(const Frame& block) {
  Taken taken;
  const bool of_samples = block.type == MessageType::samples;
  RowStream& stream = of_samples ? samples_ : segments_;
  taken.belongs =
      (of_samples || block.type == MessageType::segments) && block.rollout == begin_.rollout &&
      block.policy_version == begin_.policy_version && block.columns() == stream.columns();
  if (!taken.belongs) return taken;

  for (std::uint64_t i = 0; i < block.count; ++i) {
    const std::uint64_t sequence = block.first_sequence + i;
    const std::size_t offset = static_cast<std::size_t>(i) * stream.columns() * 8;
    switch (stream.put(sequence, block.payload.data + offset)) {
      case RowTaken::accepted:
        ++taken.accepted;
        break;
      case RowTaken::duplicate:
        ++taken.duplicates;
        break;
      case RowTaken::conflict:
        ++taken.conflicts;
        find_fault(RolloutFault::conflicting_row, sequence);
        break;
      case RowTaken::beyond:
        ++taken.beyond;
        break;
    }
  }
  totals_.accepted += taken.accepted;
  totals_.duplicates += taken.duplicates;
  totals_.conflicts += taken.conflicts;
  totals_.beyond += taken.beyond;
  if (of_samples) {
    check_samples();
  } else {
    check_segments();
  }
  check_end();
  return taken;
}

bool Reassembly::take(const RolloutEnd& end) {
  if (end.rollout != begin_.rollout) return false;
  if (end_ && !same_end(*end_, end)) find_fault(RolloutFault::conflicting_end, 0);
  if (!end_) end_ = end;
  check_end();
  return true;
}

void Reassembly::check_samples() noexcept {
  while (sound_samples_ < samples_.size()) {
    const double t_s = samples_.row(sound_samples_)[0];
    const double before_s = sound_samples_ == 0 ? t_s : samples_.row(sound_samples_ - 1)[0];
    const bool sound = std::isfinite(t_s) && (sound_samples_ == 0 || t_s > before_s);
    if (!sound) return find_fault(RolloutFault::time_not_increasing, sound_samples_);
    longest_step_s_ = std::max(longest_step_s_, t_s - before_s);
    ++sound_samples_;
  }
}

void Reassembly::check_segments() noexcept {
  while (sound_segments_ < segments_.size()) {
    const double first = segments_.row(sound_segments_)[0];
    const double before = sound_segments_ == 0 ? -1 : segments_.row(sound_segments_ - 1)[0];
    const bool sound = first > before && first <= static_cast<double>(max_sequence) &&
                       first == std::floor(first) &&
                       std::isfinite(segments_.row(sound_segments_)[1]);
    if (!sound) return find_fault(RolloutFault::segment_order, sound_segments_);
    ++sound_segments_;
  }
}

void Reassembly::check_end() noexcept {
  complete_ = false;
  if (!end_) return;
  if (end_->samples > caps_.samples || end_->segments > caps_.segments) {
    return find_fault(RolloutFault::over_cap, 0);
  }
  if (samples_.end() > end_->samples) return find_fault(RolloutFault::beyond_end, end_->samples);
  if (segments_.end() > end_->segments) return find_fault(RolloutFault::beyond_end, end_->segments);
  if (samples_.size() != end_->samples || segments_.size() != end_->segments) return;
  if (samples_.crc() != end_->samples_crc || segments_.crc() != end_->segments_crc) {
    return find_fault(RolloutFault::wrong_crc, 0);
  }
  // The last segment may have been decided just before the rollout ended, ahead of its first
  // sample.
  if (sound_segments_ > 0 &&
      segments_.row(sound_segments_ - 1)[0] > static_cast<double>(end_->samples)) {
    find_fault(RolloutFault::beyond_end, sound_segments_ - 1);
  }
  complete_ = fault_ == RolloutFault::none;
}

}  // namespace phigrad::link
