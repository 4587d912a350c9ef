// Mean and variance of one cell's gradient from the sums of its groups, whole or less one group.
#pragma once

#include <optional>
#include <vector>

#include "host/study/study_sums.hpp"

namespace phigrad {

/// The exact difference: what is left of a sum without a part of it.
ExactSum without(const ExactSum& whole, const ExactSum& part);
GradientSum without(const GradientSum& whole, const GradientSum& part);

class GradientStatistics {
 public:
  /// Of policies first … first + groups − 1.
  GradientStatistics(const GradientSums& sums, int first, int groups);

  std::int64_t used() const { return used_; }
  /// [np]
  std::vector<double> mean(std::optional<int> left_out = std::nullopt) const;
  /// Trace of the covariance of one trajectory's gradient, unbiased.
  double variance(std::optional<int> left_out = std::nullopt) const;

 private:
  GradientSum rest(std::size_t parameter, std::optional<int> left_out) const;
  std::int64_t count(std::optional<int> left_out) const;

  const GradientSums& sums_;
  std::size_t first_, parameters_;
  std::vector<GradientSum> whole_;  // [np]
  std::int64_t used_ = 0;
};

/// Euclidean.
double norm_of(const std::vector<double>& v);
/// Cosine of the angle between two vectors; NaN where one is zero.
double cosine_of(const std::vector<double>& a, const std::vector<double>& b);
std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace phigrad
