#include "hardware/link/learner_link.hpp"

#include "hardware/link/learner_session.hpp"
#include "hardware/link/little_endian.hpp"
#include "host/support/error.hpp"

namespace phigrad::link {
namespace {

void require_keys(const LearnerLinkSettings& settings) {
  if (settings.insecure_loopback) {
    if (is_loopback(settings.endpoint)) return;
    throw Error(Exit::usage, "a link without keys would leave this machine", settings.endpoint,
                "use tcp://127.0.0.1:PORT or ipc://, or give keys");
  }
  if (settings.own.curve_secret.empty()) {
    throw Error(Exit::usage, "a link needs this learner's secret key", settings.endpoint,
                "make one with 'phigrad keygen'");
  }
  if (settings.allowed.empty()) {
    throw Error(Exit::usage, "no robot may connect", settings.endpoint,
                "name the folder with the robots' public keys");
  }
}

}  // namespace

LearnerLink::LearnerLink(const LearnerLinkSettings& settings, LearnerLinkListener& listener) {
  require_keys(settings);
  state_ = std::make_unique<State>(settings, listener);
}

void LearnerLink::require_endpoint(const LearnerLinkSettings& settings) {
  require_keys(settings);
  zmq::context_t context;
  std::optional<ZapHandler> zap;
  FrameSocket socket(context, ZMQ_ROUTER, settings.seam);
  open_for_robots(settings, context, zap, socket);
}

LearnerLink::~LearnerLink() = default;

std::string LearnerLink::endpoint() const { return state_->socket.endpoint(); }

void LearnerLink::publish(const Policy& announcement, const std::vector<double>& parameters) {
  if (announcement.parameters != parameters.size()) {
    throw Error(Exit::robot,
                "a policy of " + std::to_string(parameters.size()) +
                    " parameters is announced as " + std::to_string(announcement.parameters),
                "policy " + std::to_string(announcement.version), "announce what is sent");
  }
  to_cbor(announcement);  // throws now rather than in a poll
  PublishedPolicy policy;
  policy.announcement = announcement;
  policy.parameters.resize(8 * parameters.size());
  store_doubles(parameters.data(), parameters.size(), policy.parameters.data());
  state_->policy = std::move(policy);
  for (auto& [id, peer] : state_->peers) {
    peer.is_announced = false;
    peer.parameters_sent = 0;
  }
}

void LearnerLink::control(const RobotName& robot, Command command) {
  RobotPeer* peer = state_->robot(robot);
  if (peer == nullptr) return;
  peer->waiting.push_back({peer->welcome.session, ++peer->commands, command});
}

void LearnerLink::pose(const RobotName& robot, const Pose& pose) {
  RobotPeer* peer = state_->robot(robot);
  if (peer != nullptr) peer->send(state_->socket, pose);
}

void LearnerLink::poll(std::chrono::milliseconds longest) { state_->poll(longest); }

std::vector<RobotName> LearnerLink::robots() const {
  std::vector<RobotName> names;
  for (const auto& [id, peer] : state_->peers) {
    if (peer.is_robot) names.push_back(peer.name);
  }
  return names;
}

LearnerLinkCounts LearnerLink::counts() const { return state_->counts; }

}  // namespace phigrad::link
