// The parameters of a robot's model that explain its rollouts best, without intervals: what a
// program goes on with.
#pragma once

#include <vector>

#include "host/identify/residuals.hpp"

namespace phigrad {

/// By least squares over all rollouts so far, each state at the lag with the largest R²
/// (host/identify/identify.hpp).
class FittedPack {
 public:
  explicit FittedPack(const Experiment& experiment) : experiment_(experiment) {}

  /// One that excites other terms than the first did adds nothing. Throws Error(Exit::input) where
  /// a rollout is too short to fit to.
  void add(const LoggedRollout& rollout);
  bool is_empty() const { return terms_.empty(); }
  /// The delay is the mean of the states', in whole steps. A parameter that cannot be told apart is
  /// the model's own.
  IdentifiedPack pack() const;

 private:
  const Experiment& experiment_;
  std::vector<StateTerms> terms_;                     // [nx]
  std::vector<std::vector<RegressionSums>> moments_;  // [nx][lags]
};

}  // namespace phigrad
