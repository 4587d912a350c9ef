// Where rollouts come in: each is judged, stored for good, and only then acknowledged.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hardware/agent/policy_seal.hpp"
#include "hardware/learner/gradient_ahead.hpp"
#include "hardware/learner/live_rollout.hpp"
#include "hardware/learner/live_status.hpp"
#include "hardware/link/learner_link.hpp"
#include "host/store/run_store.hpp"

namespace phigrad {

/// Version live.first_version + i of a run's policy is what iteration i collects rollouts with.
/// Rollouts of it are stored under that iteration, also when they come late; those of a policy that
/// this run never published under the iteration in progress, quarantined. Of what it acknowledges
/// nothing is lost but what is no rollout of this robot at all: that is an event in the store.
class Inbox : public link::LearnerLinkListener {
 public:
  /// Reads who sent the rollouts that the store already holds. Everything must outlive it.
  Inbox(const Experiment& experiment, RunStore& store, LiveStatus& status);

  /// Shows `ahead` the rollouts of the iteration in progress while they are driven.
  void show(GradientAhead& ahead) { ahead_ = &ahead; }

  /// From now on rollouts of `iteration` are wanted, driven under the policy of this hash. Those in
  /// the store count already, in the order they were stored.
  void expect(int iteration, const PolicyHash& hash);

  /// Sound rollouts of the iteration in progress, at most rollout.per_update: the first stored.
  const std::vector<LoggedRollout>& sound() const { return sound_; }

  bool joined(const link::RobotName& robot, const link::Hello& hello, std::string& why) override;
  void left(const link::RobotName& robot) override;
  void began(const link::RobotName& robot, const link::RolloutBegin& begin) override;
  void grew(const link::RobotName& robot, const link::Reassembly& rollout) override;
  bool ended(const link::RobotName& robot, const link::Reassembly& rollout,
             const link::RolloutEnd& end) override;
  bool knows(const link::RobotName& robot, std::uint64_t rollout) override;
  void event(const link::RobotName& robot, const link::Event& event) override;
  void remark(const std::string& line) override;

 private:
  bool wants_more() const { return static_cast<int>(sound_.size()) < status_.wanted; }
  void keep(LiveRollout& live, const PolicyHash& hash);
  /// The iteration that a policy version belongs to; nothing where this run did not publish it, or
  /// not under that hash.
  std::optional<int> iteration_of(std::uint64_t version) const;
  std::optional<int> iteration_of(std::uint64_t version, const PolicyHash& hash) const;
  void take(const LoggedRollout& rollout);
  void tell(const std::string& line);

  const Experiment& experiment_;
  RunStore& store_;
  LiveStatus& status_;
  LiveRollouts rollouts_;
  GradientAhead* ahead_ = nullptr;
  int iteration_ = -1;  // in progress; -1: nothing is published yet
  PolicyHash hash_{};   // of its policy
  std::vector<LoggedRollout> sound_;
  std::map<int, int> stored_;  // rollouts an iteration, the number of the next one
  std::set<std::pair<std::string, std::uint64_t>> settled_;  // robot, rollout
  std::map<std::string, int> events_;                        // of a robot in this iteration
};

/// The policies [P, np] that an iteration collects rollouts with: of the update before, or the
/// initial ones. Nothing where the store does not have them.
std::optional<std::vector<double>> policies_of_iteration(const RunStore& store, int iteration);

}  // namespace phigrad
