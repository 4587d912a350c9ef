#include "host/diagnosis/cost_history.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/diagnosis/thresholds.hpp"
#include "host/statistics/line_fit.hpp"
#include "host/statistics/rounded.hpp"

namespace phigrad {
namespace {

double noise_of(const std::vector<double>& logs) {
  std::vector<double> bends;
  for (std::size_t i = 2; i < logs.size(); ++i) {
    const double bend = std::abs(logs[i] - 2 * logs[i - 1] + logs[i - 2]);
    if (std::isfinite(bend)) bends.push_back(bend);
  }
  if (bends.empty()) return 0;
  const auto middle = bends.begin() + static_cast<std::ptrdiff_t>(bends.size() / 2);
  std::nth_element(bends.begin(), middle, bends.end());
  return 1.4826 / std::sqrt(6.0) * *middle;  // of normal noise: median |z| = sigma / 1.4826
}

Verdict relapse_over(const std::vector<IterationNumbers>& all, std::size_t first, std::size_t last,
                     double best) {
  const auto worst = std::max_element(
      all.begin() + static_cast<std::ptrdiff_t>(first),
      all.begin() + static_cast<std::ptrdiff_t>(last) + 1,
      [](const IterationNumbers& a, const IterationNumbers& b) { return a.cost < b.cost; });
  const bool recovered = last + 1 < all.size();
  std::string evidence = "cost " + rounded(best) + " before, then up to " + rounded(worst->cost);
  evidence += recovered ? ", " + rounded(all[last + 1].cost) + " after" : ", and still";
  Verdict v{Trouble::relapse,
            Severity::trouble,
            recovered ? "recovered" : "not recovered",
            evidence,
            "lower optimiser.step or set optimiser.clip_norm; live, live.rollback goes back to the "
            "best policy",
            std::pair(all[first].index, all[last].index)};
  return v;
}

void judge_relapses(const std::vector<IterationNumbers>& all, std::vector<Verdict>& verdicts) {
  std::vector<double> logs;
  for (const IterationNumbers& n : all) logs.push_back(std::log(n.cost));
  const double margin =
      std::max(std::log(thresholds::relapse_factor), thresholds::noise_sigmas * noise_of(logs));
  double best = std::numeric_limits<double>::infinity();
  std::size_t worse = 0;  // in a row, up to here
  for (std::size_t i = 0; i <= all.size(); ++i) {
    // A cost that is no number is worse than any.
    if (i < all.size() && !(logs[i] <= best + margin)) {
      ++worse;
      continue;
    }
    if (worse >= thresholds::relapse_iterations) {
      verdicts.push_back(relapse_over(all, i - worse, i - 1, std::exp(best)));
    }
    worse = 0;
    if (i < all.size()) best = std::min(best, logs[i]);
  }
}

void judge_trend(const std::vector<IterationNumbers>& all, std::vector<Verdict>& verdicts) {
  std::vector<double> index, logs;
  for (const IterationNumbers& n : all) {
    if (!(n.cost > 0) || !std::isfinite(n.cost)) continue;
    index.push_back(n.index);
    logs.push_back(std::log(n.cost));
  }
  if (logs.size() < thresholds::trend_costs) return;
  const Estimate slope = fit_line(index, logs, thresholds::confidence).slope;
  if (slope.high < 0) return;
  verdicts.push_back(
      {Trouble::slow_convergence, Severity::note, "no trend",
       "over " + std::to_string(logs.size()) + " iterations the cost changes by a factor of " +
           rounded(Estimate{std::exp(slope.value), std::exp(slope.low), std::exp(slope.high)}) +
           " each: it may have converged, or the step may be too small",
       "compare with a run of a larger optimiser.step", std::nullopt});
}

}  // namespace

std::vector<Verdict> judge_costs(const std::vector<IterationNumbers>& iterations) {
  std::vector<Verdict> verdicts;
  if (static_cast<int>(iterations.size()) < thresholds::least_costs) return verdicts;
  judge_relapses(iterations, verdicts);
  judge_trend(iterations, verdicts);
  return verdicts;
}

}  // namespace phigrad
