// A straight line through points, by least squares, and what its slope is worth.
#pragma once

#include <vector>

#include "host/statistics/jackknife.hpp"

namespace phigrad {

struct LineFit {
  Estimate slope;    // the interval from the residuals; NaN ends with fewer than 3 points
  double intercept;  // at x = 0
  double r_squared;
};

/// y ≈ intercept + slope x. NaN everywhere with fewer than two different x.
LineFit fit_line(const std::vector<double>& x, const std::vector<double>& y, double confidence);

/// α̂: exp of the slope of `log_mean` [lags, lag 1 first] against the lag, from first_lag to
/// last_lag (arXiv 2307.08168); NaN with fewer than two lags.
double growth_rate(const std::vector<double>& log_mean, int first_lag, int last_lag);

/// The lags that growth_rate is taken over in a trajectory of `samples`: the transient at the front
/// and the few pairs at the back are left out. The recorded car's 1140 samples give 100 to 800.
struct LagRange {
  int first, last;
};
LagRange growth_lags(int samples);

}  // namespace phigrad
