#include "hardware/link/robot_link.hpp"

#include "hardware/link/robot_session.hpp"
#include "host/support/error.hpp"

namespace phigrad::link {
namespace {

void require_keys(const RobotLinkSettings& settings) {
  if (settings.insecure_loopback) {
    if (is_loopback(settings.endpoint)) return;
    throw Error(Exit::usage, "a link without keys would leave this machine", settings.endpoint,
                "use tcp://127.0.0.1:PORT or ipc://, or give keys");
  }
  if (settings.own.curve_secret.empty() || settings.learner.curve_public.empty()) {
    throw Error(Exit::usage, "a link needs this robot's secret key and the learner's public key",
                settings.endpoint, "make them with 'phigrad keygen'");
  }
}

}  // namespace

RobotLink::RobotLink(const RobotLinkSettings& settings, const Hello& hello,
                     RobotLinkListener& listener) {
  require_keys(settings);
  state_ = std::make_unique<State>(settings, hello, listener);
}

RobotLink::~RobotLink() = default;

bool RobotLink::begin(const RolloutBegin& begin) { return state_->writer.begin(begin); }

bool RobotLink::samples(std::uint64_t first, const double* rows, std::size_t count) {
  return state_->writer.rows(MessageType::samples, first, rows, count);
}

bool RobotLink::segments(std::uint64_t first, const double* rows, std::size_t count) {
  return state_->writer.rows(MessageType::segments, first, rows, count);
}

void RobotLink::end(EndReason reason, const std::vector<Event>& events) {
  state_->writer.end(reason, events);
}

void RobotLink::event(const Event& event) {
  if (state_->has_session) state_->connection->socket.send("", event);
}

void RobotLink::poll(std::chrono::milliseconds longest) { state_->poll(longest); }

bool RobotLink::is_connected() const { return state_->has_session; }

bool RobotLink::all_acknowledged() const { return state_->spool.size() == 0; }

RobotLinkCounts RobotLink::counts() const {
  const State& s = *state_;
  RobotLinkCounts counts;
  counts.sent_blocks = s.sender.sent();
  counts.resent_blocks = s.sender.resent();
  counts.acknowledged_blocks = s.sender.acknowledged();
  counts.refused_full = s.writer.refused_full();
  counts.refused_frames = s.refused_frames;
  counts.reconnects = s.sessions > 0 ? s.sessions - 1 : 0;
  counts.stale_commands = s.stale_commands;
  counts.clock_steps = s.clock.steps();
  return counts;
}

std::int64_t RobotLink::clock_offset_ns() const { return state_->clock.offset_ns().value_or(0); }

std::int64_t RobotLink::clock_uncertainty_ns() const { return state_->clock.uncertainty_ns(); }

const std::string& RobotLink::obstacle() const { return state_->obstacle; }

void RobotLink::bye(const std::string& text) {
  State& s = *state_;
  if (s.connection) s.connection->socket.send("", Bye{text});
  s.is_leaving = true;
}

}  // namespace phigrad::link
