#include "hardware/agent/control_loop.hpp"

#include <algorithm>
#include <cmath>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

using failsafe::Event;
using failsafe::Phase;

std::int64_t ns(double s) { return static_cast<std::int64_t>(std::llround(s * 1e9)); }

bool all_finite(const double* numbers, int n) {
  return std::all_of(numbers, numbers + n, [](double v) { return std::isfinite(v); });
}

Event event_of(Order order) {
  switch (order) {
    case Order::arm:
      return Event::arm;
    case Order::disarm:
      return Event::disarm;
    case Order::stop:
      return Event::stop;
    case Order::authenticated:
      return Event::authenticated;
    case Order::link_lost:
      return Event::link_lost;
    case Order::shut_down:
      return Event::shutdown;
    case Order::hold:
    case Order::go:
    case Order::alive:
    case Order::internal_fault:
      break;
  }
  return Event::internal_fault;
}

const LoopSettings& sound(const LoopSettings& s) {
  const auto require = [](bool holds, const char* problem, const char* remedy) {
    if (!holds) throw Error(Exit::input, problem, "agent", remedy);
  };
  require(s.period_s > 0 && s.period_s <= 1, "the control period is not sound",
          "give a rollout.dt_s above 0 s and at most 1 s");
  require(s.longest_period_s > s.period_s && s.longest_period_s <= 3600,
          "the longest period is not above the period", "raise agent.longest_period_s");
  require(s.rest_s >= 0 && s.rest_s <= 3600, "the rest between rollouts is not sound",
          "give an agent.rest_s from 0 to 3600 s");
  require(s.segments > 0 && s.rollouts_per_policy > 0, "a rollout or a policy without a step",
          "give at least one segment and one rollout");
  return s;
}

}  // namespace

ControlLoop::ControlLoop(const LoopSettings& settings, const LoopParts& parts)
    : settings_(sound(settings)),
      parts_(parts),
      nx_(parts.policy.nx()),
      nu_(parts.policy.nu()),
      nz_(parts.policy.nz()),
      steps_(parts.policy.steps_per_segment()),
      all_steps_(static_cast<std::uint64_t>(settings.segments) *
                 static_cast<std::uint64_t>(parts.policy.steps_per_segment())),
      pose_(ns(settings.pose_limit_s), ns(settings.period_s)),
      link_(ns(settings.link_limit_s), ns(settings.period_s)) {
  if (parts.limits.inputs() != nu_) {
    throw Error(Exit::input,
                "limits for " + std::to_string(parts.limits.inputs()) + " inputs, the robot has " +
                    std::to_string(nu_),
                "agent.limits", "give one for each input");
  }
}

void ControlLoop::tick(std::int64_t now_ns) noexcept {
  ++counts_.ticks;
  now_ns_ = now_ns;
  Order order{};
  while (parts_.ports.orders.pop(order)) obey(order);
  measure();
  watch(now_ns);
  if (end_waits_) end_waits_ = !parts_.ports.records.push(end_);
  if (!moving()) idle(now_ns);
  if (moving()) drive(now_ns);
  if (!moving()) hold_still(now_ns);
  last_tick_ns_ = now_ns;
}

void ControlLoop::obey(Order order) noexcept {
  // Whatever the link thread says shows that it lives; what it says of the link comes on top.
  link_.feed(now_ns_);
  if (order == Order::alive) return;
  if (order == Order::hold || order == Order::go) {
    held_back_ = order == Order::hold;
    if (order == Order::go) stopped_ = false;
    return;
  }
  if (order == Order::stop) stopped_ = true;
  if (order == Order::arm) stopped_ = false;
  if (order == Order::authenticated) link_up_ = true;
  if (order == Order::link_lost) link_up_ = false;
  apply(event_of(order));
}

void ControlLoop::apply(Event event) noexcept {
  const failsafe::Transition step = failsafe::next(state_, event);
  const bool rests = step.next.phase == Phase::stopping && state_.phase != Phase::stopping;
  state_ = step.next;
  if (rests) rest_since_ns_ = -1;
  if (step.actions.refused) ++counts_.refused_orders;
  const failsafe::Rollout rollout = step.actions.rollout;
  if (rollout != failsafe::Rollout::unchanged && rollout != failsafe::Rollout::begin) {
    finish(rollout, step.actions.trip);
  } else if (step.actions.trip != Trip::none) {
    record_.kind = LoopRecord::Kind::trip;
    record_.trip = step.actions.trip;
    parts_.ports.records.push(record_);
  }
}

void ControlLoop::finish(failsafe::Rollout rollout, Trip trip) noexcept {
  end_.kind = LoopRecord::Kind::end;
  end_.trip = trip;
  end_.number = step_;
  end_.segment_number =
      (step_ + static_cast<std::uint64_t>(steps_) - 1) / static_cast<std::uint64_t>(steps_);
  if (rollout == failsafe::Rollout::complete) {
    end_.ending = RolloutEnding::complete;
    ++counts_.complete;
    ++driven_;
  } else if (rollout == failsafe::Rollout::cut_short) {
    end_.ending = RolloutEnding::cut_short;
    ++counts_.cut_short;
  } else {
    end_.ending = RolloutEnding::tripped;
    ++counts_.tripped;
  }
  // Where the ring is full the end waits for room, and no rollout begins before.
  end_waits_ = !parts_.ports.records.push(end_);
}

void ControlLoop::measure() noexcept {
  Measurement m{};
  is_new_ = false;
  if (!parts_.driver.measure(m)) return;
  if (!all_finite(m.state, nx_) || !(std::abs(m.at_s) < 1e9)) {
    ++counts_.bad_measurements;
    return;
  }
  measured_ = m;
  has_measured_ = is_new_ = true;
  pose_.feed(ns(m.at_s));
}

void ControlLoop::watch(std::int64_t now_ns) noexcept {
  const bool stale = pose_.expired(now_ns);
  if (stale == state_.fresh) apply(stale ? Event::pose_stale : Event::pose_fresh);
  const bool proved = !link_.expired(now_ns) && link_up_;
  if (proved != state_.authenticated) apply(proved ? Event::authenticated : Event::link_lost);
  if (!moving()) return;
  const std::int64_t since_ns = now_ns - last_tick_ns_;
  // A clock that stands still or goes back misses deadlines too: rows need times that grow.
  if (since_ns <= 0 || since_ns > ns(settings_.longest_period_s)) apply(Event::deadline_missed);
}

void ControlLoop::idle(std::int64_t now_ns) noexcept {
  if (parts_.slot.at_boundary()) {
    driven_ = 0;
    stopped_ = false;
    if (!state_.policy) apply(Event::policy_ready);
  }
  if (state_.phase == Phase::stopping && rest_since_ns_ >= 0 &&
      now_ns - rest_since_ns_ >= ns(settings_.rest_s)) {
    apply(Event::at_rest);
  }
  if (may_begin()) begin(now_ns);
}

void ControlLoop::hold_still(std::int64_t now_ns) noexcept {
  bool taken = true;
  parts_.limits.stop(sent_.data());
  if (state_.phase == Phase::stopping && !parts_.limits.at_neutral()) {
    // An ordinary end comes to rest at the stop's slew; a trip does not wait.
    taken = parts_.driver.command(sent_.data());
  } else {
    parts_.limits.reset();
    if (rest_since_ns_ < 0) rest_since_ns_ = now_ns;
    taken = parts_.driver.neutral();
  }
  if (!taken && state_.phase != Phase::tripped) {
    apply(Event::bus_fault);
    parts_.driver.neutral();
  }
}

bool ControlLoop::done() const noexcept {
  return settings_.most_rollouts > 0 && counts_.complete >= settings_.most_rollouts &&
         state_.phase != Phase::stopping && !moving() && !end_waits_;
}

bool ControlLoop::may_begin() const noexcept {
  const bool wanted = settings_.most_rollouts == 0 || counts_.complete < settings_.most_rollouts;
  return wanted && state_.phase == Phase::armed && failsafe::missing_fact(state_) == Trip::none &&
         driven_ < settings_.rollouts_per_policy && !end_waits_ && !held_back_ && !stopped_;
}

void ControlLoop::begin(std::int64_t now_ns) noexcept {
  // The robot is where it is: standing outside the fence is no trip, it only does not start.
  task_time_s_ = settings_.task_time_s;
  if (parts_.start != nullptr) {
    task_time_s_ = parts_.start->prepare(counts_.complete);
    measure();
  }
  if (!has_measured_ || !inside_fence()) return;
  const PolicyInUse& policy = parts_.slot.in_use();
  parts_.policy.begin(measured_.state, task_time_s_);
  if (!all_finite(parts_.policy.before(), nz_)) return;
  record_.kind = LoopRecord::Kind::begin;
  record_.rollout = settings_.first_rollout + started_;
  record_.policy_version = policy.version;
  record_.policy_hash = policy.hash;
  record_.task_time_s = task_time_s_;
  std::copy_n(parts_.policy.before(), nz_, record_.segment.begin());
  if (!parts_.ports.records.push(record_)) return;
  ++started_;
  start_ns_ = now_ns;
  step_ = 0;
  end_ = record_;
  apply(Event::start);
}

void ControlLoop::drive(std::int64_t now_ns) noexcept {
  if (step_ == all_steps_) return apply(Event::rollout_done);
  if (!inside_fence()) return apply(Event::geofence_left);
  const double t_s = static_cast<double>(now_ns - start_ns_) * 1e-9;
  const double time_s = task_time_s_ + t_s;
  const int step = static_cast<int>(step_ % static_cast<std::uint64_t>(steps_));
  if (step == 0) {
    segment_time_s_ = time_s;
    if (!decide()) return apply(Event::limit_violated);
  }
  // From the very numbers that go on record, so that a replay gives the same command.
  parts_.policy.act(measured_.state, time_s - segment_time_s_, step, wanted_.data());
  const LimitReport report = parts_.limits.command(wanted_.data(), sent_.data());
  if (report.non_finite) return apply(Event::limit_violated);
  if (!parts_.driver.command(sent_.data())) return apply(Event::bus_fault);
  if (!record_sample(t_s, sent_.data())) return apply(Event::stop);
  end_.clamped += report.clamped != 0 ? 1 : 0;
  end_.slewed += report.slewed != 0 ? 1 : 0;
  end_.reused += is_new_ ? 0 : 1;
  ++step_;
}

bool ControlLoop::decide() noexcept {
  const PolicyInUse& policy = parts_.slot.in_use();
  const auto segment = static_cast<int>(step_ / static_cast<std::uint64_t>(steps_));
  parts_.policy.refresh(policy.parameters.data(), measured_.state, segment_time_s_, segment);
  std::copy_n(measured_.state, nx_, decided_at_.begin());
  // A tracker may clamp what it makes of a NaN into a command that looks sound.
  return all_finite(parts_.policy.decision(), nz_);
}

bool ControlLoop::record_sample(double t_s, const double* u) noexcept {
  record_.kind = LoopRecord::Kind::sample;
  record_.number = step_;
  record_.segment_number = step_ / static_cast<std::uint64_t>(steps_);
  record_.opens_segment = step_ % static_cast<std::uint64_t>(steps_) == 0;
  double* row = record_.sample.data();
  *row++ = t_s;
  row = std::copy_n(measured_.state, nx_, row);
  std::copy_n(u, nu_, row);
  if (record_.opens_segment) {
    double* decided = record_.segment.data();
    *decided++ = static_cast<double>(step_);
    *decided++ = segment_time_s_;
    decided = std::copy_n(decided_at_.data(), nx_, decided);
    std::copy_n(parts_.policy.decision(), nz_, decided);
  }
  return parts_.ports.records.push(record_);
}

bool ControlLoop::inside_fence() const noexcept {
  if (!settings_.fence) return true;
  const PlanarState& at = settings_.planar;
  const double* x = measured_.state;
  Planar velocity{0, 0};
  if (at.speed >= 0 && at.heading >= 0) {
    velocity = {x[at.speed] * std::cos(x[at.heading]), x[at.speed] * std::sin(x[at.heading])};
  }
  return settings_.fence->allows({x[at.x], x[at.y]}, velocity);
}

}  // namespace phigrad
