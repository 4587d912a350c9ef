// Rollouts that happened before: run directories and recordings.
#pragma once

#include <vector>

#include "host/experiment/rollout_source.hpp"
#include "host/rollouts/rollout_grid.hpp"

namespace phigrad {

/// Iteration i takes the `per_update` rollouts that follow those of i − 1, from the start again
/// after the last; every policy is shown the same. Decisions stay those on record: gradients are of
/// the policy, along what happened.
class RecordedSource : public RolloutSource {
 public:
  /// Throws Error(Exit::input) where a log cannot be read, is of another robot, or too short.
  RecordedSource(const Experiment& experiment, int policies);

  BatchShape shape() const override;
  std::optional<Windows> next(int iteration, const std::vector<double>& theta,
                              Engine& engine) override;
  LoggedRollout logged(const Engine& engine, std::int64_t b) const override;

 private:
  /// The rollout that trajectory b of an iteration is.
  std::size_t source_of(int iteration, std::int64_t b) const;

  const Experiment& experiment_;
  int policies_;
  int iteration_ = 0;  // collected last
  std::vector<LoggedRollout> rollouts_;
  GridSize size_;
  Windows windows_;  // over all rollouts
};

}  // namespace phigrad
