// SA5: motion => armed and fresh and authenticated, for every state, event and sequence of events.
#include "hardware/agent/failsafe.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/hardware/agent/failsafe_facts.hpp"

namespace phigrad {
namespace {

using failsafe::Event;
using failsafe::may_move;
using failsafe::next;
using failsafe::Phase;
using failsafe::Rollout;
using failsafe::State;
using failsafe::Transition;
using testing::Facts;

Event event_at(int i) { return static_cast<Event>(i); }

/// Every state that can be written down, reachable or not, and a phase that is no enumerator.
std::vector<State> all_states() {
  std::vector<State> states;
  for (int phase = 0; phase <= failsafe::phase_count; ++phase) {
    for (int facts = 0; facts < 8; ++facts) {
      states.push_back(
          {static_cast<Phase>(phase), (facts & 1) != 0, (facts & 2) != 0, (facts & 4) != 0});
    }
  }
  return states;
}

State after(std::initializer_list<Event> events, State state = {}) {
  for (const Event event : events) state = next(state, event).next;
  return state;
}

const std::initializer_list<Event> ready = {Event::authenticated, Event::pose_fresh,
                                            Event::policy_ready, Event::arm};

constexpr State in_motion{Phase::running, true, true, true};
static_assert(next(in_motion, Event::pose_stale).next.phase == Phase::tripped,
              "the failsafe is a constant expression");

// Breaks when any one pair moves on missing facts, leaves tripped or ended, reaches running other
// than by a start from armed, does not hold neutral, or forgets a fact.
TEST(Failsafe, EveryStateWithEveryEvent) {
  int pairs = 0;
  for (const State& state : all_states()) {
    for (int i = 0; i <= failsafe::event_count; ++i) {
      const Event event = event_at(i);
      const Transition step = next(state, event);
      const State& then = step.next;
      SCOPED_TRACE(std::string(name(state.phase)) + " + " + name(event) + " -> " +
                   name(then.phase));
      ++pairs;

      const bool fresh = event == Event::pose_fresh || (state.fresh && event != Event::pose_stale);
      const bool lost = event == Event::link_lost || event == Event::link_back;
      const bool proved = event == Event::authenticated || (state.authenticated && !lost);
      const bool policy =
          event == Event::policy_ready || (state.policy && event != Event::policy_missing);
      EXPECT_EQ(then.fresh, fresh);
      EXPECT_EQ(then.authenticated, proved);
      EXPECT_EQ(then.policy, policy);
      EXPECT_TRUE(then.phase != Phase::running || (fresh && proved && policy));
      EXPECT_EQ(step.actions.neutral, then.phase != Phase::running);
      EXPECT_LE(then.phase, Phase::ended);

      if (then.phase == Phase::running && state.phase != Phase::running) {
        EXPECT_EQ(state.phase, Phase::armed);
        EXPECT_EQ(event, Event::start);
      }
      if (state.phase == Phase::tripped && then.phase != Phase::tripped) {
        EXPECT_TRUE((event == Event::disarm && then.phase == Phase::disarmed) ||
                    (event == Event::shutdown && then.phase == Phase::ended));
      }
      EXPECT_TRUE(state.phase != Phase::ended || then.phase == Phase::ended);
      if (then.phase == Phase::tripped && state.phase != Phase::tripped) {
        EXPECT_NE(step.actions.trip, Trip::none);
      }
    }
  }
  EXPECT_EQ(pairs, 7 * 8 * 20);
}

struct Walk {
  std::int64_t steps = 0;
  std::int64_t moving = 0;
  std::vector<Event> path;
  std::string objection;  // the first, with the events that led to it
};

void walk(const State& state, const Facts& facts, int depth, Walk& record) {
  for (int i = 0; i < failsafe::event_count && record.objection.empty(); ++i) {
    const Event event = event_at(i);
    const Transition step = next(state, event);
    const Facts now = testing::after(facts, event, step.actions);
    record.path.push_back(event);
    ++record.steps;
    record.moving += may_move(step.next) ? 1 : 0;
    if (const char* wrong = testing::objection(state, facts, event, step, now)) {
      record.objection = wrong;
      for (const Event passed : record.path) record.objection += std::string(" ") + name(passed);
    } else if (depth > 1) {
      walk(step.next, now, depth - 1, record);
    }
    record.path.pop_back();
  }
}

// Breaks when some sequence of four events from power-up, or of four after the robot is ready to
// start, breaks one of the invariants of failsafe_facts.hpp.
TEST(Failsafe, EveryShortSequence) {
  State state;
  Facts facts;
  Walk record;
  walk(state, facts, 4, record);
  EXPECT_EQ(record.objection, "");
  EXPECT_EQ(record.moving, 0);  // getting ready takes four events, the start a fifth
  for (const Event event : ready) {
    const Transition step = next(state, event);
    facts = testing::after(facts, event, step.actions);
    state = step.next;
  }
  walk(state, facts, 4, record);
  EXPECT_EQ(record.objection, "");
  EXPECT_EQ(record.steps, 2 * (19 + 361 + 6859 + 130321));
  EXPECT_GT(record.moving, 1000);
}

// The same for six events. Breaks as above.
TEST(Failsafe, EverySequenceOfSix_slow) {
  Walk record;
  walk({}, {}, 6, record);
  EXPECT_EQ(record.objection, "");
  EXPECT_EQ(record.steps, 19 + 361 + 6859 + 130321 + 2476099 + 47045881);
  EXPECT_GT(record.moving, 24);
}

// Breaks when any sequence whatever, however long, breaks an invariant: all that failsafe and
// notebook can reach together is a finite set, and every step from each member is looked at.
TEST(Failsafe, EverySequenceOfAnyLength) {
  const auto key = [](const State& s, const Facts& f) {
    return std::tuple_cat(std::make_tuple(s.phase, s.fresh, s.authenticated, s.policy), f.key());
  };
  std::vector<std::pair<State, Facts>> open = {{State{}, Facts{}}};
  std::set<decltype(key(State{}, Facts{}))> seen = {key(State{}, Facts{})};
  std::set<std::tuple<Phase, bool, bool, bool>> states;
  while (!open.empty()) {
    const auto [state, facts] = open.back();
    open.pop_back();
    states.emplace(state.phase, state.fresh, state.authenticated, state.policy);
    for (int i = 0; i < failsafe::event_count; ++i) {
      const Event event = event_at(i);
      const Transition step = next(state, event);
      const Facts now = testing::after(facts, event, step.actions);
      const char* wrong = testing::objection(state, facts, event, step, now);
      ASSERT_EQ(wrong, nullptr) << wrong << ": " << name(state.phase) << " + " << name(event);
      if (seen.insert(key(step.next, now)).second) open.emplace_back(step.next, now);
    }
  }
  EXPECT_EQ(states.size(), 5u * 8 + 1);  // running alone has no choice of facts
}

// Breaks when the failsafe is safe only because nothing ever moves.
TEST(Failsafe, AReadyRobotRunsAndRunsAgain) {
  State state = after(ready);
  EXPECT_EQ(state.phase, Phase::armed);
  const Transition begun = next(state, Event::start);
  EXPECT_TRUE(may_move(begun.next));
  EXPECT_EQ(begun.actions.rollout, Rollout::begin);
  const Transition done = next(begun.next, Event::rollout_done);
  EXPECT_EQ(done.next.phase, Phase::stopping);
  EXPECT_EQ(done.actions.rollout, Rollout::complete);
  EXPECT_TRUE(next(done.next, Event::start).actions.refused);
  EXPECT_TRUE(may_move(after({Event::at_rest, Event::start}, done.next)));
  EXPECT_EQ(next(begun.next, Event::stop).actions.rollout, Rollout::cut_short);
}

// Breaks when a trip can be left without a person, or not at all.
TEST(Failsafe, ATripHoldsUntilDisarmedAndArmed) {
  const State tripped = after({Event::start, Event::bus_fault}, after(ready));
  EXPECT_EQ(tripped.phase, Phase::tripped);
  EXPECT_TRUE(next(tripped, Event::arm).actions.refused);
  EXPECT_TRUE(next(tripped, Event::start).actions.refused);
  EXPECT_FALSE(may_move(after({Event::arm, Event::start}, tripped)));
  EXPECT_FALSE(may_move(after({Event::disarm, Event::start}, tripped)));
  EXPECT_TRUE(may_move(after({Event::disarm, Event::arm, Event::start}, tripped)));
}

// Breaks when a start without one of the facts is more than refused, or is remembered.
TEST(Failsafe, AStartThatLacksAFactIsRefused) {
  for (const auto& [lost, found] : {std::pair{Event::pose_stale, Event::pose_fresh},
                                    std::pair{Event::link_lost, Event::authenticated},
                                    std::pair{Event::policy_missing, Event::policy_ready}}) {
    const State lacking = after({lost}, after(ready));
    EXPECT_EQ(lacking.phase, Phase::armed);
    const Transition step = next(lacking, Event::start);
    EXPECT_TRUE(step.actions.refused) << name(lost);
    EXPECT_EQ(step.actions.trip, Trip::none);
    EXPECT_EQ(step.next, lacking);
    EXPECT_FALSE(may_move(after({found}, step.next)));
    EXPECT_TRUE(may_move(after({found, Event::start}, step.next)));
  }
  const State reconnected = after({Event::link_lost, Event::link_back}, after(ready));
  EXPECT_TRUE(next(reconnected, Event::start).actions.refused);
}

// Breaks when a trip is logged under another reason than its own, or its rollout is not excluded.
TEST(Failsafe, EveryTripSaysWhy) {
  const std::pair<Event, Trip> expected[] = {
      {Event::pose_stale, Trip::pose_stale},
      {Event::link_lost, Trip::link_lost},
      {Event::link_back, Trip::link_lost},
      {Event::policy_missing, Trip::policy_missing},
      {Event::limit_violated, Trip::limit_violated},
      {Event::geofence_left, Trip::geofence_left},
      {Event::bus_fault, Trip::bus_fault},
      {Event::deadline_missed, Trip::deadline_missed},
      {Event::internal_fault, Trip::internal_fault},
      {static_cast<Event>(failsafe::event_count), Trip::internal_fault},
      {Event::disarm, Trip::disarmed_in_motion},
      {Event::shutdown, Trip::shut_down_in_motion}};
  for (const auto& [event, trip] : expected) {
    const Transition step = next(in_motion, event);
    EXPECT_EQ(step.actions.trip, trip) << name(event);
    EXPECT_EQ(step.actions.rollout, Rollout::exclude) << name(event);
    EXPECT_TRUE(step.actions.neutral) << name(event);
  }
  EXPECT_EQ(next({static_cast<Phase>(77), true, true, true}, Event::start).actions.trip,
            Trip::internal_fault);
}

// Breaks when a name is missing, doubled or out of step with its enumerator.
TEST(Failsafe, NamesAreThoseOfTheEnumerators) {
  std::set<std::string> names;
  for (int i = 0; i < failsafe::event_count; ++i) names.insert(name(event_at(i)));
  EXPECT_EQ(names.size(), std::size_t{failsafe::event_count});
  EXPECT_EQ(names.count("unknown"), 0u);
  EXPECT_STREQ(name(Event::link_back), "link_back");
  EXPECT_STREQ(name(Event::policy_missing), "policy_missing");
  EXPECT_STREQ(name(Event::shutdown), "shutdown");
  EXPECT_STREQ(name(Phase::tripped), "tripped");
  EXPECT_STREQ(name(Phase::ended), "ended");
  EXPECT_STREQ(name(static_cast<Phase>(200)), "unknown");
  EXPECT_STREQ(name(static_cast<Event>(200)), "unknown");
}

}  // namespace
}  // namespace phigrad
