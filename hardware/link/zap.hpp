// Who may connect: ZeroMQ's authentication protocol (ZAP, RFC 27) with a list of public keys.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "hardware/link/keys.hpp"

namespace phigrad::link {

/// Answers the questions of a CURVE server in the same context, whenever answer() is called: a peer
/// whose key is listed gets its name as User-Id, every other is denied. Until an answer, a peer's
/// handshake waits, and its messages do not exist.
class ZapHandler {
 public:
  /// Before the server binds. Throws Error(Exit::input) for a key that is none, or names or keys
  /// that are not unique; Error(Exit::robot) where the context has a handler already.
  ZapHandler(zmq::context_t& context, const std::vector<PublicKeys>& allowed);

  /// Answers what has been asked; returns how many peers were denied.
  std::uint64_t answer();

  void* handle() { return socket_.handle(); }

 private:
  using Key = std::array<std::uint8_t, 32>;
  bool answer_one(std::uint64_t& denied);

  std::map<Key, std::string> names_;
  zmq::socket_t socket_;
};

}  // namespace phigrad::link
