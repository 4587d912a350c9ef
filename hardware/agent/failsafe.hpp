// When the robot may move: one total, pure function from (state, event) to (state, actions).
//
//   disarmed ──arm──► armed ──start──► running ──rollout_done, stop──► stopping ──at_rest──► armed
//       ▲               └───── fault ────┐  │ fault, or a lost fact          │ fault
//       └────────────── disarm ──────── tripped ◄────────────────────────────┘
//   disarm leads to disarmed and shutdown to ended from every phase; nothing leads out of ended.
//
// Four facts about the world are part of the state, learnt in every phase: a start without all of
// them is refused, and losing one in motion is a trip. So motion => armed, fresh, authenticated.
#pragma once

#include <cstdint>

#include "hardware/agent/trips.hpp"

namespace phigrad::failsafe {

enum class Phase : std::uint8_t {
  disarmed,  // after power-up; a person must arm
  armed,     // waits for a start
  running,   // a rollout is in progress: the only phase that moves
  stopping,  // the rollout has ended, the robot comes to rest
  tripped,   // stopped by the agent; only disarming leads out
  ended,     // the agent is leaving; final
};
inline constexpr int phase_count = 6;

enum class Event : std::uint8_t {
  arm,
  disarm,
  start,           // begin a rollout
  stop,            // end it early without a fault: an operator's wish, a full spool
  rollout_done,    // its last step has been taken
  at_rest,         // neutral has been held long enough after a rollout
  pose_fresh,      // the dead man of the pose has been fed
  pose_stale,      // it has expired
  authenticated,   // the peer of the link has proved its key
  link_lost,       // closed, or its dead man has expired
  link_back,       // a new connection, of which nothing is proved yet
  policy_ready,    // a verified policy lies in the slot
  policy_missing,  // there is none
  limit_violated,  // the policy's command was not finite
  geofence_left,
  bus_fault,
  deadline_missed,
  internal_fault,  // a thread of the agent ended or threw
  shutdown,        // SIGINT, SIGTERM, the end of the program
};
inline constexpr int event_count = 19;

struct State {
  Phase phase = Phase::disarmed;
  bool fresh = false;          // the pose
  bool authenticated = false;  // the link
  bool policy = false;         // a verified one is at hand
};

constexpr bool operator==(const State& a, const State& b) noexcept {
  return a.phase == b.phase && a.fresh == b.fresh && a.authenticated == b.authenticated &&
         a.policy == b.policy;
}
constexpr bool operator!=(const State& a, const State& b) noexcept { return !(a == b); }

/// What happens to the rollout on record.
enum class Rollout : std::uint8_t {
  unchanged,
  begin,
  complete,   // it ran to its last step
  cut_short,  // ended early without a fault: a partial rollout
  exclude,    // ended by a trip: stays out of gradients by default
};

struct Actions {
  bool neutral = true;                   // hold the actuators neutral from this period on
  bool refused = false;                  // the event asked for what this state does not allow
  Rollout rollout = Rollout::unchanged;  // at most one is open; begin and end alternate
  Trip trip = Trip::none;                // to be logged with its text, once, where not none
};

struct Transition {
  State next;
  Actions actions;
};

/// Whether commands of the policy may reach the actuators; everywhere else they are held neutral.
constexpr bool may_move(const State& state) noexcept {
  return state.phase == Phase::running && state.fresh && state.authenticated && state.policy;
}

/// The first missing fact as the reason for a trip, none when all are there.
constexpr Trip missing_fact(const State& state) noexcept {
  if (!state.fresh) return Trip::pose_stale;
  if (!state.authenticated) return Trip::link_lost;
  if (!state.policy) return Trip::policy_missing;
  return Trip::none;
}

/// The state with what the event says about the world; the phase stays.
constexpr State learn(State state, Event event) noexcept {
  if (event == Event::pose_fresh) state.fresh = true;
  if (event == Event::pose_stale) state.fresh = false;
  if (event == Event::authenticated) state.authenticated = true;
  if (event == Event::link_lost || event == Event::link_back) state.authenticated = false;
  if (event == Event::policy_ready) state.policy = true;
  if (event == Event::policy_missing) state.policy = false;
  return state;
}

/// The reason of an event that is a fault in itself, none for the others.
constexpr Trip fault(Event event) noexcept {
  if (event == Event::limit_violated) return Trip::limit_violated;
  if (event == Event::geofence_left) return Trip::geofence_left;
  if (event == Event::bus_fault) return Trip::bus_fault;
  if (event == Event::deadline_missed) return Trip::deadline_missed;
  if (event == Event::internal_fault || event > Event::shutdown) return Trip::internal_fault;
  return Trip::none;
}

/// To `phase`, neutral, from any state; ends the rollout that was running, or may have been.
constexpr Transition halt(State state, Phase phase, Rollout rollout, Trip trip) noexcept {
  const bool open = state.phase == Phase::running || state.phase > Phase::ended;
  state.phase = phase;
  return {state, {true, false, open ? rollout : Rollout::unchanged, trip}};
}

/// The phase stays as it is.
constexpr Transition stay(const State& state, bool refused) noexcept {
  return {state, {!may_move(state), refused, Rollout::unchanged, Trip::none}};
}

constexpr Transition start(State state) noexcept {
  if (missing_fact(state) != Trip::none) return stay(state, true);
  state.phase = Phase::running;
  return {state, {false, false, Rollout::begin, Trip::none}};
}

/// The failsafe. Total: a phase or an event that is no enumerator is a fault of the agent itself.
constexpr Transition next(const State& state, Event event) noexcept {
  const State now = learn(state, event);
  const bool in_motion = state.phase == Phase::running;
  const bool asks = event == Event::arm || event == Event::start;
  if (now.phase == Phase::ended) return stay(now, asks);
  if (event == Event::shutdown) {
    return halt(now, Phase::ended, Rollout::exclude,
                in_motion ? Trip::shut_down_in_motion : Trip::none);
  }
  if (event == Event::disarm) {
    return halt(now, Phase::disarmed, Rollout::exclude,
                in_motion ? Trip::disarmed_in_motion : Trip::none);
  }
  switch (now.phase) {
    case Phase::disarmed:
      if (event == Event::arm) return halt(now, Phase::armed, Rollout::unchanged, Trip::none);
      return stay(now, asks);
    case Phase::armed:
      if (fault(event) != Trip::none) break;
      return event == Event::start ? start(now) : stay(now, false);
    case Phase::running:
      if (fault(event) != Trip::none) break;
      if (missing_fact(now) != Trip::none) {
        return halt(now, Phase::tripped, Rollout::exclude, missing_fact(now));
      }
      if (event == Event::rollout_done) {
        return halt(now, Phase::stopping, Rollout::complete, Trip::none);
      }
      if (event == Event::stop) return halt(now, Phase::stopping, Rollout::cut_short, Trip::none);
      return stay(now, asks);
    case Phase::stopping:
      if (fault(event) != Trip::none) break;
      if (event == Event::at_rest) return halt(now, Phase::armed, Rollout::unchanged, Trip::none);
      return stay(now, asks);
    case Phase::tripped:
    case Phase::ended:
      return stay(now, asks);
  }
  const Trip reason = fault(event);
  return halt(now, Phase::tripped, Rollout::exclude,
              reason != Trip::none ? reason : Trip::internal_fault);
}

/// Names for logs, as the enumerators are written; "unknown" for a value that is none.
const char* name(Phase phase) noexcept;
const char* name(Event event) noexcept;

}  // namespace phigrad::failsafe
