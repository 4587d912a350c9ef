// Growth of the state-transition matrices of one loop of one cell, whole or less one group.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "host/study/study_sums.hpp"
#include "kernels/gradient/growth_bins.hpp"

namespace phigrad {

/// The loops by their number in StudySums, as rows name them.
inline constexpr const char* loop_names[] = {"model", "plant"};

/// What is meant by ‖Φ‖, as rows say it (kernels/math/spectral_norm.hpp, for any number of states).
inline constexpr const char* growth_norm = "spectral, exact to rounding";

class LoopGrowth {
 public:
  /// Of policies first … first + groups − 1.
  LoopGrowth(const std::vector<GrowthSums>& sums, int first, int groups);

  /// log of the mean over trajectories and times of ‖Φ‖₂, by lag, lag 1 first.
  std::vector<double> log_mean(std::optional<int> left_out) const;
  /// α̂ (arXiv 2307.08168).
  double alpha(std::optional<int> left_out) const;
  /// The smallest M with ‖Φ‖ ≤ M rate^L at every lag, as its logarithm.
  double log_factor(double rate, std::optional<int> left_out) const;

  const GrowthSums& whole() const { return whole_; }

 private:
  const GrowthSums& part(int g) const { return groups_[static_cast<std::size_t>(g)]; }

  std::vector<GrowthSums> groups_;
  GrowthSums whole_;
};

/// log of the middle of a bin of kernels/gradient/growth_bins.hpp.
double log_of_growth_bin(std::int32_t bin);

/// log of the norm below which a share of a lag's pairs are, to half a bin.
double log_quantile(const std::map<std::int32_t, std::int64_t>& bins, double share);

}  // namespace phigrad
