#include "hardware/agent/agent_parts.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <utility>

#include "hardware/agent/posed_driver.hpp"
#include "hardware/go1/go1_driver.hpp"
#include "hardware/jetracer/jetracer_driver.hpp"
#include "hardware/replay_robot/replay_driver.hpp"
#include "hardware/sim/sim_driver.hpp"
#include "host/config/fields.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

/// Index of a state's name, -1 where the robot has none of it.
int state_index(const Experiment& e, const char* name) {
  const auto& names = e.setup.states;
  const auto at = std::find(names.begin(), names.end(), name);
  return at == names.end() ? -1 : static_cast<int>(at - names.begin());
}

void require_states(const Experiment& e, const std::vector<std::string>& wanted, const char* what) {
  if (e.setup.states == wanted) return;
  throw Error(Exit::input, std::string("the robot ") + e.robot + " has other states than " + what,
              "agent.driver", "its states have to be x, y, v, heading");
}

template <class Value>
Value entry(const std::vector<Value>& values, std::size_t i, Value otherwise, std::size_t n,
            const char* key) {
  if (values.empty()) return otherwise;
  if (values.size() == n) return values[i];
  throw Error(
      Exit::input,
      std::to_string(values.size()) + " entries, the robot has " + std::to_string(n) + " inputs",
      std::string("agent.limits.") + key, "give one for each input");
}

std::optional<Geofence> make_fence(const AgentSettings& settings) {
  if (const auto* circle = std::get_if<CircleFence>(&settings.geofence)) {
    return Geofence::circle({circle->centre_m[0], circle->centre_m[1]}, circle->radius_m,
                            {circle->margin_m, circle->ahead_s});
  }
  if (const auto* polygon = std::get_if<PolygonFence>(&settings.geofence)) {
    std::vector<Planar> corners;
    for (std::size_t i = 0; i < polygon->x_m.size(); ++i) {
      corners.push_back({polygon->x_m[i], polygon->y_m[i]});
    }
    return Geofence::polygon(corners, {polygon->margin_m, polygon->ahead_s});
  }
  return std::nullopt;
}

DrivenRobot play(const ReplayChoice& choice, const Experiment& e, const Clock& clock,
                 ReadRollouts read_log) {
  std::vector<LoggedRollout> rollouts = read_log(choice.log, e.setup);
  if (choice.rollout >= 0) {
    const auto index = static_cast<std::size_t>(choice.rollout);
    if (index >= rollouts.size()) {
      throw Error(Exit::input, "the log has " + std::to_string(rollouts.size()) + " rollouts",
                  "agent.driver.rollout", "give a number below that, from 0");
    }
    rollouts = {std::move(rollouts[index])};
  }
  auto driver = std::make_unique<ReplayDriver>(std::move(rollouts), clock);
  RolloutStart* start = driver.get();
  return {std::move(driver), start, nullptr, choice.real_time};
}

}  // namespace

AgentConfig read_agent_config(const nlohmann::ordered_json& document, const std::string& place) {
  if (!document.is_object() || !document.contains("agent")) {
    throw Error(Exit::input, "the config says nothing about an agent", place + ": agent",
                "add a section \"agent\" with driver, limits and geofence");
  }
  AgentConfig config{read_experiment(document, place), {}};
  config.agent = read_settings<AgentSettings>(config.experiment.agent, place + ": agent");
  return config;
}

bool in_real_time(const AgentSettings& settings) {
  if (const auto* sim = std::get_if<SimChoice>(&settings.driver)) return sim->real_time;
  if (const auto* replay = std::get_if<ReplayChoice>(&settings.driver)) return replay->real_time;
  return true;
}

DrivenRobot make_driver(const AgentConfig& config, const Clock& clock, LoopPorts& ports,
                        bool dry_run, ReadRollouts read_log) {
  const Experiment& e = config.experiment;
  const auto* car = std::get_if<JetRacerChoice>(&config.agent.driver);
  if (dry_run && car == nullptr) {
    throw Error(Exit::usage, "only a JetRacer can be driven without being there", "--dry-run",
                "leave it out; \"sim\" and \"replay\" drive nothing anyway");
  }
  if (const auto* sim = std::get_if<SimChoice>(&config.agent.driver)) {
    auto driver = std::make_unique<SimDriver>(e, clock);
    RolloutStart* start = driver.get();
    return {std::move(driver), start, nullptr, sim->real_time};
  }
  if (const auto* replay = std::get_if<ReplayChoice>(&config.agent.driver)) {
    return play(*replay, e, clock, read_log);
  }
  require_states(e, {"x", "y", "v", "heading"}, "this driver measures");
  if (car != nullptr) {
    std::unique_ptr<Driver> bus = dry_run ? print_jetracer(*car, stdout) : open_jetracer(*car);
    return {std::make_unique<PosedDriver>(std::move(bus), ports), nullptr, &car->pose, true};
  }
  return {std::make_unique<Go1Driver>(std::get<Go1Choice>(config.agent.driver)), nullptr, nullptr,
          true};
}

CommandLimits make_limits(const AgentConfig& config) {
  const LimitChoice& l = config.agent.limits;
  const std::size_t nu = config.experiment.setup.inputs.size();
  constexpr double none = std::numeric_limits<double>::infinity();
  std::vector<ChannelLimit> channels;
  for (std::size_t i = 0; i < nu; ++i) {
    ChannelLimit c;
    c.low = entry(l.low, i, -1.0, nu, "low");
    c.high = entry(l.high, i, 1.0, nu, "high");
    c.neutral = entry(l.neutral, i, 0.0, nu, "neutral");
    c.slew_per_s = entry(l.slew_per_s, i, none, nu, "slew_per_s");
    c.stop_slew_per_s = entry(l.stop_slew_per_s, i, none, nu, "stop_slew_per_s");
    channels.push_back(c);
  }
  return CommandLimits(channels, config.experiment.common.rollout.dt_s);
}

LoopSettings make_loop_settings(const AgentConfig& config) {
  const AgentSettings& a = config.agent;
  const CommonSettings& common = config.experiment.common;
  LoopSettings s;
  s.period_s = common.rollout.dt_s;
  s.longest_period_s = a.longest_period_s > 0 ? a.longest_period_s : 2 * s.period_s;
  s.pose_limit_s = a.dead_man_s > 0 ? a.dead_man_s : 3 * s.period_s;
  s.link_limit_s = std::max(a.link_dead_man_s, 3 * s.period_s);
  s.rest_s = a.rest_s;
  s.segments = common.rollout.segments;
  s.rollouts_per_policy = static_cast<std::uint64_t>(
      a.rollouts_per_policy > 0 ? a.rollouts_per_policy : common.rollout.per_update);
  s.task_time_s = a.task_time_s;
  s.fence = make_fence(a);
  if (s.fence) {
    s.planar = {state_index(config.experiment, "x"), state_index(config.experiment, "y"),
                state_index(config.experiment, "v"), state_index(config.experiment, "heading")};
    if (s.planar.x < 0 || s.planar.y < 0) {
      throw Error(Exit::input, "a robot without a place in the plane has a geofence",
                  "agent.geofence", "write {\"type\": \"none\"}");
    }
  }
  return s;
}

}  // namespace phigrad
