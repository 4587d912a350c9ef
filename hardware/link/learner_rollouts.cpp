// The learner's part that concerns rollouts: taking them in, offering them, acknowledging them.
#include "hardware/link/learner_session.hpp"
#include "hardware/link/seconds.hpp"

namespace phigrad::link {

bool LearnerLink::State::acknowledge_known(RobotPeer& peer, std::uint64_t rollout) {
  if (!rollouts[peer.name].has_settled(rollout) && !listener.knows(peer.name, rollout)) {
    return false;
  }
  Ack ack;
  ack.rollout = rollout;
  ack.settled = true;
  peer.send(socket, ack);
  return true;
}

void LearnerLink::State::take_begin(RobotPeer& peer, const Frame& frame,
                                    const RolloutBegin& begin) {
  const Hello& hello = peer.hello;
  if (frame.rollout != begin.rollout || frame.policy_version != begin.policy_version ||
      begin.nx != hello.nx || begin.nu != hello.nu || begin.nz != hello.nz) {
    ++counts.refused_frames;
    return drop(peer, "inconsistent", "a rollout's beginning fits neither its frame nor the Hello");
  }
  if (acknowledge_known(peer, begin.rollout)) return;
  switch (rollouts[peer.name].begin(begin, settings.caps)) {
    case RobotRollouts::Begun::opened:
      return listener.began(peer.name, begin);
    case RobotRollouts::Begun::known:
      return;
    case RobotRollouts::Begun::crowded:
      return remark("crowded", "'" + peer.name + "' has more rollouts than can be stored now");
    case RobotRollouts::Begun::conflicting:
      ++counts.refused_frames;
      return drop(peer, "inconsistent", "two rollouts of one number");
  }
}

void LearnerLink::State::take_block(RobotPeer& peer, const Frame& frame) {
  ++peer.consumed;
  Reassembly* rollout = rollouts[peer.name].find(frame.rollout);
  if (rollout == nullptr) return;  // settled, or its beginning has not come: it will be sent again
  const std::uint64_t before = rollout->contiguous_samples() + rollout->contiguous_segments();
  const Taken taken = rollout->take(frame);
  counts.duplicates += taken.duplicates;
  if (!taken.belongs) {
    ++counts.refused_frames;
    return drop(peer, "inconsistent", "a block fits another rollout");
  }
  const std::uint64_t after = rollout->contiguous_samples() + rollout->contiguous_segments();
  if (after > before) listener.grew(peer.name, *rollout);
}

void LearnerLink::State::take_end(RobotPeer& peer, const Frame& frame, const RolloutEnd& end) {
  if (frame.rollout != end.rollout) {
    ++counts.refused_frames;
    return drop(peer, "inconsistent", "a rollout's end does not fit its frame");
  }
  if (Reassembly* rollout = rollouts[peer.name].find(end.rollout)) {
    rollout->take(end);
  } else {
    acknowledge_known(peer, end.rollout);
  }
}

void LearnerLink::State::offer() {
  const Time now = Clock::now();
  for (auto& [name, of_robot] : rollouts) {
    for (const std::uint64_t number : of_robot.to_offer(now)) {
      const Reassembly& rollout = *of_robot.find(number);
      const RolloutEnd end = *rollout.end();
      if (!listener.ended(name, rollout, end)) {
        of_robot.postpone(number, Clock::now() + seconds(settings.offer_again_s));
        continue;
      }
      of_robot.settle(number);
      ++counts.rollouts;
      const Ack ack{number, end.samples, end.segments, true};
      if (RobotPeer* peer = robot(name)) peer->send(socket, ack);
    }
  }
}

}  // namespace phigrad::link
