// One connection to the learner, and what waits to go out on it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "hardware/link/frame_socket.hpp"

namespace phigrad::link {

/// A policy as it goes out: announced, then in frames of policy_frame_parameters.
struct PublishedPolicy {
  Policy announcement;
  std::vector<std::uint8_t> parameters;  // float64, little-endian
};
inline constexpr std::size_t policy_frame_parameters = 4096;

struct RobotPeer {
  using Time = std::chrono::steady_clock::time_point;

  std::string id;           // the ROUTER's routing id of the connection
  std::string name;         // RobotName
  bool is_robot = false;    // it said Hello and was let in
  bool is_dropped = false;  // it sent what it must not: nobody listens to it any more
  bool is_gone = false;     // the connection is closed
  bool is_fresh = false;    // nothing but Hellos came yet in this session
  Hello hello;
  Welcome welcome;
  Time heard{};
  std::uint64_t consumed = 0;   // blocks taken in, in this session
  std::uint64_t granted = 0;    // credit stated last
  std::uint64_t commands = 0;   // in this session
  std::deque<Control> waiting;  // to go out
  // How much of the published policy has gone out: nothing, the announcement, all before this
  // parameter.
  bool is_announced = false;
  std::size_t parameters_sent = 0;

  /// Sends what there is room for. Commands go first.
  void serve(FrameSocket& socket, const std::optional<PublishedPolicy>& policy,
             std::uint64_t credit_blocks);
  bool has_waiting(const std::optional<PublishedPolicy>& policy) const;

  template <class Message>
  bool send(FrameSocket& socket, const Message& message) {
    return note(socket.send(id, message));
  }

 private:
  bool note(SendResult result) {
    if (result == SendResult::gone) is_gone = true;
    return result == SendResult::sent;
  }
  void serve_policy(FrameSocket& socket, const PublishedPolicy& policy);
};

}  // namespace phigrad::link
