#include "hardware/link/learner_session.hpp"

#include <sodium.h>

#include <algorithm>
#include <tuple>

#include "hardware/link/key_text.hpp"
#include "hardware/link/seconds.hpp"

namespace phigrad::link {
namespace {

using std::chrono::milliseconds;

constexpr int messages_per_poll = 1024;
constexpr std::size_t max_peers = 256;
constexpr std::chrono::minutes dropped_for{1};

}  // namespace

void open_for_robots(const LearnerLinkSettings& settings, zmq::context_t& context,
                     std::optional<ZapHandler>& zap, FrameSocket& socket) {
  require_crypto();
  if (!settings.insecure_loopback) {
    zap.emplace(context, settings.allowed);
    socket.use_curve_server(settings.own);
  }
  socket.bind(settings.endpoint);
}

LearnerLink::State::State(const LearnerLinkSettings& settings_given,
                          LearnerLinkListener& listener_given)
    : settings(settings_given),
      listener(listener_given),
      socket(context, ZMQ_ROUTER, settings.seam),
      events(context, socket.handle(), "events"),
      polled(Clock::now()) {
  open_for_robots(settings, context, zap, socket);
}

void LearnerLink::State::poll(milliseconds longest) {
  // Time in which nobody listened is not the robots' silence.
  const auto gap = Clock::now() - polled;
  for (auto& [id, peer] : peers) peer.heard += gap;
  wait(longest);
  admit();
  Incoming message;
  for (int i = 0; i < messages_per_poll && socket.receive(message); ++i) take(message);
  offer();
  for (auto& [id, peer] : peers) {
    if (peer.is_robot) peer.serve(socket, policy, settings.credit_blocks);
  }
  sweep();
  polled = Clock::now();
}

void LearnerLink::State::wait(milliseconds longest) {
  milliseconds most{50};  // silent robots, and rollouts to be offered again
  for (const auto& [id, peer] : peers) {
    if (peer.has_waiting(policy)) most = milliseconds(1);
  }
  zmq::pollitem_t items[] = {
      {socket.handle(), 0, ZMQ_POLLIN, 0},
      {events.handle(), 0, ZMQ_POLLIN, 0},
      {zap ? zap->handle() : nullptr, 0, ZMQ_POLLIN, 0},
  };
  wait_readable(items, zap ? 3 : 2, std::min(longest, most));
}

void LearnerLink::State::admit() {
  if (zap && zap->answer() > 0) {
    remark("key",
           "a peer was refused, its key is not in the list of allowed robots; where it is "
           "yours, copy its NAME.public.json there and start again");
  }
  ConnectionEvent event{};
  while (events.next(event)) {
    if (event == ConnectionEvent::closed) continue;
    ++counts.refused_peers;
    remark("handshake",
           "a handshake failed: an unknown key, or a robot that has another public "
           "key of this learner");
  }
}

void LearnerLink::State::take(const Incoming& message) {
  if (zap && message.user.empty()) return;  // cannot be: every connection has asked the handler
  RobotPeer& peer = peer_of(message);
  peer.heard = Clock::now();
  if (peer.is_dropped) {
    ++counts.refused_frames;
    return;
  }
  if (message.parts != 2) {
    ++counts.refused_frames;
    return drop(peer, "malformed", "a message is a header and a payload");
  }
  const auto decoded = decode(message.header_bytes(), message.payload_bytes());
  if (const Refusal* refusal = std::get_if<Refusal>(&decoded)) {
    ++counts.refused_frames;
    return drop(peer, name(*refusal), "a frame that this link cannot read");
  }
  ++counts.frames;
  take_frame(peer, std::get<Frame>(decoded));
}

RobotPeer& LearnerLink::State::peer_of(const Incoming& message) {
  const auto found = peers.find(message.from);
  if (found != peers.end()) {
    if (!zap || found->second.name == message.user) return found->second;
    leave(found->second);  // its connection is closed, and another one has chosen the same id
    peers.erase(found);
  }
  if (peers.size() >= max_peers) {
    // Those that are no robots first, then those not heard for the longest time.
    const auto least =
        std::min_element(peers.begin(), peers.end(), [](const auto& a, const auto& b) {
          return std::tie(a.second.is_robot, a.second.heard) <
                 std::tie(b.second.is_robot, b.second.heard);
        });
    leave(least->second);
    peers.erase(least);
  }
  RobotPeer& peer = peers[message.from];
  peer.id = message.from;
  peer.name = message.user;
  return peer;
}

void LearnerLink::State::take_frame(RobotPeer& peer, const Frame& frame) {
  switch (frame.type) {
    case MessageType::hello:
      return with<Hello>(peer, frame, [&](const Hello& m) { take_hello(peer, m); });
    case MessageType::pose:
      return with<Pose>(peer, frame, [&](const Pose& m) { listener.pose(peer.name, m); });
    case MessageType::rollout_begin:
    case MessageType::samples:
    case MessageType::segments:
    case MessageType::rollout_end:
    case MessageType::ping:
    case MessageType::pong:
    case MessageType::event:
    case MessageType::bye:
      // Without a session: left over from one before; the robot will say Hello.
      if (peer.is_robot) take_from_robot(peer, frame);
      return;
    default:
      ++counts.refused_frames;
      drop(peer, "wrong_direction", "a message that only a learner sends");
  }
}

void LearnerLink::State::take_from_robot(RobotPeer& peer, const Frame& frame) {
  peer.is_fresh = false;
  switch (frame.type) {
    case MessageType::rollout_begin:
      return with<RolloutBegin>(peer, frame,
                                [&](const RolloutBegin& m) { take_begin(peer, frame, m); });
    case MessageType::rollout_end:
      return with<RolloutEnd>(peer, frame, [&](const RolloutEnd& m) { take_end(peer, frame, m); });
    case MessageType::ping:
      return with<Ping>(peer, frame, [&](const Ping& m) {
        peer.send(socket, Pong{m.number, frame.monotonic_ns, socket.now_ns()});
      });
    case MessageType::event:
      return with<Event>(peer, frame, [&](const Event& m) { listener.event(peer.name, m); });
    case MessageType::bye:
      return with<Bye>(peer, frame, [&](const Bye&) { leave(peer); });
    case MessageType::pong:
      return;  // this end does not ask
    default:
      return take_block(peer, frame);
  }
}

void LearnerLink::State::take_hello(RobotPeer& peer, const Hello& hello) {
  if (peer.is_robot && peer.is_fresh && peer.hello.nonce == hello.nonce) {
    peer.send(socket, peer.welcome);  // the last one did not arrive yet, or not at all
    return;
  }
  if (!zap) peer.name = "insecure-" + hello.robot_kind;
  leave(peer);
  if (RobotPeer* other = robot(peer.name)) leave(*other);  // its last connection
  std::string why;
  if (!listener.joined(peer.name, hello, why)) {
    why.resize(std::min(why.size(), max_text_bytes));
    return drop(peer, "not_wanted", is_plain_text(why) ? why : "");
  }
  const auto nonce = nonces.find(peer.name);
  if (nonce != nonces.end() && nonce->second != hello.nonce) {
    rollouts[peer.name].forget_unfinished();
    rollouts[peer.name].forget_settled();
  }
  nonces[peer.name] = hello.nonce;

  peer.is_robot = true;
  peer.is_fresh = true;
  peer.hello = hello;
  peer.consumed = 0;
  peer.granted = settings.credit_blocks;
  peer.commands = 0;
  peer.waiting.clear();
  peer.is_announced = false;
  peer.parameters_sent = 0;
  randombytes_buf(&peer.welcome.session, sizeof peer.welcome.session);
  peer.welcome.policy_version = policy ? policy->announcement.version : 0;
  peer.welcome.credit = settings.credit_blocks;
  peer.welcome.learner_ns = socket.now_ns();
  peer.send(socket, peer.welcome);
}

RobotPeer* LearnerLink::State::robot(const RobotName& name) {
  for (auto& [id, peer] : peers) {
    if (peer.is_robot && peer.name == name) return &peer;
  }
  return nullptr;
}

void LearnerLink::State::leave(RobotPeer& peer) {
  if (!peer.is_robot) return;
  peer.is_robot = false;
  listener.left(peer.name);
}

void LearnerLink::State::drop(RobotPeer& peer, const char* reason, const std::string& text) {
  ++counts.refused_peers;
  remark("peer", "'" + peer.name + "' was dropped: " + reason + ", " + text);
  // A dropped robot sends all of it again, should it come back.
  if (peer.is_robot) rollouts[peer.name].forget_unfinished();
  leave(peer);
  peer.is_dropped = true;
  peer.send(socket, Refuse{reason, text});
}

void LearnerLink::State::sweep() {
  const Time now = Clock::now();
  for (auto at = peers.begin(); at != peers.end();) {
    RobotPeer& peer = at->second;
    const bool is_silent = now - peer.heard > seconds(settings.silence_s);
    if (is_silent || peer.is_gone) leave(peer);
    // One that was dropped is remembered for longer, lest its next frame be taken for a new peer's.
    const bool is_over =
        peer.is_gone || (is_silent && (!peer.is_dropped || now - peer.heard > dropped_for));
    at = is_over ? peers.erase(at) : std::next(at);
  }
}

void LearnerLink::State::remark(const char* kind, const std::string& line) {
  if (const auto text = remarks.pass(kind, line, Clock::now())) listener.remark(*text);
}

}  // namespace phigrad::link
