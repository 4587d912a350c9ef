#include "host/statistics/line_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace phigrad {

LineFit fit_line(const std::vector<double>& x, const std::vector<double>& y, double confidence) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  const auto n = static_cast<double>(x.size());
  double mean_x = 0, mean_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mean_x += x[i] / n;
    mean_y += y[i] / n;
  }
  double xx = 0, xy = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
  }
  if (!(xx > 0)) return {{none, none, none}, none, none};
  const double slope = xy / xx;
  double half = none;
  if (x.size() > 2) {
    const double rest = std::max(yy - slope * xy, 0.0);
    half = student_t(confidence, n - 2) * std::sqrt(rest / (n - 2) / xx);
  }
  return {
      {slope, slope - half, slope + half}, mean_y - slope * mean_x, yy > 0 ? slope * xy / yy : 1.0};
}

double growth_rate(const std::vector<double>& log_mean, int first_lag, int last_lag) {
  first_lag = std::max(first_lag, 1);
  last_lag = std::min(last_lag, static_cast<int>(log_mean.size()));
  std::vector<double> lags, logs;
  for (int lag = first_lag; lag <= last_lag; ++lag) {
    lags.push_back(lag);
    logs.push_back(log_mean[static_cast<std::size_t>(lag - 1)]);
  }
  return std::exp(fit_line(lags, logs, 0.5).slope.value);
}

LagRange growth_lags(int samples) {
  return {samples * 100 / 1140, std::max(samples * 800 / 1140, 1)};
}

}  // namespace phigrad
