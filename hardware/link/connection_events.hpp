// What happens to a socket's connections, which ZeroMQ otherwise hides.
#pragma once

#include <string>
#include <zmq.hpp>

namespace phigrad::link {

enum class ConnectionEvent { closed, refused };

/// The events of one socket. Lives shorter than the socket.
class ConnectionEvents {
 public:
  /// `name`: unique in the context. Throws Error(Exit::robot).
  ConnectionEvents(zmq::context_t& context, void* watched, const std::string& name);
  ~ConnectionEvents();
  ConnectionEvents(const ConnectionEvents&) = delete;
  ConnectionEvents& operator=(const ConnectionEvents&) = delete;

  /// The next event, if there is one. `refused`: a handshake that failed, at either end: by the
  /// allow-list, or as one end's key is not the one that the other has.
  bool next(ConnectionEvent& event);

  void* handle() { return socket_.handle(); }

 private:
  void* watched_;
  zmq::socket_t socket_;
};

}  // namespace phigrad::link
