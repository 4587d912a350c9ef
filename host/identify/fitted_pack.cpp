#include "host/identify/fitted_pack.hpp"

#include <algorithm>
#include <cmath>

#include "host/identify/lag.hpp"

namespace phigrad {
namespace {

constexpr double longest_delay_s = 0.3;

/// A state's fit at the lag that explains most.
struct LaggedFit {
  std::size_t lag = 0;
  Fit fit;
  Excitation excited;
};

LaggedFit best_fit(const std::vector<RegressionSums>& by_lag) {
  LaggedFit best{0, fit(by_lag.front()), {}};
  for (std::size_t lag = 1; lag < by_lag.size(); ++lag) {
    Fit f = fit(by_lag[lag]);
    if (f.r2 > best.fit.r2) best = {lag, std::move(f), {}};
  }
  best.excited = excitation(by_lag[best.lag]);
  return best;
}

}  // namespace

void FittedPack::add(const LoggedRollout& rollout) {
  IdentifyOptions options;
  options.max_lag_s = longest_delay_s;
  const Residuals r = residuals_of(experiment_, {rollout}, options);
  const bool first = terms_.empty();
  if (first) terms_ = r.terms;
  const auto adds_up = [](const StateTerms& a, const StateTerms& b) {
    return a.parameters == b.parameters && a.own_motion == b.own_motion && a.offset == b.offset;
  };
  if (!std::equal(terms_.begin(), terms_.end(), r.terms.begin(), adds_up)) return;
  moments_.resize(r.moments.size());
  for (std::size_t i = 0; i < r.moments.size(); ++i) {
    for (std::size_t lag = 0; lag < r.moments[i].size(); ++lag) {
      const RegressionSums sum = total_of(r.moments[i][lag]);
      if (first) {
        moments_[i].push_back(sum);
      } else {
        moments_[i][lag] += sum;
      }
    }
  }
}

IdentifiedPack FittedPack::pack() const {
  const std::size_t nx = experiment_.setup.states.size();
  IdentifiedPack found{experiment_.setup.model, std::vector<double>(nx, 0.0), 0};
  std::size_t lags = 0;
  int with_input = 0;
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    const StateTerms& terms = terms_[i];
    if (terms.parameters.empty()) continue;
    const LaggedFit best = best_fit(moments_[i]);
    for (std::size_t j = 0; j < terms.parameters.size(); ++j) {
      if (!distinguishable(best.excited.unique[j])) continue;
      found.parameters[static_cast<std::size_t>(terms.parameters[j])] +=
          best.fit.coefficient[static_cast<Eigen::Index>(j)];
    }
    if (terms.offset) found.offset[i] = best.fit.coefficient[terms.count() - 1];
    if (!terms.has_input) continue;
    lags += best.lag;
    ++with_input;
  }
  if (with_input > 0) {
    const double mean = static_cast<double>(lags) / with_input;
    found.delay_s = std::round(mean) * experiment_.common.rollout.dt_s;
  }
  return found;
}

}  // namespace phigrad
