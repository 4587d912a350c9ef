// A ZeroMQ socket that carries frames: CURVE, bounds and queues set, nothing in it ever blocks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <zmq.hpp>

#include "hardware/link/frame.hpp"
#include "hardware/link/keys.hpp"
#include "hardware/link/messages.hpp"
#include "hardware/link/wire_seam.hpp"

namespace phigrad::link {

/// Whether an endpoint stays on this machine: ipc, or tcp on 127.0.0.1.
bool is_loopback(const std::string& endpoint);

/// A message as it came. Nothing in it has been looked at but the name.
struct Incoming {
  std::string from;  // routing id of the connection; empty at a DEALER
  std::string user;  // the name that the ZAP handler gave the peer's key; empty without CURVE
  zmq::message_t header, payload;
  std::size_t parts = 0;  // after the routing id; a frame has two

  ByteView header_bytes() const { return {header.data<std::uint8_t>(), header.size()}; }
  ByteView payload_bytes() const { return {payload.data<std::uint8_t>(), payload.size()}; }
};

enum class SendResult {
  sent,
  full,  // the queue to this peer is full: try again later
  gone,  // no such peer
};

class FrameSocket {
 public:
  /// Of type ZMQ_DEALER or ZMQ_ROUTER. Throws Error(Exit::robot) where none can be made.
  FrameSocket(zmq::context_t& context, int type, const WireSeam& seam);

  /// Before bind() or connect(): this end's own keys, and either the other end's public key or the
  /// part of the server, which asks the ZAP handler of its context about each peer. There must be
  /// one by then: without it ZeroMQ lets everybody in (ZMQ_ZAP_ENFORCE_DOMAIN is no stable option).
  void use_curve_client(const SecretKeys& own, const std::string& server_public);
  void use_curve_server(const SecretKeys& own);

  /// Throws Error(Exit::robot).
  void bind(const std::string& endpoint);
  void connect(const std::string& endpoint, std::chrono::milliseconds between_attempts);

  /// Where it is bound, with the port that was chosen for "*".
  std::string endpoint() const;

  /// Stamps the header with this end's clock and sends. `to`: the peer of a ROUTER, empty at a
  /// DEALER. Throws Error(Exit::robot) for a frame that the other end would refuse.
  SendResult send(const std::string& to, FrameHeader header, ByteView payload);
  template <class Message>
  SendResult send(const std::string& to, const Message& message) {
    const std::vector<std::uint8_t> payload = to_cbor(message);
    FrameHeader header;
    header.type = Message::type;
    return send(to, header, {payload.data(), payload.size()});
  }

  /// The next message, if there is one.
  bool receive(Incoming& message);

  std::int64_t now_ns() const;  // this end's clock, as headers have it
  void* handle() { return socket_.handle(); }

 private:
  SendResult send_raw(const std::string& to, const std::uint8_t* header, ByteView payload);

  WireSeam seam_;
  bool is_router_;
  zmq::socket_t socket_;
};

/// Waits until one of them is readable, at most so long. Returns early on a signal.
void wait_readable(zmq::pollitem_t* items, std::size_t count, std::chrono::milliseconds longest);

}  // namespace phigrad::link
