// Complex-step derivatives, the oracle of the derivative tests: evaluate at x + i h with h = 1e-200
// or so and the imaginary part of the result is h f'(x), without cancellation. Squire & Trapp, SIAM
// Review 40 (1998). The functions below are those of scalar.hpp and elementary.hpp, from the
// standard library, exact to first order in the imaginary part: comparisons, selects and steps
// follow the real part. Host only.
#pragma once

#include "kernels/math/elementary.hpp"

#if !defined(__CUDACC__)

#include <cmath>
#include <complex>

namespace phigrad {
inline namespace PHI_ISA {

struct ComplexStep;

template <>
struct RealTraits<ComplexStep> {
  using Scalar = double;
  using Mask = bool;
  static constexpr int width = 1;
  static constexpr bool plain = false;
};

/// x + i h, in double.
struct ComplexStep {
  std::complex<double> z;

  ComplexStep() = default;
  ComplexStep(double real) : z(real, 0.0) {}
  template <class A,
            std::enable_if_t<std::is_arithmetic_v<A> && !std::is_same_v<A, double>, int> = 0>
  explicit ComplexStep(A real) : z(static_cast<double>(real), 0.0) {}
  ComplexStep(double real, double imaginary) : z(real, imaginary) {}
  explicit ComplexStep(std::complex<double> value_and_step) : z(value_and_step) {}

  double re() const { return z.real(); }
  double im() const { return z.imag(); }

  friend ComplexStep operator+(ComplexStep a) { return a; }
  friend ComplexStep operator-(ComplexStep a) { return ComplexStep(-a.z); }
  friend ComplexStep operator+(ComplexStep a, ComplexStep b) { return ComplexStep(a.z + b.z); }
  friend ComplexStep operator-(ComplexStep a, ComplexStep b) { return ComplexStep(a.z - b.z); }
  friend ComplexStep operator*(ComplexStep a, ComplexStep b) { return ComplexStep(a.z * b.z); }
  /// First order by hand: the library divides through |b|², which may overflow where a/b does not.
  friend ComplexStep operator/(ComplexStep a, ComplexStep b) {
    const double quotient = a.re() / b.re();
    return {quotient, (a.im() - quotient * b.im()) / b.re()};
  }
  ComplexStep& operator+=(ComplexStep b) { return *this = *this + b; }
  ComplexStep& operator-=(ComplexStep b) { return *this = *this - b; }
  ComplexStep& operator*=(ComplexStep b) { return *this = *this * b; }
  ComplexStep& operator/=(ComplexStep b) { return *this = *this / b; }

  friend bool operator<(ComplexStep a, ComplexStep b) { return a.re() < b.re(); }
  friend bool operator>(ComplexStep a, ComplexStep b) { return a.re() > b.re(); }
  friend bool operator<=(ComplexStep a, ComplexStep b) { return a.re() <= b.re(); }
  friend bool operator>=(ComplexStep a, ComplexStep b) { return a.re() >= b.re(); }
  friend bool operator==(ComplexStep a, ComplexStep b) { return a.re() == b.re(); }
  friend bool operator!=(ComplexStep a, ComplexStep b) { return a.re() != b.re(); }

  friend ComplexStep select(bool mask, ComplexStep a, ComplexStep b) { return mask ? a : b; }
  friend ComplexStep fma(ComplexStep a, ComplexStep b, ComplexStep c) { return a * b + c; }
  friend ComplexStep min(ComplexStep a, ComplexStep b) { return a < b ? a : b; }
  friend ComplexStep max(ComplexStep a, ComplexStep b) { return a > b ? a : b; }
  friend ComplexStep clamp(ComplexStep x, ComplexStep lo, ComplexStep hi) {
    return min(hi, max(lo, x));
  }
  friend ComplexStep abs(ComplexStep x) { return x.re() < 0.0 ? -x : x; }
  friend ComplexStep copysign(ComplexStep magnitude, ComplexStep sign) {
    return std::signbit(magnitude.re()) == std::signbit(sign.re()) ? magnitude : -magnitude;
  }
  friend ComplexStep floor(ComplexStep x) { return {std::floor(x.re())}; }
  friend ComplexStep round_nearest(ComplexStep x) { return {std::nearbyint(x.re())}; }
  friend bool is_finite(ComplexStep x) { return std::isfinite(x.re()) && std::isfinite(x.im()); }
  friend double value(ComplexStep x) { return x.re(); }

  friend ComplexStep sqrt(ComplexStep x) { return ComplexStep(std::sqrt(x.z)); }
  friend ComplexStep sin(ComplexStep x) { return ComplexStep(std::sin(x.z)); }
  friend ComplexStep cos(ComplexStep x) { return ComplexStep(std::cos(x.z)); }
  friend ComplexStep exp(ComplexStep x) { return ComplexStep(std::exp(x.z)); }
  friend ComplexStep tanh(ComplexStep x) { return ComplexStep(std::tanh(x.z)); }
  friend ComplexStep log(ComplexStep x) { return {std::log(x.re()), x.im() / x.re()}; }
  friend void sincos(ComplexStep x, ComplexStep& sine, ComplexStep& cosine) {
    sine = sin(x);
    cosine = cos(x);
  }
  friend ComplexStep atan2(ComplexStep y, ComplexStep x) {
    const double square = x.re() * x.re() + y.re() * y.re();
    const double cross = x.re() * y.im() - y.re() * x.im();
    return {std::atan2(y.re(), x.re()), square == 0.0 ? 0.0 : cross / square};
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
#endif
