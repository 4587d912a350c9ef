// Rollouts that robots drive while training waits for them.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hardware/agent/policy_seal.hpp"
#include "hardware/agent/rollback.hpp"
#include "hardware/learner/gradient_ahead.hpp"
#include "hardware/learner/inbox.hpp"
#include "host/experiment/rollout_source.hpp"

namespace phigrad {

/// What training needs of the link to the robots. What comes in goes to the listener that the link
/// was made with: LiveSource::listener().
class LiveLink {
 public:
  virtual ~LiveLink() = default;
  /// To every robot there, and to those that join later.
  virtual void publish(const link::Policy& announcement, const std::vector<double>& parameters) = 0;
  virtual void control(const link::RobotName& robot, link::Command command) = 0;
  /// Receives and answers; returns after `longest` or earlier.
  virtual void poll(std::chrono::milliseconds longest) = 0;
  virtual std::vector<link::RobotName> robots() const = 0;
};

struct LiveOptions {
  const std::atomic<bool>* stop = nullptr;  // set: wait no longer
  std::function<void()> on_poll;            // called while it waits, some 20 times a second
};

/// One policy, learned from any number of robots of one kind. The policy that iteration i collects
/// rollouts with goes out as version live.first_version + i, always of the same parameters, also
/// after a restart.
///
/// An iteration takes the first rollout.per_update sound rollouts of its version, in the order in
/// which they were stored; that order survives a restart, so the run ends with the same policies
/// bit for bit. Decisions are those the robot took.
class LiveSource : public RolloutSource {
 public:
  /// Everything passed must outlive it. Throws Error(Exit::input) for settings out of range, or a
  /// store whose rollouts cannot be read.
  LiveSource(const Experiment& experiment, RunStore& store, const LiveOptions& options,
             const SigningKey& key, LiveStatus& status);

  link::LearnerLinkListener& listener() { return inbox_; }
  /// The link to wait at, made with listener(). Before the first next().
  void connect(LiveLink& link) { link_ = &link; }

  BatchShape shape() const override;
  /// Throws Error(Exit::safety) where going back to the best policy did not help: a person should
  /// look at the robot, then resume.
  std::optional<Windows> next(int iteration, const std::vector<double>& theta,
                              Engine& engine) override;
  LoggedRollout logged(const Engine& engine, std::int64_t b) const override;
  /// Hands the policy of the last update to the robots: no iteration is going to.
  void publish_learned();
  /// Segments of the last rollout that were differentiated before it had ended.
  int segments_ahead() const { return ahead_.segments(); }
  bool keeps_own_rollouts() const override { return true; }
  std::optional<Replacement> replace_update(int iteration,
                                            const std::vector<double>& cost) override;

 private:
  void publish(int iteration, const std::vector<double>& theta);
  bool stopped() const { return options_.stop != nullptr && options_.stop->load(); }

  const Experiment& experiment_;
  RunStore& store_;
  LiveOptions options_;
  GridSize grid_;
  SigningKey key_;
  LiveStatus& status_;
  Inbox inbox_;
  GradientAhead ahead_;
  LiveLink* link_ = nullptr;
  /// Watches the iterations' costs; nothing: no rollback. One observation an iteration, the mean
  /// over its rollouts, so that a resumed run knows what the interrupted one knew.
  std::optional<Rollback> rollback_;
  std::vector<double> theta_;  // in use
  bool halted_ = false;
};

}  // namespace phigrad
