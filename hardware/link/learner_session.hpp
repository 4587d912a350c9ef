// The inside of a LearnerLink: its peers, their sessions, and what comes in.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "hardware/link/connection_events.hpp"
#include "hardware/link/frame_socket.hpp"
#include "hardware/link/learner_link.hpp"
#include "hardware/link/remarks.hpp"
#include "hardware/link/robot_peer.hpp"
#include "hardware/link/robot_rollouts.hpp"
#include "hardware/link/zap.hpp"

namespace phigrad::link {

/// Binds a ROUTER to the endpoint, under CURVE with its allow-list unless the settings say without.
void open_for_robots(const LearnerLinkSettings& settings, zmq::context_t& context,
                     std::optional<ZapHandler>& zap, FrameSocket& socket);

/// A session lasts from a Hello that was let in until the robot leaves, falls silent, says Hello
/// again or sends what it must not.
struct LearnerLink::State {
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  State(const LearnerLinkSettings& settings_given, LearnerLinkListener& listener_given);

  void poll(std::chrono::milliseconds longest);
  RobotPeer* robot(const RobotName& name);

  LearnerLinkSettings settings;
  LearnerLinkListener& listener;
  zmq::context_t context;
  std::optional<ZapHandler> zap;  // before the socket: nobody comes in without it
  FrameSocket socket;
  ConnectionEvents events;
  std::map<std::string, RobotPeer> peers;  // by routing id
  std::map<RobotName, RobotRollouts> rollouts;
  std::map<RobotName, std::uint64_t> nonces;  // of the last Hello
  std::optional<PublishedPolicy> policy;
  Remarks remarks;
  LearnerLinkCounts counts;
  Time polled{};

 private:
  void wait(std::chrono::milliseconds longest);
  void admit();
  void take(const Incoming& message);
  RobotPeer& peer_of(const Incoming& message);
  void take_frame(RobotPeer& peer, const Frame& frame);
  void take_from_robot(RobotPeer& peer, const Frame& frame);
  void take_hello(RobotPeer& peer, const Hello& hello);
  void take_begin(RobotPeer& peer, const Frame& frame, const RolloutBegin& begin);
  void take_block(RobotPeer& peer, const Frame& frame);
  void take_end(RobotPeer& peer, const Frame& frame, const RolloutEnd& end);
  bool acknowledge_known(RobotPeer& peer, std::uint64_t rollout);
  void offer();
  void sweep();
  void leave(RobotPeer& peer);
  void drop(RobotPeer& peer, const char* reason, const std::string& text);
  void remark(const char* kind, const std::string& line);

  template <class Message, class Use>
  void with(RobotPeer& peer, const Frame& frame, const Use& use) {
    const auto message = from_cbor<Message>(frame.payload);
    if (const Message* read = std::get_if<Message>(&message)) return use(*read);
    const auto& refused = std::get<RefusedMessage>(message);
    ++counts.refused_frames;
    drop(peer, name(refused.why), std::string("key '") + refused.key + "'");
  }
};

}  // namespace phigrad::link
