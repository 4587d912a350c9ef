// Why the agent stopped the robot on its own: one enumerator a reason, one line a person can read.
// A trip is an event in the log, and its rollout stays out of gradients unless someone asks for it.
#pragma once

#include <cstdint>

namespace phigrad {

/// The values are written to logs and sent over the link: add at the end, never renumber.
enum class Trip : std::uint8_t {
  none,
  pose_stale,
  link_lost,
  policy_missing,
  limit_violated,
  geofence_left,
  bus_fault,
  deadline_missed,
  internal_fault,
  disarmed_in_motion,
  shut_down_in_motion,
};
inline constexpr int trip_count = 11;  // enumerators, none included

/// One line without a full stop, never null; also for a value that is no enumerator.
constexpr const char* text(Trip trip) noexcept {
  switch (trip) {
    case Trip::none:
      return "no trip";
    case Trip::pose_stale:
      return "the pose is too old: nobody knows where the robot is";
    case Trip::link_lost:
      return "the link to the learner is lost, or has to prove itself again";
    case Trip::policy_missing:
      return "there is no verified policy to run";
    case Trip::limit_violated:
      return "the policy asked for a command that is not a finite number";
    case Trip::geofence_left:
      return "the robot is outside its geofence, or about to leave it";
    case Trip::bus_fault:
      return "the actuators did not take a command";
    case Trip::deadline_missed:
      return "the control thread missed its period";
    case Trip::internal_fault:
      return "a part of the agent itself failed";
    case Trip::disarmed_in_motion:
      return "disarmed while the robot was in motion";
    case Trip::shut_down_in_motion:
      return "the agent was told to end while the robot was in motion";
  }
  return "unknown reason";
}

}  // namespace phigrad
