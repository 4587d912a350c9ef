// Zeroth-order updates: rollouts under changed parameters, and the gradient that their costs give.
#pragma once

#include <vector>

#include "host/engine/engine.hpp"
#include "host/experiment/cohort.hpp"

namespace phigrad {

/// Whether updates go by rollouts under changed parameters, not by those under the policy itself.
bool perturbs(const Experiment& experiment);

/// A policy's rollouts come in pairs, 2k under θ + r d and 2k + 1 under θ − r d, from the same
/// start with the same noise. spsa (Spall 1992): every d is of random signs; finite_differences: d
/// is the k-th parameter alone.
class Perturbations {
 public:
  /// rollout.per_update is even. Throws Error(Exit::input) where it is not two a parameter, for
  /// finite differences.
  Perturbations(const Cohort& cohort, int parameters);

  /// Policies [P · R, np] of the iteration's rollouts, around theta [P, np].
  std::vector<double> around(const std::vector<double>& theta, int iteration);

  /// The estimate from the costs [P · R] of those rollouts; `used` counts the pairs that are
  /// finite, and is 0 for finite differences where one is not.
  void estimate(const std::vector<double>& costs, Gradient& gradient) const;

 private:
  std::size_t rows() const { return static_cast<std::size_t>(cohort_.policies()) * pairs_; }

  Cohort cohort_;
  bool every_parameter_;
  std::size_t parameters_, pairs_;
  double radius_;
  std::vector<double> direction_;  // [P · pairs, np] of the last iteration; empty: each parameter
};

}  // namespace phigrad
