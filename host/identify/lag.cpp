#include "host/identify/lag.hpp"

#include <algorithm>

#include "host/support/random.hpp"

namespace phigrad {
namespace {

constexpr int resamples = 400;

/// The lag with the largest R² where cluster g counts `times[g]` times.
std::size_t best_of(const std::vector<std::vector<RegressionSums>>& moments,
                    const std::vector<int>& times) {
  std::size_t best = 0;
  double most = 0;
  for (std::size_t lag = 0; lag < moments.size(); ++lag) {
    RegressionSums m(static_cast<int>(moments[lag].front().zr.size()));
    for (std::size_t g = 0; g < times.size(); ++g) {
      for (int n = 0; n < times[g]; ++n) m += moments[lag][g];
    }
    const double r2 = fit(m).r2;
    if (lag > 0 && !(r2 > most)) continue;
    best = lag;
    most = r2;
  }
  return best;
}

}  // namespace

RegressionSums total_of(const std::vector<RegressionSums>& clusters) {
  RegressionSums m(static_cast<int>(clusters.front().zr.size()));
  for (const RegressionSums& c : clusters) m += c;
  return m;
}

Lag best_lag(const std::vector<std::vector<RegressionSums>>& moments, std::uint64_t seed) {
  const std::size_t clusters = moments.front().size();
  Lag lag{best_of(moments, std::vector<int>(clusters, 1)), 0, 0};
  std::vector<std::size_t> drawn;
  for (int b = 0; b < resamples; ++b) {
    RandomStream stream(seed, Draw::resample, static_cast<std::uint32_t>(b), 0);
    std::vector<int> times(clusters, 0);
    for (std::size_t n = 0; n < clusters; ++n) {
      ++times[static_cast<std::size_t>(stream.uniform(0, static_cast<double>(clusters)))];
    }
    drawn.push_back(best_of(moments, times));
  }
  std::sort(drawn.begin(), drawn.end());
  lag.low = drawn[resamples / 40];
  lag.high = drawn[resamples - 1 - resamples / 40];
  return lag;
}

}  // namespace phigrad
