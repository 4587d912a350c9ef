// Rollouts in an engine, one policy each, and what is measured along them: growth of the loops,
// direction of the gradient, saturated inputs, dead outputs.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "host/diagnosis/evidence.hpp"
#include "host/engine/engine.hpp"

namespace phigrad {

class Probe {
 public:
  /// Simulates `rollouts` of the plant under theta [np], from the starts of `iteration`.
  Probe(const Experiment& experiment, const std::vector<double>& theta, int rollouts,
        int iteration);
  /// Takes rollouts on record; those that are not finite are left out of all that is measured.
  Probe(const Experiment& experiment, const std::vector<LoggedRollout>& rollouts);

  /// Fills in growth, directions, saturation; and the gradient's zero.
  void measure(Evidence& evidence);
  /// Growth a step of one loop, geometric mean over rollouts; nothing where it has none.
  std::optional<Estimate> alpha(Derivatives of);
  /// Spectral radius of one loop where the simulated rollouts end, the decision held: mean over
  /// those that are finite there, NaN where none is.
  double radius_at_end(Derivatives of);
  /// Our gradient, the mean over the simulated rollouts [np].
  std::vector<double> gradient();

 private:
  struct Directions {
    std::vector<std::vector<double>> rows;  // a rollout each; empty where it has left the numbers
  };
  Directions directions(Derivatives of, Chain chain, int truncate);
  std::optional<Estimate> cosine(const Directions& a, const Directions& b) const;
  std::vector<NamedNumber> saturated_inputs();
  void set_dynamics();

  const Experiment& e_;
  bool recorded_;
  std::unique_ptr<Engine> engine_;
  Windows windows_;
  std::vector<int> samples_;  // of each rollout
  std::vector<std::vector<int>> slot_sample_;
};

/// Mean and its interval (Student's t); NaN ends for one value.
Estimate mean_estimate(const std::vector<double>& values);

}  // namespace phigrad
