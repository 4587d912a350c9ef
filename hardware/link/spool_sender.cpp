#include "hardware/link/spool_sender.hpp"

#include <algorithm>

namespace phigrad::link {
namespace {

bool is_counted(const FrameHeader& header) noexcept {
  return header.type == MessageType::samples || header.type == MessageType::segments;
}

}  // namespace

void SpoolSender::start(std::uint64_t credit, Time now) noexcept {
  cursor_ = 0;
  counted_ = 0;
  written_off_ = 0;
  credit_ = credit;
  credit_at_start_ = credit;
  progress_ = now;
}

void SpoolSender::note_progress(Time now) noexcept {
  progress_ = now;
  wait_ = resend_after_;
}

void SpoolSender::grant(const Credit& credit, Time now) noexcept {
  if (credit.blocks <= credit_) return;
  credit_ = credit.blocks;
  note_progress(now);
}

void SpoolSender::acknowledge(const Ack& ack, Time now) noexcept {
  const std::size_t dropped = spool_.acknowledge(ack, cursor_);
  acknowledged_ += dropped;
  if (dropped > 0) note_progress(now);
}

bool SpoolSender::waits_for_ack() const noexcept {
  for (std::size_t i = spool_.size(); i > 0; --i) {
    if (spool_.block(i - 1).header.type == MessageType::rollout_end) return true;
  }
  return false;
}

bool SpoolSender::has_next() const noexcept {
  if (cursor_ >= spool_.size()) return false;
  return counted_ < credit_ || !is_counted(spool_.block(cursor_).header);
}

void SpoolSender::note_sent(Time now) noexcept {
  const Spool::Block block = spool_.block(cursor_);
  if (block.was_sent) {
    ++resent_;
  } else {
    ++sent_;
  }
  if (is_counted(block.header)) ++counted_;
  spool_.note_sent(cursor_);
  ++cursor_;
  progress_ = now;
}

SpoolSender::Advice SpoolSender::check(Time now) noexcept {
  if (spool_.size() == 0 || has_next() || now - progress_ < wait_) return Advice::wait;
  // A slow learner is no lost one: this is the last resort.
  if (cursor_ < spool_.size()) {
    return now - progress_ < 8 * resend_after_ ? Advice::wait : Advice::rejoin;
  }
  // Credit says how many blocks the learner has taken in, repeats included.
  const std::uint64_t consumed = credit_ - credit_at_start_;
  const bool is_short = counted_ > consumed + written_off_;
  if (!is_short && !waits_for_ack()) return Advice::wait;
  written_off_ = counted_ > consumed ? counted_ - consumed : 0;
  wait_ = std::min(2 * wait_, 8 * resend_after_);
  progress_ = now;
  cursor_ = 0;
  return Advice::resend;
}

}  // namespace phigrad::link
