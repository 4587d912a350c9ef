#include "hardware/link/robot_rollouts.hpp"

#include <algorithm>

namespace phigrad::link {
namespace {

bool is_finished(const Reassembly& rollout) {
  return rollout.end() && (rollout.complete() || rollout.fault() != RolloutFault::none);
}

}  // namespace

RobotRollouts::Begun RobotRollouts::begin(const RolloutBegin& begin, const ReassemblyCaps& caps) {
  if (const Reassembly* open = find(begin.rollout)) {
    return to_cbor(open->begin()) == to_cbor(begin) ? Begun::known : Begun::conflicting;
  }
  if (open_.size() == max_open) return Begun::crowded;
  open_.emplace(begin.rollout, Open{Reassembly(begin, caps)});
  return Begun::opened;
}

Reassembly* RobotRollouts::find(std::uint64_t rollout) {
  const auto found = open_.find(rollout);
  return found == open_.end() ? nullptr : &found->second.rollout;
}

std::vector<std::uint64_t> RobotRollouts::to_offer(Time now) const {
  std::vector<std::uint64_t> rollouts;
  for (const auto& [rollout, open] : open_) {
    if (now >= open.offer && is_finished(open.rollout)) rollouts.push_back(rollout);
  }
  return rollouts;
}

void RobotRollouts::postpone(std::uint64_t rollout, Time until) {
  const auto found = open_.find(rollout);
  if (found != open_.end()) found->second.offer = until;
}

void RobotRollouts::settle(std::uint64_t rollout) {
  open_.erase(rollout);
  if (settled_.size() == max_remembered) settled_.pop_front();
  settled_.push_back(rollout);
}

bool RobotRollouts::has_settled(std::uint64_t rollout) const {
  return std::find(settled_.begin(), settled_.end(), rollout) != settled_.end();
}

void RobotRollouts::forget_unfinished() {
  for (auto at = open_.begin(); at != open_.end();) {
    at = is_finished(at->second.rollout) ? std::next(at) : open_.erase(at);
  }
}

}  // namespace phigrad::link
