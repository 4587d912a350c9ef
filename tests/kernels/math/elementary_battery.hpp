// The accuracy of elementary.hpp over its whole domain, for scalars with and without FMA hardware:
// included by the test of each. The bounds are the measured maxima of 10^7 samples, rounded up.
#pragma once

#include <gtest/gtest.h>

#include "kernels/math/elementary.hpp"
#include "tests/kernels/math/ulp.hpp"

namespace phigrad {
inline namespace PHI_ISA {

constexpr int battery_samples = 200000;

template <class S>
struct AccuracyBounds {
  double sincos, exp, log, tanh, atan2;  // ulp
};

template <class S>
constexpr AccuracyBounds<S> stated_bounds() {
  if constexpr (sizeof(S) == 4) return {1.6, 1.2, 0.8, 1.72, 1.55};
#if defined(__FMA__) || defined(__aarch64__)
  return {1.25, 1.2, 0.8, 1.72, 1.95};
#else  // a double without FMA hardware rounds twice at each step
  return {1.45, 1.2, 0.9, 2.2, 2.35};
#endif
}

template <class S, class Function, class Reference>
void expect_ulp(const char* name, const std::vector<S>& samples, Function function,
                Reference reference, double bound) {
  const UlpStatistics found = ulp_statistics(samples, function, reference);
  EXPECT_LE(found.max, bound) << name << ", worst at " << found.worst_at;
  EXPECT_LE(found.mean, 0.5) << name;
  EXPECT_GT(found.max, 0.4) << name << ": a rounded function cannot be this exact";
}

template <class S>
void check_accuracy() {
  constexpr AccuracyBounds<S> bound = stated_bounds<S>();
  const int n = battery_samples;
  constexpr bool single = sizeof(S) == 4;
  const auto sine = [](S x) { return sin(x); };
  const auto cosine = [](S x) { return cos(x); };
  const auto exact_sine = [](long double x) { return std::sin(x); };
  const auto exact_cosine = [](long double x) { return std::cos(x); };
  expect_ulp("sin near 0", linear_samples<S>(-1, 1, n), sine, exact_sine, bound.sincos);
  expect_ulp("sin", linear_samples<S>(-20, 20, n), sine, exact_sine, bound.sincos);
  expect_ulp("sin wide", logarithmic_samples<S>(1e-3, 1e5, n), sine, exact_sine, bound.sincos);
  expect_ulp("cos near 0", linear_samples<S>(-1, 1, n), cosine, exact_cosine, bound.sincos);
  expect_ulp("cos", linear_samples<S>(-20, 20, n), cosine, exact_cosine, bound.sincos);
  expect_ulp("cos wide", logarithmic_samples<S>(1e-3, 1e5, n), cosine, exact_cosine, bound.sincos);

  expect_ulp("sin far", logarithmic_samples<S>(1e5, 1e6, n), sine, exact_sine, 4.5);
  expect_ulp("cos far", logarithmic_samples<S>(1e5, 1e6, n), cosine, exact_cosine, 4.5);

  const auto exponential = [](S x) { return exp(x); };
  const auto exact_exponential = [](long double x) { return std::exp(x); };
  expect_ulp("exp near 0", linear_samples<S>(-1, 1, n), exponential, exact_exponential, bound.exp);
  expect_ulp("exp wide", linear_samples<S>(single ? -86.8 : -707.9, single ? 88.72 : 709.78, n),
             exponential, exact_exponential, bound.exp);

  const auto tangent = [](S x) { return tanh(x); };
  const auto exact_tangent = [](long double x) { return std::tanh(x); };
  expect_ulp("tanh", linear_samples<S>(-2, 2, n), tangent, exact_tangent, bound.tanh);
  expect_ulp("tanh wide", logarithmic_samples<S>(1e-4, 30, n), tangent, exact_tangent, bound.tanh);

  const auto logarithm = [](S x) { return log(abs(x)); };
  const auto exact_logarithm = [](long double x) { return std::log(std::fabs(x)); };
  expect_ulp("log near 1", linear_samples<S>(0.5, 2, n), logarithm, exact_logarithm, bound.log);
  expect_ulp("log wide", logarithmic_samples<S>(single ? 1e-37 : 1e-307, single ? 1e38 : 1e308, n),
             logarithm, exact_logarithm, bound.log);

  for (const S other : {S(1), S(-1), S(0.37), S(-41)}) {
    const auto exact_other = static_cast<long double>(other);
    const auto samples = logarithmic_samples<S>(1e-3, 1e3, n);
    expect_ulp(
        "atan2(y, const)", samples, [other](S y) { return atan2(y, other); },
        [exact_other](long double y) { return std::atan2(y, exact_other); }, bound.atan2);
    expect_ulp(
        "atan2(const, x)", samples, [other](S x) { return atan2(other, x); },
        [exact_other](long double x) { return std::atan2(exact_other, x); }, bound.atan2);
  }
}

}  // namespace PHI_ISA
}  // namespace phigrad
