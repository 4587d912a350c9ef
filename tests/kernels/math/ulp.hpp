// Errors in units in the last place against long double (64 bits of mantissa on x86, 113 on
// aarch64), and samples that reach every scale.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/math/scalar.hpp"

namespace phigrad {
inline namespace PHI_ISA {

template <class S>
constexpr int mantissa_digits = sizeof(S) == 4 ? 24 : 53;

/// |got - exact| in ulps of S at the exact value; infinite where either is not finite.
template <class S>
double ulp_error(S got, long double exact) {
  int exponent = 0;
  std::frexp(static_cast<double>(exact), &exponent);
  const long double ulp = std::ldexp(1.0L, exponent - mantissa_digits<S>);
  const long double error = std::fabs(static_cast<long double>(got) - exact) / ulp;
  return error <= 1e30L ? static_cast<double>(error) : HUGE_VAL;
}

struct UlpStatistics {
  double max = 0.0;
  double mean = 0.0;
  double worst_at = 0.0;
};

template <class S, class Function, class Reference>
UlpStatistics ulp_statistics(const std::vector<S>& samples, Function function,
                             Reference reference) {
  UlpStatistics result;
  for (const S x : samples) {
    const double error = ulp_error(function(x), reference(static_cast<long double>(x)));
    result.mean += error / static_cast<double>(samples.size());
    if (error > result.max) {
      result.max = error;
      result.worst_at = static_cast<double>(x);
    }
  }
  return result;
}

/// Evenly spread over [lo, hi].
template <class S>
std::vector<S> linear_samples(double lo, double hi, int count) {
  std::mt19937_64 generator(20240517);
  std::uniform_real_distribution<double> uniform(lo, hi);
  std::vector<S> samples(static_cast<std::size_t>(count));
  for (S& x : samples) x = static_cast<S>(uniform(generator));
  return samples;
}

/// Magnitudes evenly spread in their logarithm over [lo, hi], every other one negative.
template <class S>
std::vector<S> logarithmic_samples(double lo, double hi, int count) {
  std::vector<S> samples = linear_samples<S>(0.0, 1.0, count);
  S sign = S(1);
  for (S& x : samples) {
    const double exponent = std::log(lo) + static_cast<double>(x) * (std::log(hi) - std::log(lo));
    x = sign * static_cast<S>(std::min(std::exp(exponent), hi));
    sign = -sign;
  }
  return samples;
}

}  // namespace PHI_ISA
}  // namespace phigrad
