// The inside of a RobotLink: its connection, its session, and what comes in.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "hardware/link/clock_offset.hpp"
#include "hardware/link/connection_events.hpp"
#include "hardware/link/frame_socket.hpp"
#include "hardware/link/robot_link.hpp"
#include "hardware/link/rollout_writer.hpp"
#include "hardware/link/spool_sender.hpp"

namespace phigrad::link {

/// A session lasts from a Welcome until the connection breaks, the learner falls silent or says
/// good-bye, or blocks are lost for good. Without one, the robot says Hello again and again.
struct RobotLink::State {
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  State(const RobotLinkSettings& settings_given, const Hello& hello_given,
        RobotLinkListener& listener_given);

  void poll(std::chrono::milliseconds longest);

  struct Connection {
    FrameSocket socket;
    ConnectionEvents events;

    Connection(zmq::context_t& context, const RobotLinkSettings& settings, unsigned number);
  };

  RobotLinkSettings settings;
  Hello hello;
  RobotLinkListener& listener;
  zmq::context_t context;
  std::optional<Connection> connection;  // none while a refusal is waited out
  unsigned connections = 0;

  Spool spool;
  RolloutWriter writer{spool};
  SpoolSender sender;
  PolicyAssembly policies;
  ClockOffset clock;

  bool has_session = false;
  bool is_leaving = false;
  std::uint64_t session = 0;  // the learner's number of it
  std::uint64_t sessions = 0;
  std::uint64_t last_command = 0;
  std::uint64_t pings = 0;
  Time heard{};   // when something came from the learner last
  Time polled{};  // when the last poll ended
  Time ping_due{}, hello_due{}, reopen_due{};
  std::uint64_t refused_frames = 0, stale_commands = 0;
  std::string obstacle;

 private:
  void open();
  void lose();
  void wait(std::chrono::milliseconds longest);
  void take_events();
  void close_for_a_while();
  void attend(Time now);
  void take(const Incoming& message);
  void take_in_session(const Frame& frame);
  void take_policy(const Frame& frame);
  void join(const Welcome& welcome);
  void take_refusal(const Refuse& refusal);

  template <class Message, class Use>
  void with(const Frame& frame, const Use& use) {
    const auto message = from_cbor<Message>(frame.payload);
    if (const Message* read = std::get_if<Message>(&message)) return use(*read);
    refuse_frame();
  }
  void refuse_frame() { ++refused_frames; }
};

}  // namespace phigrad::link
