// The baseline without a learned policy: the robot's model is fitted to all rollouts so far, and
// the tracking controller's gains are those that cost least in a simulation of what was fitted.
#pragma once

#include <string>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/experiment/cohort.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/identify/fitted_pack.hpp"

namespace phigrad {

class Redesign {
 public:
  Redesign(const Cohort& cohort, std::string backend);

  /// Adds the engine's rollouts that are finite to what is known of each policy's robot. In `mean`
  /// [P, np] is what a step of 1 turns theta [P, np], constant corrections, into the redesigned
  /// ones with; `used` is 0 where nothing is known. Throws Error(Exit::input) where a rollout is
  /// too short to fit to.
  void take(const Engine& engine, const RolloutSource& source, const std::vector<double>& theta,
            Gradient& gradient);

 private:
  /// The best corrections for each of those robots, from `start` [robots, np] on.
  std::vector<double> corrections(const std::vector<Experiment>& robots,
                                  std::vector<double> start) const;

  Cohort cohort_;
  std::string backend_;
  std::vector<FittedPack> known_;  // [P]
};

}  // namespace phigrad
