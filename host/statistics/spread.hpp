// Mean and standard deviation of independent values, of seeds for instance.
#pragma once

#include <vector>

#include "host/statistics/jackknife.hpp"

namespace phigrad {

/// Of the values that are finite; NaN without any.
struct Spread {
  double mean = 0;
  double sd = 0;  // unbiased; 0 of one value
  int count = 0;

  double standard_error() const;
};
Spread spread_of(const std::vector<double>& values);

/// The mean with Student's interval; NaN ends with fewer than two finite values.
Estimate mean_estimate(const std::vector<double>& values, double confidence);

}  // namespace phigrad
