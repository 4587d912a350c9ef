#include "host/study/update_variance.hpp"

#include <algorithm>
#include <vector>

#include "host/statistics/exact_value.hpp"

namespace phigrad {

std::optional<Estimate> update_variance(const GradientSums& sums, int first, int groups,
                                        std::int64_t per_group, int rollouts, double confidence) {
  if (per_group <= 0 || rollouts % per_group != 0) return std::nullopt;
  const auto in_block = static_cast<std::size_t>(rollouts / per_group);
  const std::size_t blocks = static_cast<std::size_t>(groups) / in_block;
  if (blocks < 3) return std::nullopt;
  const std::size_t np = sums.sums.size() / sums.used.size();

  std::vector<double> squares(blocks, 0.0);  // of each block's distance from the mean of all
  for (std::size_t i = 0; i < np; ++i) {
    std::vector<double> means;
    double mean = 0;
    for (std::size_t b = 0; b < blocks; ++b) {
      ExactSum sum{};
      std::int64_t used = 0;
      for (std::size_t g = 0; g < in_block; ++g) {
        const std::size_t p = static_cast<std::size_t>(first) + b * in_block + g;
        merge(sum, sums.sums[p * np + i].sum);
        used += sums.used[p];
      }
      if (used == 0) return std::nullopt;
      means.push_back(static_cast<double>(exact_value(sum)) / static_cast<double>(used));
      mean += means.back() / static_cast<double>(blocks);
    }
    for (std::size_t b = 0; b < blocks; ++b) squares[b] += (means[b] - mean) * (means[b] - mean);
  }

  double all = 0;
  for (const double s : squares) all += s;
  const auto n = static_cast<double>(blocks);
  const auto variance = [&](std::optional<int> left_out) {
    if (!left_out) return all / (n - 1);
    // About the mean of the rest, which lies elsewhere.
    const double rest = all - squares[static_cast<std::size_t>(*left_out)] * n / (n - 1);
    return std::max(rest, 0.0) / (n - 2);
  };
  return Jackknife(static_cast<int>(blocks), confidence)(variance, Scale::logarithmic);
}

}  // namespace phigrad
