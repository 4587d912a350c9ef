#include "host/statistics/jackknife.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <vector>

namespace phigrad {

double student_t(double confidence, double degrees_of_freedom) {
  const boost::math::students_t distribution(degrees_of_freedom);
  return boost::math::quantile(boost::math::complement(distribution, (1 - confidence) / 2));
}

Estimate Jackknife::operator()(const std::function<double(std::optional<int> left_out)>& statistic,
                               Scale scale) const {
  const auto scaled = [scale](double v) { return scale == Scale::linear ? v : std::log(v); };
  const double value = statistic(std::nullopt);
  std::vector<double> parts;
  double mean = 0;
  for (int g = 0; g < groups_; ++g) {
    parts.push_back(scaled(statistic(g)));
    mean += parts.back() / groups_;
  }
  double squares = 0;
  for (const double part : parts) squares += (part - mean) * (part - mean);
  const double half =
      student_t(confidence_, groups_ - 1) * std::sqrt(squares * (groups_ - 1) / groups_);
  if (!std::isfinite(half)) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    return {value, none, none};
  }
  if (scale == Scale::linear) return {value, value - half, value + half};
  return {value, value * std::exp(-half), value * std::exp(half)};
}

}  // namespace phigrad
