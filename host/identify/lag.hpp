// The lag of a robot's inputs: the one at which the model's terms explain most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/identify/regression.hpp"

namespace phigrad {

/// In samples, with the 95 % interval of its bootstraps.
struct Lag {
  std::size_t best, low, high;
};

/// `moments` [lags][clusters] over the same samples; clusters are drawn with `seed`.
Lag best_lag(const std::vector<std::vector<RegressionSums>>& moments, std::uint64_t seed);

/// The sum over clusters.
RegressionSums total_of(const std::vector<RegressionSums>& clusters);

}  // namespace phigrad
