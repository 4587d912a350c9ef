// The link thread's half of the agent: records to the learner, its policies and orders to the
// control thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "hardware/agent/agent_memory.hpp"
#include "hardware/agent/loop_ports.hpp"
#include "hardware/agent/policy_slot.hpp"
#include "hardware/agent/pose_filter.hpp"
#include "hardware/agent/rollout_uplink.hpp"
#include "hardware/sim/clock.hpp"

namespace phigrad {

struct LinkSideSetup {
  std::string robot_kind;
  int nx = 0, nu = 0, nz = 0;
  double dt_s = 0;
  std::string provenance;
};

/// For one thread, which also polls the link.
class LinkSide final : public link::RobotLinkListener {
 public:
  using Log = std::function<void(const std::string& line)>;

  /// All of it outlives this; `poses` is null for robots that measure themselves. Offers the
  /// policy in memory to the slot.
  LinkSide(LinkSideSetup setup, LoopPorts& ports, PolicySlot& slot, AgentMemory& memory,
           PoseFilter* poses, const Clock& clock, Log log);

  /// One round: sends what the control thread recorded, polls for `longest` at most, and passes
  /// orders on. Throws what the uplink and the memory throw.
  void attend(RolloutUplink& uplink, std::chrono::milliseconds longest);

  /// An order of this process's own; kept until the ring takes it.
  void send(Order order);

  std::uint64_t policies() const noexcept { return policies_; }  // accepted
  std::uint64_t refused_policies() const noexcept { return refused_policies_; }
  Trip last_trip() const noexcept { return last_trip_; }

  void connected(const link::Welcome& welcome) override;
  void lost() override;
  void policy(const link::ReceivedPolicy& policy) override;
  void control(link::Command command) override;
  void pose(const link::Pose& pose) override;

 private:
  void drain(RolloutUplink& uplink);
  void begin(RolloutUplink& uplink, const LoopRecord& record);
  void add(RolloutUplink& uplink, const LoopRecord& record);
  void flush(RolloutUplink& uplink);
  void end(RolloutUplink& uplink, const LoopRecord& record);
  void block();
  void pass_orders();

  LinkSideSetup setup_;
  LoopPorts& ports_;
  PolicySlot& slot_;
  AgentMemory& memory_;
  PoseFilter* poses_;
  const Clock& clock_;
  Log log_;

  std::vector<Order> waiting_;  // orders that found the ring full
  std::string obstacle_;        // as it was logged last
  std::int64_t alive_ns_ = -1;  // when the last sign of life was given
  bool on_record_ = false;      // the uplink has taken the rollout's begin, and not its end
  bool blocked_ = false;        // it has refused something
  std::vector<double> samples_, segments_;  // rows not handed over yet
  std::uint64_t first_sample_ = 0, first_segment_ = 0;
  std::uint64_t policies_ = 0, refused_policies_ = 0;
  Trip last_trip_ = Trip::none;
};

}  // namespace phigrad
