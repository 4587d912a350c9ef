#include "hardware/link/frame_socket.hpp"

#include <algorithm>
#include <cerrno>

#include "host/support/error.hpp"

namespace phigrad::link {
namespace {

// Frames in each direction and for each peer that ZeroMQ may hold. Blocks wait in the spool, not
// here: a queue full of them would delay pongs and commands.
constexpr int queued_frames = 64;
// A payload in CURVE's envelope: command name, nonce, flags and authenticator are 33 bytes.
constexpr int max_wire_bytes = static_cast<int>(max_payload_bytes) + 64;
constexpr int handshake_ms = 1500;
constexpr int connect_ms = 1000;
// A pulled cable closes no connection: ZeroMQ's own heartbeats do, whatever the threads above do.
constexpr int heartbeat_ms = 500;
constexpr int heartbeat_timeout_ms = 1500;
constexpr int backlog = 64;

[[noreturn]] void refuse(const char* problem, const std::string& place, const zmq::error_t& error,
                         const char* remedy) {
  throw Error(Exit::robot, std::string(problem) + ": " + error.what(), place, remedy);
}

bool starts_with(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

}  // namespace

bool is_loopback(const std::string& endpoint) {
  return starts_with(endpoint, "ipc://") || starts_with(endpoint, "tcp://127.0.0.1:");
}

FrameSocket::FrameSocket(zmq::context_t& context, int type, const WireSeam& seam)
    : seam_(seam), is_router_(type == ZMQ_ROUTER) {
  try {
    socket_ = zmq::socket_t(context, type);
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::maxmsgsize, std::int64_t{max_wire_bytes});
    socket_.set(zmq::sockopt::handshake_ivl, handshake_ms);
    socket_.set(zmq::sockopt::connect_timeout, connect_ms);
    socket_.set(zmq::sockopt::heartbeat_ivl, heartbeat_ms);
    socket_.set(zmq::sockopt::heartbeat_timeout, heartbeat_timeout_ms);
    socket_.set(zmq::sockopt::backlog, backlog);
    socket_.set(zmq::sockopt::sndhwm, queued_frames);
    socket_.set(zmq::sockopt::rcvhwm, queued_frames);
    if (is_router_) {
      socket_.set(zmq::sockopt::router_mandatory, true);  // says when a peer is gone
    } else {
      // Nothing queues up while there is no connection, and a broken one's queue goes with it.
      socket_.set(zmq::sockopt::immediate, true);
    }
  } catch (const zmq::error_t& error) {
    refuse("no socket can be made", "ZeroMQ", error, "raise the limit of open files (ulimit -n)");
  }
}

void FrameSocket::use_curve_client(const SecretKeys& own, const std::string& server_public) {
  try {
    socket_.set(zmq::sockopt::curve_serverkey, server_public);
    socket_.set(zmq::sockopt::curve_publickey, own.curve_public);
    socket_.set(zmq::sockopt::curve_secretkey, own.curve_secret);
  } catch (const zmq::error_t& error) {
    refuse("the keys cannot be used", "ZeroMQ", error, "make keys with 'phigrad keygen'");
  }
}

void FrameSocket::use_curve_server(const SecretKeys& own) {
  try {
    socket_.set(zmq::sockopt::curve_server, true);
    socket_.set(zmq::sockopt::curve_publickey, own.curve_public);
    socket_.set(zmq::sockopt::curve_secretkey, own.curve_secret);
    socket_.set(zmq::sockopt::zap_domain, "phigrad");
  } catch (const zmq::error_t& error) {
    refuse("the keys cannot be used", "ZeroMQ", error, "make keys with 'phigrad keygen'");
  }
}

void FrameSocket::bind(const std::string& endpoint) {
  try {
    socket_.bind(endpoint);
  } catch (const zmq::error_t& error) {
    refuse("the learner cannot listen", endpoint, error,
           "give an endpoint like tcp://*:5555 whose port no other program uses");
  }
}

void FrameSocket::connect(const std::string& endpoint, std::chrono::milliseconds between_attempts) {
  const auto attempts_ms = std::max<std::chrono::milliseconds::rep>(between_attempts.count(), 1);
  try {
    socket_.set(zmq::sockopt::reconnect_ivl, static_cast<int>(attempts_ms));
    socket_.connect(endpoint);
  } catch (const zmq::error_t& error) {
    refuse("the robot cannot connect", endpoint, error,
           "give the learner's endpoint, like tcp://192.168.1.20:5555");
  }
}

std::string FrameSocket::endpoint() const { return socket_.get(zmq::sockopt::last_endpoint); }

std::int64_t FrameSocket::now_ns() const {
  if (seam_.monotonic_ns) return seam_.monotonic_ns();
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

SendResult FrameSocket::send(const std::string& to, FrameHeader header, ByteView payload) {
  header.monotonic_ns = now_ns();
  const auto bytes = encode(header, payload);
  if (seam_.faults == nullptr) return send_raw(to, bytes.data(), payload);
  std::vector<OutgoingFrame> out;
  seam_.faults->pass({to, header.type, bytes, {payload.data, payload.data + payload.size}}, out);
  for (const OutgoingFrame& frame : out) {
    send_raw(frame.to, frame.header.data(), {frame.payload.data(), frame.payload.size()});
  }
  return SendResult::sent;
}

SendResult FrameSocket::send_raw(const std::string& to, const std::uint8_t* header,
                                 ByteView payload) {
  // The first part alone can be refused; ZeroMQ then sends or drops the message as a whole.
  const auto part = [this](const void* data, std::size_t size, bool more) {
    zmq::message_t message(size);
    if (size > 0)
      std::copy_n(static_cast<const std::uint8_t*>(data), size, message.data<std::uint8_t>());
    const auto flags =
        more ? zmq::send_flags::dontwait | zmq::send_flags::sndmore : zmq::send_flags::dontwait;
    return socket_.send(message, flags).has_value();
  };
  try {
    if (is_router_ && !part(to.data(), to.size(), true)) return SendResult::full;
    if (!part(header, header_bytes, true)) return SendResult::full;
    part(payload.data, payload.size, false);
    return SendResult::sent;
  } catch (const zmq::error_t& error) {
    if (error.num() == EHOSTUNREACH) return SendResult::gone;
    if (error.num() == EINTR) return SendResult::full;
    refuse("a frame cannot be sent", "ZeroMQ", error, "restart this program");
  }
}

bool FrameSocket::receive(Incoming& message) {
  message = {};
  try {
    // ZeroMQ, which otherwise looks at its connections at every hundredth part, aborts where it
    // finds one gone in the middle of a message (libzmq issue 3663): it looks now, between two.
    if ((socket_.get(zmq::sockopt::events) & ZMQ_POLLIN) == 0) return false;
    zmq::message_t part;
    if (is_router_) {
      if (!socket_.recv(part, zmq::recv_flags::dontwait)) return false;
      message.from = part.to_string();
      if (!part.more()) return true;
    }
    bool more = true;
    while (more) {
      if (!socket_.recv(part, zmq::recv_flags::dontwait)) return false;
      more = part.more();
      ++message.parts;
      if (message.parts == 1) {
        // nullptr where the connection has no authenticated name.
        const char* user = zmq_msg_gets(part.handle(), "User-Id");
        if (user != nullptr) message.user = user;
        message.header = std::move(part);
      } else if (message.parts == 2) {
        message.payload = std::move(part);
      }
    }
    return true;
  } catch (const zmq::error_t& error) {
    if (error.num() == EINTR) return false;
    refuse("a frame cannot be received", "ZeroMQ", error, "restart this program");
  }
}

void wait_readable(zmq::pollitem_t* items, std::size_t count, std::chrono::milliseconds longest) {
  const long ms = static_cast<long>(std::max<std::chrono::milliseconds::rep>(longest.count(), 0));
  zmq_poll(items, static_cast<int>(count), ms);  // whatever it returns, the sockets are looked at
}

}  // namespace phigrad::link
