// One rollout, put together again on the learner from blocks that come late, twice, out of order or
// not at all.
#pragma once

#include <cstdint>
#include <optional>

#include "hardware/link/frame.hpp"
#include "hardware/link/messages.hpp"
#include "hardware/link/row_stream.hpp"

namespace phigrad::link {

/// What a rollout may take at most, and how far ahead of a gap rows are kept. Of samples there is
/// room for at most window + 2 samples rows in memory, 8 bytes a column; of segments likewise.
struct ReassemblyCaps {
  std::uint64_t samples = std::uint64_t{1} << 17;  // 44 minutes at 50 Hz
  std::uint64_t segments = std::uint64_t{1} << 15;
  std::size_t window = 2048;  // rows, of samples and of segments
};

/// Why a rollout must not enter a gradient though its rows came.
enum class RolloutFault {
  none,
  conflicting_row,      // two different rows of one number
  time_not_increasing,  // t_s not finite, or not above the one before
  segment_order,    // a segment's first sample is no sequence number, or not above the one before
  beyond_end,       // rows or segments after the end that RolloutEnd states
  conflicting_end,  // two different RolloutEnds
  wrong_crc,        // all rows are here and are not those that RolloutEnd speaks of
  over_cap,         // RolloutEnd states more rows than the caps allow
};

/// The enumerator as text.
const char* name(RolloutFault fault) noexcept;

/// Rows, row after row; valid until the Reassembly takes another block.
struct RowsView {
  const double* data = nullptr;  // [rows, columns]
  std::size_t rows = 0;
  std::size_t columns = 0;

  const double* row(std::size_t i) const noexcept { return data + i * columns; }
};

/// What became of a block's rows.
struct Taken {
  bool belongs = true;  // false: of another rollout, policy, type or width; nothing was taken
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t beyond = 0;  // too early or above a cap: to be sent again, or never
};

/// Takes each sequence number once. For one thread.
class Reassembly {
 public:
  explicit Reassembly(const RolloutBegin& begin, const ReassemblyCaps& caps = {});

  /// A frame of samples or segments that decode let pass.
  Taken take(const Frame& block);

  /// False where it is another rollout's.
  bool take(const RolloutEnd& end);

  /// Every row that RolloutEnd states is here, the checksums agree, and there is no fault.
  bool complete() const noexcept { return complete_; }

  /// The first fault, and the sequence number where it was found. Faults stay.
  RolloutFault fault() const noexcept { return fault_; }
  std::uint64_t fault_sequence() const noexcept { return fault_sequence_; }

  /// Rows without a gap from 0: what an Ack may state once they are stored.
  std::uint64_t contiguous_samples() const noexcept { return samples_.size(); }
  std::uint64_t contiguous_segments() const noexcept { return segments_.size(); }

  /// The contiguous rows in order, up to the first one that is faulty in itself: t_s grows from row
  /// to row, so no dt taken from it is negative, 0 or NaN. The other columns can hold any number.
  RowsView samples() const noexcept {
    return {samples_.row(0), sound_samples_, samples_.columns()};
  }
  RowsView segments() const noexcept {
    return {segments_.row(0), sound_segments_, segments_.columns()};
  }

  /// The longest step of t_s in samples(), s: a clock that was set forward shows here.
  double longest_step_s() const noexcept { return longest_step_s_; }

  const RolloutBegin& begin() const noexcept { return begin_; }
  const std::optional<RolloutEnd>& end() const noexcept { return end_; }
  const Taken& totals() const noexcept { return totals_; }

 private:
  void find_fault(RolloutFault fault, std::uint64_t sequence) noexcept;
  void check_samples() noexcept;
  void check_segments() noexcept;
  void check_end() noexcept;

  RolloutBegin begin_;
  ReassemblyCaps caps_;
  RowStream samples_;
  RowStream segments_;
  std::size_t sound_samples_ = 0;
  std::size_t sound_segments_ = 0;
  double longest_step_s_ = 0;
  std::optional<RolloutEnd> end_;
  Taken totals_;
  bool complete_ = false;
  RolloutFault fault_ = RolloutFault::none;
  std::uint64_t fault_sequence_ = 0;
};

}  // namespace phigrad::link
