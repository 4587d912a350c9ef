// What an agent remembers over a restart: the last verified policy, and which rollout numbers are
// used up.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hardware/agent/policy_slot.hpp"

namespace phigrad {

/// A policy with its seal, as it was accepted.
struct KeptPolicy {
  std::uint64_t version = 0;
  PolicyHash hash{};
  PolicySignature signature{};
  std::vector<double> parameters;  // [np]
};

/// A JSON file, replaced as a whole. Nothing in it is trusted: the policy is offered to the slot
/// like any other. For one thread, never the control thread.
class AgentMemory {
 public:
  /// Reads the file where there is one. An empty path keeps nothing beyond the process, and numbers
  /// rollouts by the wall clock. Throws Error(Exit::input) for a file that is damaged or of another
  /// robot.
  AgentMemory(std::filesystem::path file, std::string robot_kind);

  const std::optional<KeptPolicy>& policy() const noexcept { return policy_; }
  /// The number of the next rollout: above that of every rollout before.
  std::uint64_t next_rollout() const noexcept { return next_rollout_; }

  /// Without the policy: one of a lower version, of another training run, may come then.
  void forget_policy() noexcept { policy_.reset(); }

  /// Throw Error(Exit::input) where the file cannot be written.
  void keep(KeptPolicy policy);
  /// Rollout numbers up to this one are used. Written down a hundred at a time: numbers may be left
  /// out, never used twice.
  void used(std::uint64_t rollout);

 private:
  void read();
  void write() const;

  std::filesystem::path file_;
  std::string robot_kind_;
  std::optional<KeptPolicy> policy_;
  std::uint64_t next_rollout_ = 1;
  std::uint64_t reserved_ = 1;  // what the file says
};

}  // namespace phigrad
