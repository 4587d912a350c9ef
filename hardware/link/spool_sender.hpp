// What of the spool is sent when: in order, as far as the learner's credit goes, and again where
// no acknowledgement comes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "hardware/link/spool.hpp"

namespace phigrad::link {

/// Times are the caller's. For one thread.
class SpoolSender {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  /// `resend_after`: without any news from the learner about what has been sent; twice as long each
  /// time that it does not help, up to 8 times.
  SpoolSender(Spool& spool, Duration resend_after)
      : spool_(spool), resend_after_(resend_after), wait_(resend_after) {}

  /// A session begins: everything is to be sent, from the oldest block on.
  void start(std::uint64_t credit, Time now) noexcept;

  void grant(const Credit& credit, Time now) noexcept;
  void acknowledge(const Ack& ack, Time now) noexcept;

  /// The next block, if there is one and it may be sent.
  bool has_next() const noexcept;
  Spool::Block next() const noexcept { return spool_.block(cursor_); }
  void note_sent(Time now) noexcept;

  enum class Advice {
    wait,
    resend,  // begins again with the oldest block
    rejoin,  // the credit is used up and no more comes: blocks were lost; a new session has credit
  };
  /// Whether what was sent seems lost. To be asked while a session lasts.
  Advice check(Time now) noexcept;

  std::uint64_t sent() const noexcept { return sent_; }
  std::uint64_t resent() const noexcept { return resent_; }
  std::uint64_t acknowledged() const noexcept { return acknowledged_; }

 private:
  bool waits_for_ack() const noexcept;
  void note_progress(Time now) noexcept;

  Spool& spool_;
  Duration resend_after_;
  Duration wait_;
  std::size_t cursor_ = 0;     // the next block to send
  std::uint64_t counted_ = 0;  // blocks sent in this session that take credit
  std::uint64_t credit_ = 0;   // blocks that may be sent in it
  std::uint64_t credit_at_start_ = 0;
  std::uint64_t written_off_ = 0;  // of the counted ones, given up for lost
  Time progress_{};                // when something was sent, or news came
  std::uint64_t sent_ = 0, resent_ = 0, acknowledged_ = 0;  // blocks
};

}  // namespace phigrad::link
