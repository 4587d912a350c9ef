#include "hardware/agent/failsafe.hpp"

namespace phigrad::failsafe {

const char* name(Phase phase) noexcept {
  constexpr const char* names[phase_count] = {"disarmed", "armed",   "running",
                                              "stopping", "tripped", "ended"};
  const auto index = static_cast<unsigned>(phase);
  return index < phase_count ? names[index] : "unknown";
}

const char* name(Event event) noexcept {
  constexpr const char* names[event_count] = {
      "arm",       "disarm",          "start",          "stop",           "rollout_done",
      "at_rest",   "pose_fresh",      "pose_stale",     "authenticated",  "link_lost",
      "link_back", "policy_ready",    "policy_missing", "limit_violated", "geofence_left",
      "bus_fault", "deadline_missed", "internal_fault", "shutdown"};
  const auto index = static_cast<unsigned>(event);
  return index < event_count ? names[index] : "unknown";
}

}  // namespace phigrad::failsafe
