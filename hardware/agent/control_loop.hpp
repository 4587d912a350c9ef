// One period of the robot: measure, judge, act, record. Pure but for the driver and the rings: no
// clock, no socket, no file, no logger, no allocation, no lock.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "hardware/agent/control_policy.hpp"
#include "hardware/agent/dead_man.hpp"
#include "hardware/agent/failsafe.hpp"
#include "hardware/agent/geofence.hpp"
#include "hardware/agent/limits.hpp"
#include "hardware/agent/loop_ports.hpp"
#include "hardware/agent/policy_slot.hpp"
#include "hardware/driver/driver.hpp"
#include "hardware/sim/rollout_start.hpp"

namespace phigrad {

/// Where a planar robot's state says what the fence asks for; -1: the state has no such entry.
struct PlanarState {
  int x = 0, y = 1;  // m
  int speed = -1;    // m/s, along the heading
  int heading = -1;  // rad
};

struct LoopSettings {
  double period_s = 0.02;
  double longest_period_s = 0.04;  // between two ticks in motion; more is a missed deadline
  double pose_limit_s = 0.06;      // from the last measurement to neutral, at least two periods
  double link_limit_s = 1;         // from the last sign of the link thread, at least two periods
  double rest_s = 0.5;             // neutral between a rollout and the next
  int segments = 1;                // of a rollout
  std::uint64_t rollouts_per_policy = 1;  // complete ones; then it waits for the next policy
  std::uint64_t most_rollouts = 0;        // complete ones in all; 0: no end
  std::uint64_t first_rollout = 1;        // number of the first
  double task_time_s = 0;                 // at the start of a rollout that nobody prepares
  std::optional<Geofence> fence;
  PlanarState planar;
};

/// What the loop is tied to; all of it outlives the loop.
struct LoopParts {
  ControlPolicy& policy;
  CommandLimits& limits;
  Driver& driver;
  PolicySlot& slot;
  LoopPorts& ports;
  RolloutStart* start = nullptr;  // null for robots that stay where they stand
};

/// Since construction.
struct LoopCounts {
  std::uint64_t ticks = 0, complete = 0, cut_short = 0, tripped = 0;
  std::uint64_t refused_orders = 0;    // arm or start where the failsafe does not allow it
  std::uint64_t bad_measurements = 0;  // with a NaN or an infinity: as if none had come
};

/// Used by the control thread alone. A rollout begins by itself when the robot is armed, at rest,
/// every fact of the failsafe holds, and its policy has rollouts left. The policy is exchanged at
/// the boundary in front of a rollout's first segment and nowhere else: a rollout has one policy.
class ControlLoop {
 public:
  /// Throws Error(Exit::input) where a setting is not sound.
  ControlLoop(const LoopSettings& settings, const LoopParts& parts);

  /// The period that begins at now_ns, of a monotonic clock (the driver's measurements share it).
  /// In motion one command goes to the driver, otherwise neutral, and never a command after a trip.
  void tick(std::int64_t now_ns) noexcept;

  /// As if the order had come through the ring: for the control thread's own needs.
  void obey(Order order) noexcept;

  failsafe::State state() const noexcept { return state_; }
  const LoopCounts& counts() const noexcept { return counts_; }
  bool moving() const noexcept { return failsafe::may_move(state_); }
  /// All rollouts are driven and recorded, and the robot is at rest.
  bool done() const noexcept;
  std::uint64_t policy_in_use() const noexcept { return parts_.slot.in_use().version; }

 private:
  void apply(failsafe::Event event) noexcept;
  void finish(failsafe::Rollout rollout, Trip trip) noexcept;
  void measure() noexcept;
  void watch(std::int64_t now_ns) noexcept;
  void idle(std::int64_t now_ns) noexcept;
  void hold_still(std::int64_t now_ns) noexcept;
  bool may_begin() const noexcept;
  void begin(std::int64_t now_ns) noexcept;
  void drive(std::int64_t now_ns) noexcept;
  bool decide() noexcept;
  bool record_sample(double t_s, const double* u) noexcept;
  bool inside_fence() const noexcept;

  LoopSettings settings_;
  LoopParts parts_;
  int nx_, nu_, nz_, steps_;
  std::uint64_t all_steps_;
  DeadMan pose_, link_;

  failsafe::State state_;
  LoopCounts counts_;
  Measurement measured_{};
  bool has_measured_ = false;  // at least once
  bool is_new_ = false;        // in this tick
  bool link_up_ = false;
  bool held_back_ = false;   // by Order::hold
  bool stopped_ = false;     // by Order::stop, until a new policy, Order::arm or Order::go
  std::int64_t now_ns_ = 0;  // of the newest tick
  std::int64_t last_tick_ns_ = 0;
  std::int64_t rest_since_ns_ = 0;
  std::uint64_t driven_ = 0;   // complete rollouts of this policy
  std::uint64_t started_ = 0;  // rollouts, whatever became of them

  // The rollout on record.
  std::int64_t start_ns_ = 0;
  std::uint64_t step_ = 0;
  double task_time_s_ = 0;
  double segment_time_s_ = 0;
  std::array<double, ControlPolicy::most_states> decided_at_{};
  std::array<double, ControlPolicy::most_inputs> wanted_{}, sent_{};
  LoopRecord record_{};  // being written
  LoopRecord end_{};     // what the rollout's end will say
  bool end_waits_ = false;
};

}  // namespace phigrad
