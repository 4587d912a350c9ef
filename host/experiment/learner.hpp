// From rollouts to better policies: what an iteration of training computes, without its records.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/experiment/cohort.hpp"
#include "host/experiment/perturbations.hpp"
#include "host/experiment/redesign.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/train/optimiser.hpp"

namespace phigrad {

/// Throws Error(Exit::input) for what cannot be trained although it can be read: rollouts that
/// cannot be paired, a drift of what cannot drift, samples that cannot be simulated again; and
/// where its backend has not the tensor cores that are asked for.
void require_trainable(const Experiment& experiment, const std::string& backend);

/// Whether a run of it can go on from its store: not where models are fitted to all rollouts since
/// it began, which are not kept.
bool can_be_resumed(const Experiment& experiment);

class Learner {
 public:
  /// `source` gives rollouts of the cohort's policies, and outlives this. Throws Error(Exit::input)
  /// where its rollouts are of another number of policies, or cannot be paired as the estimator
  /// asks. With `in_place` advance() trains policies where they lie, if that can be.
  Learner(const Cohort& cohort, RolloutSource& source, const std::string& backend,
          bool in_place = false);

  const Cohort& cohort() const { return cohort_; }
  const Engine& engine() const { return *engine_; }
  int parameters() const { return engine_->parameters(); }

  /// Policies [P, np]; set before the first iteration.
  const std::vector<double>& theta() const;
  void set_theta(std::vector<double> theta) {
    theta_ = std::move(theta);
    training_ = theta_is_old_ = false;
  }
  /// Goes on from other policies, the optimisers afresh.
  void restart(std::vector<double> theta);
  /// Of one of the cohort's experiments.
  Optimiser& optimiser(std::size_t experiment) { return *optimisers_[experiment]; }

  /// Iterations from `iteration` to before `end`, as many as go together, each followed by each(),
  /// to which cost(), path_error() and gradient_norm() are its own. Returns how many; 0 where the
  /// run is to end first.
  int advance(int iteration, int end, const std::function<void()>& each);

  /// What an iteration is made of. Rollouts of the policies as they are; false where the run is to
  /// end first.
  bool collect(int iteration);
  void score();
  /// By the config's estimator.
  void differentiate();
  /// Moves the policies whose gradient holds.
  void update();

  /// Of the last batch. Costs and path errors are means over a policy's rollouts.
  const std::vector<double>& cost() const { return cost_; }              // [P]
  const std::vector<double>& path_error() const { return path_error_; }  // [P], m
  const Scores& scores() const { return scores_; }
  const Gradient& gradient() const { return gradient_; }
  /// The policy that trajectory b was of, and which of its rollouts.
  int policy_of(std::int64_t b) const { return static_cast<int>(b / rollouts_); }
  int rollout_of(std::int64_t b) const { return static_cast<int>(b % rollouts_); }
  const std::vector<double>& gradient_norm() const { return norm_; }  // [P]; NaN: it did not hold

 private:
  std::vector<double> mean_over_rollouts(const std::vector<double>& values) const;
  std::vector<double> baselines() const;
  /// Takes the packs to what they are in an iteration (rollout.drift).
  void drift(int iteration);
  /// Fits the models that are learned to the last batch too.
  void fit_models();
  void take_gradient(Estimator estimator, bool variance, Gradient& gradient);
  void weigh_by_inverse_variance();
  /// As advance(); 0 where it cannot.
  int train_in_place(int iteration, int end, const std::function<void()>& each);

  Cohort cohort_;
  RolloutSource& source_;
  bool in_place_;  // advance() trains policies where they lie, if the engine can
  std::unique_ptr<Engine> engine_;
  std::int64_t rollouts_;  // of a policy in a batch
  std::optional<Perturbations> perturbations_;
  std::optional<Redesign> redesign_;
  std::vector<std::unique_ptr<ModelFit>> models_;       // [P], where they are learned; else empty
  std::vector<std::unique_ptr<Optimiser>> optimisers_;  // of each experiment
  Windows windows_;
  mutable std::vector<double> theta_;
  Scores scores_;
  std::vector<double> cost_, path_error_;
  Gradient gradient_, zeroth_order_;
  std::vector<double> norm_;
  bool training_ = false;              // where the policies lie, from them
  mutable bool theta_is_old_ = false;  // they lie there newer
  TrainingHistory history_;
};

}  // namespace phigrad
