#include "host/study/gradient_statistics.hpp"

#include <algorithm>
#include <cmath>

#include "host/statistics/exact_value.hpp"

namespace phigrad {

ExactSum without(const ExactSum& whole, const ExactSum& part) {
  ExactSum negative = part;
  for (std::int64_t& digit : negative.digit) digit = -digit;
  ExactSum rest = whole;
  merge(rest, negative);
  return rest;
}

GradientSum without(const GradientSum& whole, const GradientSum& part) {
  return {without(whole.sum, part.sum), without(whole.squares, part.squares)};
}

GradientStatistics::GradientStatistics(const GradientSums& sums, int first, int groups)
    : sums_(sums),
      first_(static_cast<std::size_t>(first)),
      parameters_(sums.sums.size() / sums.used.size()),
      whole_(parameters_) {
  for (std::size_t p = first_; p < first_ + static_cast<std::size_t>(groups); ++p) {
    used_ += sums.used[p];
    for (std::size_t i = 0; i < parameters_; ++i) {
      merge(whole_[i].sum, sums.sums[p * parameters_ + i].sum);
      merge(whole_[i].squares, sums.sums[p * parameters_ + i].squares);
    }
  }
}

GradientSum GradientStatistics::rest(std::size_t parameter, std::optional<int> left_out) const {
  if (!left_out) return whole_[parameter];
  const std::size_t p = first_ + static_cast<std::size_t>(*left_out);
  return without(whole_[parameter], sums_.sums[p * parameters_ + parameter]);
}

std::int64_t GradientStatistics::count(std::optional<int> left_out) const {
  return left_out ? used_ - sums_.used[first_ + static_cast<std::size_t>(*left_out)] : used_;
}

std::vector<double> GradientStatistics::mean(std::optional<int> left_out) const {
  std::vector<double> mean;
  for (std::size_t i = 0; i < parameters_; ++i) {
    mean.push_back(moments(rest(i, left_out), count(left_out)).mean);
  }
  return mean;
}

double GradientStatistics::variance(std::optional<int> left_out) const {
  double trace = 0;
  for (std::size_t i = 0; i < parameters_; ++i) {
    trace += moments(rest(i, left_out), count(left_out)).variance;
  }
  return trace;
}

double norm_of(const std::vector<double>& v) {
  double squares = 0;
  for (const double x : v) squares += x * x;
  return std::sqrt(squares);
}

double cosine_of(const std::vector<double>& a, const std::vector<double>& b) {
  double product = 0;
  for (std::size_t i = 0; i < a.size(); ++i) product += a[i] * b[i];
  return product / (norm_of(a) * norm_of(b));
}

std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> d(a.size());
  std::transform(a.begin(), a.end(), b.begin(), d.begin(),
                 [](double x, double y) { return x - y; });
  return d;
}

}  // namespace phigrad
