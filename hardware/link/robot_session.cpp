#include "hardware/link/robot_session.hpp"

#include <algorithm>

#include "hardware/link/seconds.hpp"

namespace phigrad::link {
namespace {

using std::chrono::milliseconds;

constexpr int lost_pings = 5;
constexpr int pause_after_refusal = 4;  // attempts
constexpr int incoming_per_poll = 256;
constexpr int blocks_per_poll = 64;

}  // namespace

RobotLink::State::Connection::Connection(zmq::context_t& context, const RobotLinkSettings& settings,
                                         unsigned number)
    : socket(context, ZMQ_DEALER, settings.seam),
      events(context, socket.handle(), "events" + std::to_string(number)) {
  if (!settings.insecure_loopback) {
    socket.use_curve_client(settings.own, settings.learner.curve_public);
  }
  socket.connect(settings.endpoint,
                 std::chrono::duration_cast<milliseconds>(seconds(settings.reconnect_s)));
}

RobotLink::State::State(const RobotLinkSettings& settings_given, const Hello& hello_given,
                        RobotLinkListener& listener_given)
    : settings(settings_given),
      hello(hello_given),
      listener(listener_given),
      spool(settings.spool_blocks, std::max(settings.block_bytes, max_control_bytes)),
      sender(spool, seconds(settings.resend_s)),
      polled(Clock::now()) {
  to_cbor(hello);  // throws now rather than in a poll
  open();
}

void RobotLink::State::open() {
  connection.emplace(context, settings, ++connections);
  hello_due = Clock::now();
}

void RobotLink::State::lose() {
  if (!has_session) return;
  has_session = false;
  hello_due = Clock::now();
  listener.lost();
}

void RobotLink::State::poll(milliseconds longest) {
  // Time in which nobody listened is not the learner's silence.
  heard += Clock::now() - polled;
  attend(Clock::now());
  wait(longest);
  if (connection) {
    take_events();
    Incoming message;
    for (int i = 0; i < incoming_per_poll && connection && connection->socket.receive(message);
         ++i) {
      take(message);
    }
  }
  attend(Clock::now());
  polled = Clock::now();
}

void RobotLink::State::wait(milliseconds longest) {
  const Time now = Clock::now();
  Time due = now + longest;
  if (!connection) {
    due = std::min(due, reopen_due);
  } else if (!is_leaving) {
    due = std::min(due, has_session ? ping_due : hello_due);
    if (has_session && sender.has_next()) due = std::min(due, now + milliseconds(1));
  }
  const milliseconds ms = std::chrono::ceil<milliseconds>(std::max(due - now, Clock::duration{}));
  zmq::pollitem_t items[2] = {};
  if (connection) {
    items[0] = {connection->socket.handle(), 0, ZMQ_POLLIN, 0};
    items[1] = {connection->events.handle(), 0, ZMQ_POLLIN, 0};
  }
  wait_readable(items, connection ? 2 : 0, ms);
}

void RobotLink::State::take_events() {
  ConnectionEvent event{};
  while (connection && connection->events.next(event)) {
    if (event == ConnectionEvent::closed) {
      lose();
      continue;
    }
    obstacle =
        "the learner and this robot do not accept one another's keys: each needs the other's "
        "public key file";
    if (event == ConnectionEvent::refused) close_for_a_while();
  }
}

/// The connection is of no more use; what spoke against it may have an end.
void RobotLink::State::close_for_a_while() {
  lose();
  connection.reset();
  reopen_due = Clock::now() + pause_after_refusal * seconds(settings.reconnect_s);
}

/// All that has its time: a greeting, a ping, blocks.
void RobotLink::State::attend(Time now) {
  if (is_leaving) return;
  if (!connection) {
    if (now < reopen_due) return;
    open();
  }
  if (has_session && now - heard > lost_pings * seconds(settings.ping_s)) lose();
  if (!has_session) {
    if (now < hello_due) return;
    connection->socket.send("", hello);
    hello_due = now + seconds(settings.reconnect_s);
    return;
  }
  if (now >= ping_due) {
    connection->socket.send("", Ping{++pings});
    ping_due = now + seconds(settings.ping_s);
  }
  if (sender.check(now) == SpoolSender::Advice::rejoin) return lose();
  for (int i = 0; i < blocks_per_poll && sender.has_next(); ++i) {
    const Spool::Block block = sender.next();
    if (connection->socket.send("", block.header, block.payload) != SendResult::sent) break;
    sender.note_sent(now);
  }
}

void RobotLink::State::take(const Incoming& message) {
  if (message.parts != 2) return refuse_frame();
  const auto decoded = decode(message.header_bytes(), message.payload_bytes());
  const Frame* frame = std::get_if<Frame>(&decoded);
  if (frame == nullptr) return refuse_frame();
  switch (frame->type) {
    case MessageType::welcome:
      return with<Welcome>(*frame, [&](const Welcome& m) { join(m); });
    case MessageType::refuse:
      return with<Refuse>(*frame, [&](const Refuse& m) { take_refusal(m); });
    case MessageType::bye:
      return with<Bye>(*frame, [&](const Bye&) { lose(); });
    default:
      // What an earlier session left in the queues.
      if (!has_session) return;
      heard = Clock::now();
      return take_in_session(*frame);
  }
}

void RobotLink::State::take_in_session(const Frame& frame) {
  const Time now = Clock::now();
  switch (frame.type) {
    case MessageType::ack:
      return with<Ack>(frame, [&](const Ack& m) { sender.acknowledge(m, now); });
    case MessageType::credit:
      return with<Credit>(frame, [&](const Credit& m) { sender.grant(m, now); });
    case MessageType::policy:
      return take_policy(frame);
    case MessageType::ping:
      return with<Ping>(frame, [&](const Ping& m) {
        connection->socket.send("",
                                Pong{m.number, frame.monotonic_ns, connection->socket.now_ns()});
      });
    case MessageType::pong:
      return with<Pong>(frame, [&](const Pong& m) {
        if (m.number == 0 || m.number > pings) return refuse_frame();
        clock.add({m.ping_ns, m.received_ns, frame.monotonic_ns, connection->socket.now_ns()});
      });
    case MessageType::control:
      return with<Control>(frame, [&](const Control& m) {
        if (m.session != session || m.number <= last_command) {
          ++stale_commands;
          return;
        }
        last_command = m.number;
        listener.control(m.command);
      });
    case MessageType::pose:
      return with<Pose>(frame, [&](const Pose& m) { listener.pose(m); });
    default:
      refuse_frame();
  }
}

void RobotLink::State::join(const Welcome& welcome) {
  if (has_session && welcome.session == session) return;  // repeated
  lose();
  has_session = true;
  session = welcome.session;
  ++sessions;
  last_command = 0;
  obstacle.clear();
  heard = Clock::now();
  ping_due = heard;
  policies.restart();
  sender.start(welcome.credit, heard);
  listener.connected(welcome);
}

void RobotLink::State::take_refusal(const Refuse& refusal) {
  obstacle = "the learner refuses this robot: " + refusal.reason + ", " + refusal.text;
  close_for_a_while();  // the learner does not listen to it any more
}

void RobotLink::State::take_policy(const Frame& frame) {
  if (frame.count == 0) {
    return with<Policy>(frame, [&](const Policy& m) { policies.announce(m); });
  }
  if (!policies.take(frame)) return refuse_frame();
  if (const auto whole = policies.finished()) listener.policy(*whole);
}

}  // namespace phigrad::link
