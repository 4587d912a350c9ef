#include "hardware/agent/link_side.hpp"

#include <algorithm>
#include <utility>

namespace phigrad {
namespace {

constexpr std::int64_t alive_every_ns = 10'000'000;
constexpr std::size_t block_rows = 64;

link::EndReason reason_of(RolloutEnding ending) {
  if (ending == RolloutEnding::complete) return link::EndReason::complete;
  return ending == RolloutEnding::tripped ? link::EndReason::tripped : link::EndReason::aborted;
}

void note(std::vector<link::Event>& events, const char* kind, std::uint64_t count,
          const char* what) {
  if (count > 0) events.push_back({kind, std::to_string(count) + " " + what});
}

}  // namespace

LinkSide::LinkSide(LinkSideSetup setup, LoopPorts& ports, PolicySlot& slot, AgentMemory& memory,
                   PoseFilter* poses, const Clock& clock, Log log)
    : setup_(std::move(setup)),
      ports_(ports),
      slot_(slot),
      memory_(memory),
      poses_(poses),
      clock_(clock),
      log_(std::move(log)) {
  if (!memory_.policy()) return;
  const KeptPolicy& kept = *memory_.policy();
  const PolicyRefusal refusal =
      slot_.offer({{setup_.robot_kind, kept.version, kept.parameters.size(), kept.hash},
                   kept.signature,
                   kept.parameters.data(),
                   kept.parameters.size()});
  log_("policy " + std::to_string(kept.version) + " from memory: " + text(refusal));
}

void LinkSide::attend(RolloutUplink& uplink, std::chrono::milliseconds longest) {
  drain(uplink);
  uplink.poll(longest);
  if (blocked_ && !on_record_ && uplink.all_acknowledged()) {
    blocked_ = false;
    send(Order::go);
  }
  const std::string obstacle = uplink.obstacle();
  if (obstacle != obstacle_ && !obstacle.empty()) log_("no learner yet: " + obstacle);
  obstacle_ = obstacle;
  const std::int64_t now_ns = clock_.now_ns();
  if (uplink.is_connected() && (alive_ns_ < 0 || now_ns - alive_ns_ >= alive_every_ns)) {
    alive_ns_ = now_ns;
    if (waiting_.empty()) send(Order::alive);
  }
  pass_orders();
}

void LinkSide::send(Order order) {
  waiting_.push_back(order);
  pass_orders();
}

void LinkSide::pass_orders() {
  const auto refused = std::find_if_not(waiting_.begin(), waiting_.end(),
                                        [&](Order o) { return ports_.orders.push(o); });
  waiting_.erase(waiting_.begin(), refused);
}

void LinkSide::drain(RolloutUplink& uplink) {
  LoopRecord record;
  while (ports_.records.pop(record)) {
    switch (record.kind) {
      case LoopRecord::Kind::begin:
        begin(uplink, record);
        break;
      case LoopRecord::Kind::sample:
        add(uplink, record);
        break;
      case LoopRecord::Kind::end:
        flush(uplink);
        end(uplink, record);
        break;
      case LoopRecord::Kind::trip:
        last_trip_ = record.trip;
        log_(std::string("trip: ") + text(record.trip));
        uplink.event({"trip", text(record.trip)});
        break;
    }
  }
  flush(uplink);
}

void LinkSide::begin(RolloutUplink& uplink, const LoopRecord& record) {
  memory_.used(record.rollout);
  link::RolloutBegin begin;
  begin.rollout = record.rollout;
  begin.policy_version = record.policy_version;
  begin.policy_hash = record.policy_hash;
  begin.task_time_s = record.task_time_s;
  begin.nx = static_cast<std::uint32_t>(setup_.nx);
  begin.nu = static_cast<std::uint32_t>(setup_.nu);
  begin.nz = static_cast<std::uint32_t>(setup_.nz);
  begin.dt_s = setup_.dt_s;
  begin.before.assign(record.segment.begin(), record.segment.begin() + setup_.nz);
  begin.provenance = setup_.provenance;
  on_record_ = uplink.begin(begin);
  if (!on_record_) block();
}

void LinkSide::add(RolloutUplink& uplink, const LoopRecord& record) {
  // Rows of a rollout that the uplink could not take whole are of no use to the learner.
  if (!on_record_ || blocked_) return;
  if (samples_.empty()) first_sample_ = record.number;
  samples_.insert(samples_.end(), record.sample.begin(),
                  record.sample.begin() + 1 + setup_.nx + setup_.nu);
  if (record.opens_segment) {
    if (segments_.empty()) first_segment_ = record.segment_number;
    segments_.insert(segments_.end(), record.segment.begin(),
                     record.segment.begin() + 2 + setup_.nx + setup_.nz);
  }
  if (samples_.size() >= block_rows * static_cast<std::size_t>(1 + setup_.nx + setup_.nu)) {
    flush(uplink);
  }
}

void LinkSide::flush(RolloutUplink& uplink) {
  const std::size_t samples = samples_.size() / static_cast<std::size_t>(1 + setup_.nx + setup_.nu);
  const std::size_t segments =
      segments_.size() / static_cast<std::size_t>(2 + setup_.nx + setup_.nz);
  // Samples first: a segment never names one that the learner cannot have yet.
  const bool taken = (samples == 0 || uplink.samples(first_sample_, samples_.data(), samples)) &&
                     (segments == 0 || uplink.segments(first_segment_, segments_.data(), segments));
  samples_.clear();
  segments_.clear();
  if (!taken) block();
}

void LinkSide::block() {
  if (blocked_) return;
  blocked_ = true;
  log_("the learner does not keep up: the rollout ends here");
  send(Order::stop);
  send(Order::hold);
}

void LinkSide::end(RolloutUplink& uplink, const LoopRecord& record) {
  if (record.trip != Trip::none) {
    last_trip_ = record.trip;
    log_(std::string("trip: ") + text(record.trip));
  }
  if (!on_record_) return;
  on_record_ = false;
  std::vector<link::Event> events;
  if (record.trip != Trip::none) events.push_back({"trip", text(record.trip)});
  note(events, "clamped", record.clamped, "commands were out of range");
  note(events, "slewed", record.slewed, "commands were held back by a slew limit");
  note(events, "reused", record.reused, "commands saw the measurement of the period before");
  const bool whole = record.ending != RolloutEnding::complete || !blocked_;
  if (!whole) events.push_back({"spool-full", "rows at the end could not be kept"});
  uplink.end(whole ? reason_of(record.ending) : link::EndReason::aborted, events);
}

void LinkSide::connected(const link::Welcome& /*welcome*/) {
  log_("connected to the learner");
  send(Order::authenticated);
}

void LinkSide::lost() {
  log_("the link to the learner is lost");
  send(Order::link_lost);
}

void LinkSide::policy(const link::ReceivedPolicy& received) {
  const link::Policy& a = received.announcement;
  // A learner sends its policy again to whoever comes back.
  if (a.version == slot_.newest_version() && a.version != 0) return;
  const std::vector<double>& parameters = received.parameters;
  const PolicyRefusal refusal = slot_.offer({{a.robot_kind, a.version, a.parameters, a.hash},
                                             a.signature,
                                             parameters.data(),
                                             parameters.size()});
  if (refusal != PolicyRefusal::none) {
    ++refused_policies_;
    log_("policy " + std::to_string(a.version) + " refused: " + text(refusal));
    return;
  }
  ++policies_;
  memory_.keep({a.version, a.hash, a.signature, parameters});
}

void LinkSide::control(link::Command command) {
  if (command == link::Command::arm) send(Order::arm);
  if (command == link::Command::disarm) send(Order::disarm);
  if (command == link::Command::stop) send(Order::stop);
}

void LinkSide::pose(const link::Pose& pose) {
  if (poses_ == nullptr) return;
  if (const auto state = poses_->take(pose, clock_.now_ns())) ports_.poses.push(*state);
}

}  // namespace phigrad
