// Variance of what an update averages, measured between disjoint updates.
#pragma once

#include <optional>

#include "host/engine/engine.hpp"
#include "host/statistics/jackknife.hpp"

namespace phigrad {

/// Trace of the covariance of the mean gradient over `rollouts` trajectories, between the blocks of
/// neighbouring groups (policies first … first + groups − 1, of `per_group` trajectories) that hold
/// so many; jackknife over the blocks. Empty where groups do not fit or make fewer than three
/// blocks.
std::optional<Estimate> update_variance(const GradientSums& sums, int first, int groups,
                                        std::int64_t per_group, int rollouts, double confidence);

}  // namespace phigrad
