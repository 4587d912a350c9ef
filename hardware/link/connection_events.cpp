#include "hardware/link/connection_events.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "host/support/error.hpp"

namespace phigrad::link {
namespace {

// Of these libzmq 4.3 takes the first for a broken connection, which it makes anew, and the others
// for an error of the protocol, which ends the socket's attempts.
constexpr int failed_handshakes = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
constexpr int refused_handshakes =
    ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

}  // namespace

ConnectionEvents::ConnectionEvents(zmq::context_t& context, void* watched, const std::string& name)
    : watched_(watched) {
  const std::string endpoint = "inproc://" + name;
  constexpr int events = ZMQ_EVENT_DISCONNECTED | failed_handshakes | refused_handshakes;
  try {
    if (zmq_socket_monitor(watched, endpoint.c_str(), events) != 0) throw zmq::error_t();
    socket_ = zmq::socket_t(context, ZMQ_PAIR);
    socket_.set(zmq::sockopt::linger, 0);
    socket_.connect(endpoint);
  } catch (const zmq::error_t& error) {
    throw Error(Exit::robot, std::string("a socket cannot be watched: ") + error.what(), "ZeroMQ",
                "raise the limit of open files (ulimit -n)");
  }
}

ConnectionEvents::~ConnectionEvents() { zmq_socket_monitor(watched_, nullptr, 0); }

bool ConnectionEvents::next(ConnectionEvent& event) {
  try {
    zmq::message_t what;  // u16 event, u32 value, in the machine's byte order
    while (socket_.recv(what, zmq::recv_flags::dontwait)) {
      for (bool more = what.more(); more;) {
        zmq::message_t address;
        if (!socket_.recv(address, zmq::recv_flags::dontwait)) break;
        more = address.more();
      }
      std::uint16_t number = 0;
      if (what.size() < sizeof number) continue;
      std::memcpy(&number, what.data(), sizeof number);
      if ((number & refused_handshakes) != 0) {
        event = ConnectionEvent::refused;
      } else if ((number & failed_handshakes) != 0) {
        event = ConnectionEvent::failed;
      } else if (number == ZMQ_EVENT_DISCONNECTED) {
        event = ConnectionEvent::closed;
      } else {
        continue;
      }
      return true;
    }
    return false;
  } catch (const zmq::error_t& error) {
    if (error.num() != EINTR) throw;
    return false;
  }
}

}  // namespace phigrad::link
