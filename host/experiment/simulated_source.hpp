// Rollouts of the config's plant.
#pragma once

#include <vector>

#include "host/experiment/rollout_source.hpp"
#include "host/experiment/simulated_start.hpp"

namespace phigrad {

/// Policy p draws its starts from seed + p, so each can be run again alone.
class SimulatedSource : public RolloutSource {
 public:
  SimulatedSource(const Experiment& experiment, int policies)
      : experiment_(experiment), policies_(policies) {}

  BatchShape shape() const override;
  std::optional<Windows> next(int iteration, const std::vector<double>& theta,
                              Engine& engine) override;
  LoggedRollout logged(const Engine& engine, std::int64_t b) const override;

 private:
  const Experiment& experiment_;
  int policies_;
  SimulatedStarts starts_;
};

}  // namespace phigrad
