// A learner in this process: keeps what comes, hands out policies.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "hardware/agent/rollout_uplink.hpp"
#include "host/rollouts/logged_rollout.hpp"
#include "tests/hardware/agent/signed_policy.hpp"

namespace phigrad::testing {

/// A rollout as it came over.
struct Received {
  link::RolloutBegin begin;
  std::vector<double> samples;   // [N, 1 + nx + nu]
  std::vector<double> segments;  // [S, 2 + nx + nz]
  bool ended = false, gapless = true;
  link::EndReason reason = link::EndReason::aborted;
  std::vector<link::Event> events;

  std::size_t sample_count() const { return samples.size() / begin.sample_columns(); }
  std::size_t segment_count() const { return segments.size() / begin.segment_columns(); }
};

class FakeUplink final : public RolloutUplink {
 public:
  link::RobotLinkListener* listener = nullptr;  // told of the connection at the first poll
  std::vector<Received> rollouts;
  std::vector<link::Event> loose_events;
  std::function<void()> on_poll;  // what the learner does, after the connection
  bool has_room = true;
  bool said_bye = false;
  int polls = 0;

  bool begin(const link::RolloutBegin& begin) override {
    if (!has_room) return false;
    rollouts.emplace_back();
    rollouts.back().begin = begin;
    return true;
  }
  bool samples(std::uint64_t first, const double* rows, std::size_t count) override {
    if (!has_room) return false;
    Received& r = rollouts.back();
    r.gapless = r.gapless && !r.ended && first == r.sample_count();
    r.samples.insert(r.samples.end(), rows, rows + count * r.begin.sample_columns());
    return true;
  }
  bool segments(std::uint64_t first, const double* rows, std::size_t count) override {
    if (!has_room) return false;
    Received& r = rollouts.back();
    r.gapless = r.gapless && !r.ended && first == r.segment_count();
    r.segments.insert(r.segments.end(), rows, rows + count * r.begin.segment_columns());
    return true;
  }
  void end(link::EndReason reason, const std::vector<link::Event>& events) override {
    rollouts.back().gapless = rollouts.back().gapless && !rollouts.back().ended;
    rollouts.back().ended = true;
    rollouts.back().reason = reason;
    rollouts.back().events = events;
  }
  void event(const link::Event& event) override { loose_events.push_back(event); }
  void poll(std::chrono::milliseconds) override {
    if (polls++ == 0 && listener != nullptr) listener->connected({});
    if (on_poll) on_poll();
  }
  bool is_connected() const override { return polls > 0; }
  bool all_acknowledged() const override { return has_room; }
  void bye(const std::string&) override { said_bye = true; }

  void send_policy(const PolicyKeys& keys, const std::string& kind, std::uint64_t version,
                   const std::vector<double>& theta) {
    const OfferedPolicy signed_one = signed_policy(keys, kind, version, theta);
    link::ReceivedPolicy policy;
    policy.announcement.version = version;
    policy.announcement.robot_kind = kind;
    policy.announcement.parameters = theta.size();
    policy.announcement.hash = signed_one.seal.hash;
    policy.announcement.signature = signed_one.signature;
    policy.parameters = theta;
    listener->policy(policy);
  }
};

/// What a learner makes of it.
inline LoggedRollout logged_of(const Received& r) {
  LoggedRollout logged;
  logged.log = r.begin.provenance;
  logged.nx = static_cast<int>(r.begin.nx);
  logged.nu = static_cast<int>(r.begin.nu);
  logged.nz = static_cast<int>(r.begin.nz);
  logged.decisions = r.begin.before;
  for (std::size_t i = 0; i < r.sample_count(); ++i) {
    const double* row = r.samples.data() + i * r.begin.sample_columns();
    logged.sample_time.push_back(r.begin.task_time_s + row[0]);
    logged.states.insert(logged.states.end(), row + 1, row + 1 + logged.nx);
    logged.inputs.insert(logged.inputs.end(), row + 1 + logged.nx, row + 1 + logged.nx + logged.nu);
  }
  const std::vector<double> last(logged.states.end() - logged.nx, logged.states.end());
  logged.states.insert(logged.states.end(), last.begin(), last.end());
  for (std::size_t j = 0; j < r.segment_count(); ++j) {
    const double* row = r.segments.data() + j * r.begin.segment_columns();
    logged.segment_begin.push_back(static_cast<int>(row[0]));
    logged.segment_time.push_back(row[1]);
    logged.decided_at.insert(logged.decided_at.end(), row + 2, row + 2 + logged.nx);
    logged.decisions.insert(logged.decisions.end(), row + 2 + logged.nx,
                            row + 2 + logged.nx + logged.nz);
  }
  return logged;
}

}  // namespace phigrad::testing
