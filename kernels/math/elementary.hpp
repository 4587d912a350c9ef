// sin, cos, exp, log, tanh, atan2 for float, double and lanes of both, on host and device: one
// text, every product that feeds a sum an explicit fma, no tables and no branches, so that a lane,
// a scalar with FMA hardware and a CUDA thread give the same bits. Dual and ComplexStep bring their
// own.
#pragma once

#include "kernels/math/elementary_coefficients.hpp"
#include "kernels/math/lanes.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Reals that this file's functions are written for.
template <class Real>
using enable_plain = std::enable_if_t<is_plain_v<Real>, int>;

namespace elementary {

/// Steps on the IEEE pattern, by precision. `Magic` is 1.5·2^(mantissa bits): adding it to x rounds
/// x to a whole number and leaves that number in the low bits of the sum.
template <class Scalar>
struct Format;

template <>
struct Format<float> {
  static constexpr int mantissa_bits = 23;
  static constexpr std::uint32_t one = 1;
  static constexpr std::uint32_t sign_shift = 31;
  static constexpr float magic = 12582912.0F;
  static constexpr float bias = 127.0F;
};

template <>
struct Format<double> {
  static constexpr int mantissa_bits = 52;
  static constexpr std::uint64_t one = 1;
  static constexpr std::uint64_t sign_shift = 63;
  static constexpr double magic = 6755399441055744.0;
  static constexpr double bias = 1023.0;
};

template <class Real>
PHI_HD Real flip_sign(const Real& x, const typename RealTraits<Real>::Bits& sign) {
  return from_bits<Real>(to_bits(x) ^ sign);
}

/// The sign bit of x alone, in place.
template <class Real>
PHI_HD typename RealTraits<Real>::Bits sign_of(const Real& x) {
  using F = Format<scalar_t<Real>>;
  return to_bits(x) & (F::one << F::sign_shift);
}

/// exp(x) = 2 half_scale (1 + e): e = exp(r) - 1, half_scale = 2^(k-1), x = k ln 2 + r. The
/// interval of r,
/// [-0.2, ln 2 - 0.2], lies lopsided about 0: below 1/2, where r has its finest rounding, and with
/// little cancellation in 2^k (1 + e) - 1, which tanh needs.
template <class Real>
PHI_HD void reduced_expm1(const Real& x, Real& e, Real& half_scale) {
  using S = scalar_t<Real>;
  using F = Format<S>;
  using C = ExpCoefficients<S>;
  constexpr S offset = F::magic + F::bias - S(1);
  const Real shifted = fma(x - Real(C::r_mid), Real(C::log2_e), Real(offset));
  const Real k = shifted - Real(offset);
  const Real r = fma(-k, Real(C::ln2_lo), fma(-k, Real(C::ln2_hi), x));
  e = fma(r * r, C::tail(r), r);
  half_scale = from_bits<Real>(to_bits(shifted) << F::mantissa_bits);
}

}  // namespace elementary

/// Sine and cosine of x [rad] together, by Cody & Waite reduction to |r| <= π/4 with x = k π/2 + r.
/// Made for |x| <= 1e5; good to 4 ulp at 1e6; beyond, the angle is held at ±1e6 (a phase that far
/// out has lost its meaning in float). Infinities and NaN give NaN; sin(±0) = ±0.
template <class Real, enable_plain<Real> = 0>
PHI_HD void sincos(const Real& x, Real& sine, Real& cosine) {
  using S = scalar_t<Real>;
  using F = elementary::Format<S>;
  using C = SinCosCoefficients<S>;
  const Real magnitude = abs(x);
  const Real a = min(Real(C::x_max), magnitude);
  const Real shifted = fma(a, Real(C::two_over_pi), Real(F::magic));
  const Real k = shifted - Real(F::magic);
  const Real nonfinite = magnitude * Real(S(0));  // 0, or NaN for an infinity
  Real s, c;
  if constexpr (std::is_same_v<S, float>) {
    // The last part is below half an ulp of r, so that r is all but correctly rounded.
    const Real t = fma(-k, Real(C::half_pi_1), a);  // exact
    const Real r = fma(-k, Real(C::half_pi_3), fma(-k, Real(C::half_pi_2), t));
    const Real z = fma(r, r, nonfinite);
    s = fma(z * r, C::sine(z), r);
    c = fma(z, fma(z, C::cosine(z), Real(S(-0.5))), Real(S(1)));
  } else {
    const Real t = fma(-k, Real(C::half_pi_1), a);  // exact
    const Real r = fma(-k, Real(C::half_pi_2), t);
    const Real rest = fma(-k, Real(C::half_pi_3), fma(-k, Real(C::half_pi_2), t - r));
    const Real z = fma(r, r, nonfinite);
    s = r + fma(z * r, C::sine(z), rest);
    c = Real(S(1)) + fma(z, fma(z, C::cosine(z), Real(S(-0.5))), -r * rest);
  }
  const auto quadrant = to_bits(shifted);
  const mask_t<Real> even((quadrant & F::one) == 0);
  const auto sine_sign = ((quadrant >> F::one) << F::sign_shift) ^ elementary::sign_of(x);
  const auto cosine_sign = ((quadrant + F::one) >> F::one) << F::sign_shift;
  sine = elementary::flip_sign(select(even, s, c), sine_sign);
  cosine = elementary::flip_sign(select(even, c, s), cosine_sign);
}

template <class Real, enable_plain<Real> = 0>
PHI_HD Real sin(const Real& x) {
  Real sine, cosine;
  sincos(x, sine, cosine);
  return sine;
}

template <class Real, enable_plain<Real> = 0>
PHI_HD Real cos(const Real& x) {
  Real sine, cosine;
  sincos(x, sine, cosine);
  return cosine;
}

/// e^x. Overflow gives infinity; results below 1.7 times the smallest normal number, and so all
/// denormals, give +0; exp(NaN) is NaN.
template <class Real, enable_plain<Real> = 0>
PHI_HD Real exp(const Real& x) {
  using S = scalar_t<Real>;
  using C = ExpCoefficients<S>;
  Real e, half_scale;
  elementary::reduced_expm1(clamp(x, Real(C::x_min), Real(C::x_max)), e, half_scale);
  return fma(Real(S(2)), e, Real(S(2))) * half_scale;
}

/// tanh x = u / (u + 1), u = (exp(2|x|) - 1) / 2, with one step that takes back the rounding of the
/// denominator and of the division: accurate relative to itself however small x; ±1 exactly once
/// |x| rounds there; tanh(±0) = ±0, tanh(NaN) = NaN.
template <class Real, enable_plain<Real> = 0>
PHI_HD Real tanh(const Real& x) {
  using S = scalar_t<Real>;
  const Real magnitude = min(Real(ExpCoefficients<S>::tanh_is_one), abs(x));
  Real e, half_scale;
  elementary::reduced_expm1(magnitude + magnitude, e, half_scale);
  const Real u = fma(half_scale, e, half_scale - Real(S(0.5)));
  const Real inverse = Real(S(1)) / (u + Real(S(1)));
  const Real quotient = u * inverse;
  const Real remainder = fma(-quotient, u, u - quotient);
  return copysign(fma(remainder, inverse, quotient), x);
}

/// The angle of (x, y) [rad], in (-π, π]: atan2(±0, +x) = ±0, atan2(±0, -x) = ±π, atan2(0, 0) = 0
/// and atan2(0, -0) = π as in C. NaN where an argument is, and where both are infinite.
template <class Real, enable_plain<Real> = 0>
PHI_HD Real atan2(const Real& y, const Real& x) {
  using S = scalar_t<Real>;
  using F = elementary::Format<S>;
  using C = AtanCoefficients<S>;
  const Real ax = abs(x);
  const Real ay = abs(y);
  const mask_t<Real> steep = ay > ax;
  const mask_t<Real> backward((to_bits(x) >> F::sign_shift) != 0);
  const Real larger = select(steep, ay, ax);
  const Real smaller = select(steep, ax, ay);
  const Real ratio = smaller / select(larger == Real(S(0)), Real(S(1)), larger);
  const Real turn = select(steep, Real(C::half_pi), select(backward, Real(C::pi), Real(S(0))));
  const Real t = elementary::flip_sign(ratio, elementary::sign_of(select(steep, -x, x)));
  const Real z = t * t;
  const Real low = fma(z * t, C::tail(z), turn * Real(C::pi_rest));
  return copysign(turn + (t + low), y);
}

/// The natural logarithm: log(0) = -infinity, NaN below zero, log(infinity) = infinity. Denormal
/// arguments count as zero.
template <class Real, enable_plain<Real> = 0>
PHI_HD Real log(const Real& x) {
  using S = scalar_t<Real>;
  using F = elementary::Format<S>;
  using C = LogCoefficients<S>;
  // m in [√½, √2) and k with x = 2^k m, from the pattern alone.
  const auto offset_bits = to_bits(x) + C::sqrt_half_to_one;
  const auto exponent = offset_bits >> F::mantissa_bits;  // k + bias
  const Real k = from_bits<Real>(exponent + to_bits(Real(F::magic))) - Real(F::magic + F::bias);
  const Real m = from_bits<Real>((offset_bits & C::mantissa_mask) + C::sqrt_half_bits);
  const Real f = m - Real(S(1));
  const Real half = Real(S(0.5)) * f;
  const Real s = f / (f + Real(S(2)));
  const Real z = s * s;
  const Real low = fma(s, fma(half, f, z * C::tail(z)), k * Real(ExpCoefficients<S>::ln2_lo));
  const Real y = fma(k, Real(ExpCoefficients<S>::ln2_hi), f + fma(-half, f, low));
  const Real no_logarithm = select(abs(x) < Real(C::smallest), Real(-FloatLimits<S>::infinity),
                                   Real(FloatLimits<S>::nan));
  const Real special = select(x > Real(FloatLimits<S>::largest), x, no_logarithm);
  return select((x >= Real(C::smallest)) & (x <= Real(FloatLimits<S>::largest)), y, special);
}

/// √(x² + y²) without the guard against overflow of the squares.
template <class Real>
PHI_HD Real hypot(const Real& x, const Real& y) {
  return sqrt(fma(x, x, y * y));
}

/// `angle` shifted by whole turns [rad], so that it lies within π of `reference`.
template <class Real>
PHI_HD Real wrap_near(const Real& angle, const Real& reference) {
  using S = scalar_t<Real>;
  const Real turns = round_nearest((angle - reference) * Real(S(0.5) / pi_v<S>));
  return fma(-turns, Real(S(2) * pi_v<S>), angle);
}

}  // namespace PHI_ISA
}  // namespace phigrad
