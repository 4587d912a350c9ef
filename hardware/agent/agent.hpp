// The agent: a control thread at a fixed rate, and a link thread beside it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "hardware/agent/agent_memory.hpp"
#include "hardware/agent/agent_parts.hpp"
#include "hardware/agent/control_loop.hpp"
#include "hardware/agent/jitter.hpp"
#include "hardware/agent/link_side.hpp"

namespace phigrad {

struct AgentOptions {
  VerifyingKey learner{};  // that policies are signed with
  bool arm = false;        // at once; otherwise the learner's operator arms
  bool dry_run = false;
  std::uint64_t rollouts = 0;  // complete ones, then it ends; 0: until told to
  bool forget = false;         // the policy in memory: the learner's are older by their number
  std::string memory;          // file; empty: none
  std::string provenance;      // which robot, for people
  double acknowledge_s = 5;    // how long the end waits for the learner's last acknowledgement
  ReadRollouts read_log = &read_recordings;  // of the driver "replay"
};

struct AgentReport {
  LoopCounts loop;
  Jitter jitter;                  // empty in lock-step
  bool real_time_thread = false;  // SCHED_FIFO
  std::uint64_t dropped_records = 0;
  std::uint64_t policies = 0, refused_policies = 0;
  std::uint64_t policy_version = 0;  // in use at the end
  Trip last_trip = Trip::none;
  bool tripped = false;       // it ended in a trip that nobody had cleared
  bool acknowledged = false;  // the learner has all
};

class Agent {
 public:
  /// Opens the robot, moves nothing. Throws Error(Exit::input) for settings that do not fit,
  /// Error(Exit::robot) where the robot is not there. `log` is called by the thread of run().
  Agent(const AgentConfig& config, const AgentOptions& options, LinkSide::Log log);
  ~Agent();

  /// What the link is to be made with; its calls come from run()'s thread.
  link::Hello hello() const;
  link::RobotLinkListener& listener() { return *link_side_; }

  /// Drives until `stop`, or until the wanted rollouts are complete. This thread becomes the link
  /// thread. Leaves the actuators neutral however it ends, by an exception too. Without real time
  /// both halves take turns in this thread and the clock is simulated: every run is the same.
  AgentReport run(RolloutUplink& uplink, const std::atomic<bool>& stop);

 private:
  void run_lock_step(RolloutUplink& uplink, const std::atomic<bool>& stop);
  void run_threads(RolloutUplink& uplink, const std::atomic<bool>& stop);
  void control_thread();
  void shut_down() noexcept;  // by the control thread
  void farewell(RolloutUplink& uplink);

  AgentConfig config_;
  AgentOptions options_;
  LinkSide::Log log_;
  SteadyClock steady_;
  SteppedClock stepped_;
  std::unique_ptr<LoopPorts> ports_;
  ControlPolicy policy_;
  CommandLimits limits_;
  AgentMemory memory_;
  PolicySlot slot_;
  DrivenRobot robot_;
  std::unique_ptr<PoseFilter> poses_;
  std::unique_ptr<ControlLoop> loop_;
  std::unique_ptr<LinkSide> link_side_;

  std::atomic<bool> leave_{false};   // to the control thread: come to rest and end
  std::atomic<bool> faulty_{false};  // because a thread has failed
  std::atomic<bool> done_{false};    // from it: the wanted rollouts are complete
  Jitter jitter_;
};

}  // namespace phigrad
