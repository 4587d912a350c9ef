// A rollout on the robot, written into the spool as the frames that it travels in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hardware/link/messages.hpp"
#include "hardware/link/spool.hpp"

namespace phigrad::link {

/// One rollout at a time; never waits. From a rollout's beginning to its end one block of the spool
/// is kept free for the end. For one thread.
class RolloutWriter {
 public:
  /// `spool`: outlives this, with blocks of at least max_control_bytes.
  explicit RolloutWriter(Spool& spool) : spool_(spool) {}

  /// False, and counted, where the spool is full. Throws Error(Exit::robot) before the end of the
  /// last rollout, or for a message that the link does not carry.
  bool begin(const RolloutBegin& begin);

  /// Rows [count, columns that `begin` stated] of samples or segments, numbered from `first`, all
  /// or none. False where no rollout has begun, and, counted, where the spool is full: then the
  /// rollout takes no more rows, so that none is missing in between. Throws Error(Exit::robot)
  /// where `first` does not follow the row before.
  bool rows(MessageType type, std::uint64_t first, const double* rows, std::size_t count);

  /// States what was taken. Events beyond max_events are left out. Does nothing where no rollout
  /// has begun. Throws Error(Exit::robot) for an event that the link does not carry; the rollout is
  /// then still open.
  void end(EndReason reason, const std::vector<Event>& events);

  bool is_open() const noexcept { return is_open_; }
  /// How often begin or rows was refused as the spool was full.
  std::uint64_t refused_full() const noexcept { return refused_full_; }

 private:
  struct Stream {
    std::size_t columns = 0;
    std::uint64_t rows = 0;
    std::uint32_t crc = 0;
  };
  bool has_room(std::size_t blocks) const noexcept {
    return spool_.size() + blocks <= spool_.capacity();
  }
  FrameHeader header(MessageType type) const noexcept;

  Spool& spool_;
  bool is_open_ = false;
  bool is_cut_ = false;  // a row was refused
  std::uint64_t rollout_ = 0;
  std::uint64_t policy_version_ = 0;
  Stream samples_, segments_;
  std::vector<std::uint8_t> bytes_;  // of one block
  std::uint64_t refused_full_ = 0;
};

}  // namespace phigrad::link
