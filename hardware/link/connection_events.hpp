// What happens to a socket's connections, which ZeroMQ otherwise hides.
#pragma once

#include <string>
#include <zmq.hpp>

namespace phigrad::link {

enum class ConnectionEvent {
  closed,
  failed,   // a handshake; ZeroMQ tries again
  refused,  // a handshake, by the allow-list or a key of no use: ZeroMQ tries no more
};

/// The events of one socket. Lives shorter than the socket.
class ConnectionEvents {
 public:
  /// `name`: unique in the context. Throws Error(Exit::robot).
  ConnectionEvents(zmq::context_t& context, void* watched, const std::string& name);
  ~ConnectionEvents();
  ConnectionEvents(const ConnectionEvents&) = delete;
  ConnectionEvents& operator=(const ConnectionEvents&) = delete;

  /// The next event of either end, if there is one. A handshake also fails where one end's key is
  /// not the one that the other has.
  bool next(ConnectionEvent& event);

  void* handle() { return socket_.handle(); }

 private:
  void* watched_;
  zmq::socket_t socket_;
};

}  // namespace phigrad::link
