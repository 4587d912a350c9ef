// What a bystander with a notebook knows about the agent: facts from the events alone, and from the
// trips that were logged. It shares no rule with the failsafe's own function.
#pragma once

#include <tuple>

#include "hardware/agent/failsafe.hpp"

namespace phigrad::testing {

enum class Latch { open, needs_disarm, needs_arm };

struct Facts {
  bool armed = false;   // armed after the last disarm
  bool fresh = false;   // a fresh pose after the last stale one
  bool proved = false;  // authenticated after the last loss or new connection
  bool policy = false;
  bool wanted = false;  // started while all of that held, and nothing has ended it since
  bool ended = false;   // told to shut down
  bool on_record = false;
  Latch latch = Latch::open;  // a trip holds until disarm and then arm

  bool all() const { return armed && fresh && proved && policy; }
  bool may_move() const { return all() && wanted && !ended && latch == Latch::open; }

  auto key() const {
    return std::make_tuple(armed, fresh, proved, policy, wanted, ended, on_record, latch);
  }
};

inline bool is_fault(failsafe::Event event) {
  using failsafe::Event;
  for (const Event fault : {Event::limit_violated, Event::geofence_left, Event::bus_fault,
                            Event::deadline_missed, Event::internal_fault}) {
    if (event == fault) return true;
  }
  return false;
}

/// The facts after an event, and after what the failsafe said to do about it.
inline Facts after(Facts facts, failsafe::Event event, const failsafe::Actions& actions) {
  using failsafe::Event;
  using failsafe::Rollout;
  if (actions.trip != Trip::none) facts.latch = Latch::needs_disarm;
  if (event == Event::disarm) {
    facts.armed = false;
    if (facts.latch != Latch::open) facts.latch = Latch::needs_arm;
  }
  if (event == Event::arm) {
    facts.armed = true;
    if (facts.latch == Latch::needs_arm) facts.latch = Latch::open;
  }
  if (event == Event::pose_fresh) facts.fresh = true;
  if (event == Event::pose_stale) facts.fresh = false;
  if (event == Event::authenticated) facts.proved = true;
  if (event == Event::link_lost || event == Event::link_back) facts.proved = false;
  if (event == Event::policy_ready) facts.policy = true;
  if (event == Event::policy_missing) facts.policy = false;
  if (event == Event::shutdown) facts.ended = true;
  if (event == Event::start && facts.all()) facts.wanted = true;
  if (event == Event::stop || event == Event::rollout_done || is_fault(event) || !facts.all()) {
    facts.wanted = false;
  }
  if (actions.rollout == Rollout::begin) {
    facts.on_record = true;
  } else if (actions.rollout != Rollout::unchanged) {
    facts.on_record = false;
  }
  return facts;
}

/// What is wrong with a step of the failsafe, nullptr when nothing is.
inline const char* objection(const failsafe::State& state, const Facts& facts,
                             failsafe::Event event, const failsafe::Transition& step,
                             const Facts& now) {
  using failsafe::Event;
  using failsafe::Phase;
  using failsafe::Rollout;
  const bool moved = failsafe::may_move(state);
  const bool moves = failsafe::may_move(step.next);
  const bool trips = step.actions.trip != Trip::none;
  if (moves && !(now.armed && now.fresh && now.proved)) return "moves unarmed, stale or unproved";
  if (moves && !now.policy) return "moves without a policy";
  if (moves && now.latch != Latch::open) return "moves though a trip is latched";
  if (moves && !now.may_move()) return "moves without a start, or after an end";
  if (step.actions.neutral == moves) return "neutral is not the opposite of motion";
  if ((step.next.phase == Phase::running) != moves) return "another phase than running moves";
  if (moved && is_fault(event) && !trips) return "a fault in motion does not trip";
  if (moved && !moves && event != Event::stop && event != Event::rollout_done && !trips)
    return "motion ends without a reason in the log";
  if (!moved && step.next.phase == Phase::tripped && state.phase == Phase::disarmed)
    return "trips while disarmed";
  if (trips && state.phase == Phase::tripped) return "one trip is logged twice";
  if (state.phase == Phase::tripped && step.next.phase != Phase::tripped &&
      event != Event::disarm && event != Event::shutdown)
    return "leaves a trip without being disarmed";
  if ((step.actions.rollout == Rollout::begin) != (!moved && moves))
    return "a rollout does not begin with motion";
  if (now.on_record != moves) return "a rollout is not on record exactly while it moves";
  if ((step.actions.rollout == Rollout::exclude) != (facts.on_record && trips))
    return "a tripped rollout is not excluded, or another is";
  if ((step.actions.rollout == Rollout::complete) != (moved && event == Event::rollout_done))
    return "a rollout is called complete that is not, or not called so";
  return nullptr;
}

}  // namespace phigrad::testing
