#include "host/statistics/spread.hpp"

#include <algorithm>
#include <cmath>

namespace phigrad {

double Spread::standard_error() const { return sd / std::sqrt(count); }

Spread spread_of(const std::vector<double>& values) {
  double sum = 0;
  int n = 0;
  for (const double v : values) {
    if (!std::isfinite(v)) continue;
    sum += v;
    ++n;
  }
  if (n == 0) return {std::nan(""), std::nan(""), 0};
  const double mean = sum / n;
  double squares = 0, widest = 0;
  for (const double v : values) {
    if (!std::isfinite(v)) continue;
    squares += (v - mean) * (v - mean);
    widest = std::max(widest, std::abs(v - mean));
  }
  // What the rounding of the mean makes of equal values is no spread.
  const bool equal = widest <= 1e-14 * std::abs(mean);
  return {mean, n > 1 && !equal ? std::sqrt(squares / (n - 1)) : 0.0, n};
}

Estimate mean_estimate(const std::vector<double>& values, double confidence) {
  const Spread s = spread_of(values);
  if (s.count < 2) return {s.mean, std::nan(""), std::nan("")};
  const double half = student_t(confidence, s.count - 1) * s.standard_error();
  return {s.mean, s.mean - half, s.mean + half};
}

}  // namespace phigrad
