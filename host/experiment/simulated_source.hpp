// Rollouts of the configs' plants.
#pragma once

#include <utility>
#include <vector>

#include "host/experiment/cohort.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/experiment/simulated_start.hpp"

namespace phigrad {

/// Each policy draws its starts from its own seed.
class SimulatedSource : public RolloutSource {
 public:
  explicit SimulatedSource(Cohort cohort) : cohort_(std::move(cohort)) {}

  BatchShape shape() const override;
  std::optional<Windows> next(int iteration, const std::vector<double>& theta,
                              Engine& engine) override;
  const SimulatedStarts* starts(int iteration) override;
  LoggedRollout logged(const Engine& engine, std::int64_t b) const override;

 private:
  Cohort cohort_;
  SimulatedStarts starts_;
};

}  // namespace phigrad
