// From the settings of the section "agent" to the parts of an agent.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "hardware/agent/agent_settings.hpp"
#include "hardware/agent/control_loop.hpp"
#include "hardware/sim/clock.hpp"
#include "host/robots/registered.hpp"
#include "host/rollouts/logged_rollout.hpp"

namespace phigrad {

/// A config with its section "agent".
struct AgentConfig {
  Experiment experiment;
  AgentSettings agent;
};

/// Reads the whole document. Throws Error(Exit::input), also where it has no section "agent".
AgentConfig read_agent_config(const nlohmann::ordered_json& document, const std::string& place);

/// A driver, and what its rollouts start with.
struct DrivenRobot {
  std::unique_ptr<Driver> driver;
  RolloutStart* start = nullptr;     // the driver's own, or null
  const PoseChoice* pose = nullptr;  // where the pose comes over the link
  bool real_time = true;             // false: in lock-step with a simulated clock
};

/// Whether the settings ask for the machine's clock.
bool in_real_time(const AgentSettings& settings);

/// Opens the robot that the settings name. `dry_run` prints what would be sent to stdout instead;
/// only the JetRacer has that. `read_log` reads what "replay" plays. Throws Error(Exit::input),
/// Error(Exit::robot), Error(Exit::usage).
DrivenRobot make_driver(const AgentConfig& config, const Clock& clock, LoopPorts& ports,
                        bool dry_run, ReadRollouts read_log);

/// Throw Error(Exit::input) naming the key.
CommandLimits make_limits(const AgentConfig& config);
LoopSettings make_loop_settings(const AgentConfig& config);

}  // namespace phigrad
