#include "hardware/link/zap.hpp"

#include <algorithm>
#include <cerrno>
#include <set>

#include "hardware/link/key_text.hpp"
#include "hardware/link/messages.hpp"
#include "host/support/error.hpp"

namespace phigrad::link {
namespace {

// RFC 27: version, request id, domain, address, identity, mechanism, and CURVE's one credential.
constexpr std::size_t request_parts = 7;
enum Part : std::size_t { version = 0, request_id = 1, mechanism = 5, credential = 6 };

}  // namespace

ZapHandler::ZapHandler(zmq::context_t& context, const std::vector<PublicKeys>& allowed) {
  std::set<std::string> seen;
  for (const PublicKeys& keys : allowed) {
    const auto key = z85_key(keys.curve_public);
    const bool sound = key && is_name(keys.name) && seen.insert(keys.name).second &&
                       names_.emplace(*key, keys.name).second;
    if (!sound) {
      throw Error(Exit::input, "no key, no name, or one that is there twice", keys.name,
                  "keep one public key file, as 'phigrad keygen' wrote it, for each robot");
    }
  }
  try {
    socket_ = zmq::socket_t(context, ZMQ_REP);
    socket_.set(zmq::sockopt::linger, 0);
    socket_.bind("inproc://zeromq.zap.01");
  } catch (const zmq::error_t& error) {
    throw Error(Exit::robot, std::string("nobody can be admitted: ") + error.what(), "ZeroMQ",
                "use one context for one learner");
  }
}

std::uint64_t ZapHandler::answer() {
  std::uint64_t denied = 0;
  try {
    while (answer_one(denied)) {
    }
  } catch (const zmq::error_t& error) {
    if (error.num() != EINTR) throw;
  }
  return denied;
}

bool ZapHandler::answer_one(std::uint64_t& denied) {
  // Looked at between two requests: see FrameSocket::receive (here libzmq issue 939).
  if ((socket_.get(zmq::sockopt::events) & ZMQ_POLLIN) == 0) return false;
  std::vector<zmq::message_t> parts;
  do {
    zmq::message_t part;
    if (!socket_.recv(part, zmq::recv_flags::dontwait)) return false;
    parts.push_back(std::move(part));
  } while (parts.back().more());

  std::string user;
  const bool asked = parts.size() == request_parts && parts[version].to_string() == "1.0" &&
                     parts[mechanism].to_string() == "CURVE";
  Key key{};
  if (asked && parts[credential].size() == key.size()) {
    std::copy_n(parts[credential].data<std::uint8_t>(), key.size(), key.begin());
    const auto found = names_.find(key);
    if (found != names_.end()) user = found->second;
  }
  if (user.empty()) ++denied;

  const std::string id = parts.size() > request_id ? parts[request_id].to_string() : "";
  const std::string status = user.empty() ? "400" : "200";
  const std::string reply[] = {"1.0", id, status, user.empty() ? "this key is not listed" : "OK",
                               user};
  for (const std::string& text : reply) {
    socket_.send(zmq::buffer(text), zmq::send_flags::dontwait | zmq::send_flags::sndmore);
  }
  socket_.send(zmq::message_t(), zmq::send_flags::dontwait);  // no metadata
  return true;
}

}  // namespace phigrad::link
