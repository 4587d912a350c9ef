#include "host/study/loop_growth.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/statistics/exact_value.hpp"
#include "host/statistics/line_fit.hpp"
#include "host/study/gradient_statistics.hpp"

namespace phigrad {

LoopGrowth::LoopGrowth(const std::vector<GrowthSums>& sums, int first, int groups)
    : groups_(sums.begin() + first, sums.begin() + first + groups) {
  for (const GrowthSums& g : groups_) whole_.merge(g);
}

std::vector<double> LoopGrowth::log_mean(std::optional<int> left_out) const {
  std::vector<double> curve;
  for (std::size_t lag = 0; lag < whole_.mean.size(); ++lag) {
    ExactSum sum = whole_.mean[lag];
    std::int64_t n = whole_.trajectories;
    if (left_out && !part(*left_out).mean.empty()) {
      sum = without(sum, part(*left_out).mean[lag]);
      n -= part(*left_out).trajectories;
    }
    curve.push_back(std::log(static_cast<double>(exact_value(sum)) / static_cast<double>(n)));
  }
  return curve;
}

double LoopGrowth::alpha(std::optional<int> left_out) const {
  const LagRange lags = growth_lags(static_cast<int>(whole_.mean.size()));
  return growth_rate(log_mean(left_out), lags.first, lags.last);
}

double LoopGrowth::log_factor(double rate, std::optional<int> left_out) const {
  double top = 0;
  for (std::size_t lag = 0; lag < whole_.log_max.size(); ++lag) {
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      if (left_out && static_cast<std::size_t>(*left_out) == g) continue;
      if (!groups_[g].log_max.empty()) largest = std::max(largest, groups_[g].log_max[lag]);
    }
    top = std::max(top, largest - static_cast<double>(lag + 1) * std::log(rate));
  }
  return top;
}

double log_of_growth_bin(std::int32_t bin) {
  constexpr int fine = 2 * growth_fine_octaves * growth_bins_per_octave;
  double octave = 0, middle = 0.5;  // the middle within its octave
  if (bin < growth_coarse_octaves) {
    octave = bin - growth_coarse_octaves - growth_fine_octaves;
  } else if (bin < growth_coarse_octaves + fine) {
    const int sixteenth = bin - growth_coarse_octaves;
    octave = sixteenth / growth_bins_per_octave - growth_fine_octaves;
    middle = (sixteenth % growth_bins_per_octave + 0.5) / growth_bins_per_octave;
  } else {
    octave = bin - growth_coarse_octaves - fine + growth_fine_octaves;
  }
  return octave * std::log(2.0) + std::log1p(middle);
}

double log_quantile(const std::map<std::int32_t, std::int64_t>& bins, double share) {
  std::int64_t all = 0;
  for (const auto& [bin, n] : bins) all += n;
  std::int64_t below = 0;
  for (const auto& [bin, n] : bins) {
    below += n;
    if (static_cast<double>(below) >= share * static_cast<double>(all)) {
      return log_of_growth_bin(bin);
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace phigrad
