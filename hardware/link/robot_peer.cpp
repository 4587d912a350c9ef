#include "hardware/link/robot_peer.hpp"

#include <algorithm>

namespace phigrad::link {

void RobotPeer::serve(FrameSocket& socket, const std::optional<PublishedPolicy>& policy,
                      std::uint64_t credit_blocks) {
  while (!waiting.empty() && send(socket, waiting.front())) waiting.pop_front();
  const std::uint64_t credit = credit_blocks + consumed;
  if (credit > granted && send(socket, Credit{credit})) granted = credit;
  if (policy) serve_policy(socket, *policy);
}

void RobotPeer::serve_policy(FrameSocket& socket, const PublishedPolicy& policy) {
  if (!is_announced) is_announced = send(socket, policy.announcement);
  if (!is_announced) return;
  const std::size_t count = policy.parameters.size() / 8;
  FrameHeader header;
  header.type = MessageType::policy;
  header.policy_version = policy.announcement.version;
  while (parameters_sent < count) {
    const std::size_t n = std::min(policy_frame_parameters, count - parameters_sent);
    header.count = static_cast<std::uint32_t>(n);
    header.first_sequence = parameters_sent;
    const ByteView payload{policy.parameters.data() + 8 * parameters_sent, 8 * n};
    if (!note(socket.send(id, header, payload))) return;
    parameters_sent += n;
  }
}

bool RobotPeer::has_waiting(const std::optional<PublishedPolicy>& policy) const {
  if (!is_robot || is_gone) return false;
  return !waiting.empty() ||
         (policy && (!is_announced || 8 * parameters_sent < policy->parameters.size()));
}

}  // namespace phigrad::link
