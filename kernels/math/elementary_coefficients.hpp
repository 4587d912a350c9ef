// Coefficients and constants of elementary.hpp, fitted for it: Remez exchange in 60 digits on the
// relative error of the function, then rounded to the precision (for float one coefficient after
// the other, refitting the rest). `max` is the largest relative error of the rounded polynomial in
// exact arithmetic.
#pragma once

#include "kernels/math/lanes.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// c0 + c1 z + c2 z² + ...: even and odd powers apart, two chains of half the latency of Horner's
/// one.
template <class Real>
PHI_HD Real polynomial_step(const Real&, scalar_t<Real> c0) {
  return Real(c0);
}
template <class Real>
PHI_HD Real polynomial_step(const Real&, scalar_t<Real> c0, scalar_t<Real>) {
  return Real(c0);
}
template <class Real, class... Rest>
PHI_HD Real polynomial_step(const Real& z2, scalar_t<Real> c0, scalar_t<Real>, Rest... rest) {
  return fma(polynomial_step(z2, rest...), z2, Real(c0));
}
template <class Real, class... Rest>
PHI_HD Real polynomial(const Real& z, scalar_t<Real> c0, scalar_t<Real> c1, Rest... rest) {
  const Real z2 = z * z;
  const Real odd = polynomial_step(z2, c1, rest..., scalar_t<Real>(0));
  return fma(odd, z, polynomial_step(z2, c0, c1, rest...));
}

/// sin r = r + r³ sine(r²), cos r = 1 - r²/2 + r⁴ cosine(r²) on |r| <= 0.79 (π/4 and the rounding
/// of k). π/2 = half_pi_1 + half_pi_2 + half_pi_3 to 2^-76 (float) or 2^-122 (double); in double
/// the first two have 33 bits, so that their products with k < 2^20 are exact even without FMA. The
/// angle is held at ±x_max beyond it.
template <class Scalar>
struct SinCosCoefficients;

template <>
struct SinCosCoefficients<float> {
  static constexpr float x_max = 1e6F;
  static constexpr float two_over_pi = 0x1.45f306p-1F;
  static constexpr float half_pi_1 = 0x1.921fb6p+0F;
  static constexpr float half_pi_2 = -0x1.777a5cp-25F;
  static constexpr float half_pi_3 = -0x1.ee59dap-50F;
  // max 2^-27.84
  template <class Real>
  PHI_HD static Real sine(const Real& z) {
    return polynomial(z, -0x1.555544p-3F, 0x1.1106c6p-7F, -0x1.991c26p-13F);
  }
  // max 2^-32.86
  template <class Real>
  PHI_HD static Real cosine(const Real& z) {
    return polynomial(z, 0x1.55554ap-5F, -0x1.6c0c1ep-10F, 0x1.99e336p-16F);
  }
};

template <>
struct SinCosCoefficients<double> {
  static constexpr double x_max = 1e6;
  static constexpr double two_over_pi = 0x1.45f306dc9c883p-1;
  static constexpr double half_pi_1 = 0x1.921fb544p+0;
  static constexpr double half_pi_2 = 0x1.0b4611a6p-34;
  static constexpr double half_pi_3 = 0x1.3198a2e037073p-69;
  // max 2^-56.17
  template <class Real>
  PHI_HD static Real sine(const Real& z) {
    return polynomial(z, -0x1.5555555555547p-3, 0x1.111111110f64ap-7, -0x1.a01a019bcb759p-13,
                      0x1.71de353abd369p-19, -0x1.ae5e3653b4babp-26, 0x1.5d850fbbd9b06p-33);
  }
  // max 2^-61.48
  template <class Real>
  PHI_HD static Real cosine(const Real& z) {
    return polynomial(z, 0x1.555555555554ap-5, -0x1.6c16c16c14dd4p-10, 0x1.a01a019c57d50p-16,
                      -0x1.27e4f7c9fc144p-22, 0x1.1ee9c100fd9a6p-29, -0x1.8f98a44011dedp-37);
  }
};

/// exp(r) - 1 = r + r² tail(r) on -0.202 <= r <= 0.4952 ([-0.2, ln2 - 0.2] and the rounding of k),
/// error relative to exp(r) - 1. ln 2 = ln2_hi + ln2_lo, the first with trailing zeros so that k
/// ln2_hi is exact without FMA. Arguments are held within [x_min, x_max], where the result is
/// already 0 or infinite.
template <class Scalar>
struct ExpCoefficients;

template <>
struct ExpCoefficients<float> {
  static constexpr float x_min = -87.5F;
  static constexpr float x_max = 89.0F;
  static constexpr float tanh_is_one = 9.5F;
  static constexpr float r_mid = 0.14657359F;
  static constexpr float log2_e = 0x1.715476p+0F;
  static constexpr float ln2_hi = 0x1.62e4p-1F;
  static constexpr float ln2_lo = 0x1.7f7d1cp-20F;
  // max 2^-26.10
  template <class Real>
  PHI_HD static Real tail(const Real& z) {
    return polynomial(z, 0x1.000004p-1F, 0x1.5555fap-3F, 0x1.5541eap-5F, 0x1.1045e6p-7F,
                      0x1.9aed62p-10F);
  }
};

template <>
struct ExpCoefficients<double> {
  static constexpr double x_min = -708.5;
  static constexpr double x_max = 710.0;
  static constexpr double tanh_is_one = 20.0;
  static constexpr double r_mid = 0.14657359027997265;
  static constexpr double log2_e = 0x1.71547652b82fep+0;
  static constexpr double ln2_hi = 0x1.62e42ffp-1;
  static constexpr double ln2_lo = -0x1.718432a1b0e26p-35;
  // max 2^-55.10
  template <class Real>
  PHI_HD static Real tail(const Real& z) {
    return polynomial(z, 0x1.fffffffffffffp-2, 0x1.5555555555420p-3, 0x1.55555555560e4p-5,
                      0x1.111111119c3ecp-7, 0x1.6c16c15e17408p-10, 0x1.a019fd6588064p-13,
                      0x1.a01aa1a242872p-16, 0x1.71e356951188fp-19, 0x1.25e7a30d71ae3p-22,
                      0x1.eb9918a79fdd2p-26);
  }
};

/// atan t = t + t³ tail(t²) on 0 <= t <= 1. π = pi (1 + pi_rest).
template <class Scalar>
struct AtanCoefficients;

template <>
struct AtanCoefficients<float> {
  static constexpr float half_pi = 0x1.921fb6p+0F;
  static constexpr float pi = 0x1.921fb6p+1F;
  static constexpr float pi_rest = -0x1.de12cap-26F;
  // max 2^-28.19
  template <class Real>
  PHI_HD static Real tail(const Real& z) {
    const Real rest =
        polynomial(z, 0x1.9991e4p-3F, -0x1.2420aap-3F, 0x1.c0934ap-4F, -0x1.5835dep-4F,
                   0x1.db2244p-5F, -0x1.0015bep-5F, 0x1.67c734p-7F, -0x1.db1a04p-10F);
    return fma(rest, z, Real(-0x1.55553ep-2F));
  }
};

template <>
struct AtanCoefficients<double> {
  static constexpr double half_pi = 0x1.921fb54442d18p+0;
  static constexpr double pi = 0x1.921fb54442d18p+1;
  static constexpr double pi_rest = 0x1.678afae35cdd1p-55;
  // max 2^-55.30
  template <class Real>
  PHI_HD static Real tail(const Real& z) {
    const Real rest = polynomial(
        z, -0x1.249249237e1dfp-3, 0x1.c71c717f9369fp-4, -0x1.745d11aae105cp-4, 0x1.3b136675425e3p-4,
        -0x1.110e501776618p-4, 0x1.e1bb9ae390457p-5, -0x1.ae5e43443cbfdp-5, 0x1.82da410fb5b8fp-5,
        -0x1.59a28bbcca982p-5, 0x1.2c2b8fe9c41b7p-5, -0x1.e9f197dbd6bccp-6, 0x1.6832d5e5abba5p-6,
        -0x1.c77dc6eda4442p-7, 0x1.d7a085dacb965p-8, -0x1.7a210dd4eb873p-9, 0x1.b3d9212d8679ap-11,
        -0x1.3f19eb335c416p-13, 0x1.bbc146c6815d3p-17);
    return fma(fma(rest, z, Real(0x1.9999999995546p-3)), z, Real(-0x1.5555555555526p-2));
  }
};

/// log((1 + s)/(1 - s)) = 2s + s³ tail(s²) on |s| <= 0.1717, where (1 + s)/(1 - s) spans [√½, √2].
/// The patterns split x into 2^k m with m there: see log.
template <class Scalar>
struct LogCoefficients;

template <>
struct LogCoefficients<float> {
  static constexpr float smallest = 0x1p-126F;
  static constexpr std::uint32_t sqrt_half_bits = 0x3f3504f3;
  static constexpr std::uint32_t sqrt_half_to_one = 0x3f800000 - 0x3f3504f3;
  static constexpr std::uint32_t mantissa_mask = 0x007fffff;
  // max 2^-30.19
  template <class Real>
  PHI_HD static Real tail(const Real& z) {
    return polynomial(z, 0x1.55557ap-1F, 0x1.995ec6p-2F, 0x1.31e364p-2F);
  }
};

template <>
struct LogCoefficients<double> {
  static constexpr double smallest = 0x1p-1022;
  static constexpr std::uint64_t sqrt_half_bits = 0x3fe6a09e667f3bcd;
  static constexpr std::uint64_t sqrt_half_to_one = 0x3ff0000000000000 - 0x3fe6a09e667f3bcd;
  static constexpr std::uint64_t mantissa_mask = 0x000fffffffffffff;
  // max 2^-59.47
  template <class Real>
  PHI_HD static Real tail(const Real& z) {
    return polynomial(z, 0x1.5555555555593p-1, 0x1.999999997f9dep-2, 0x1.249249422db44p-2,
                      0x1.c71c51d3805a0p-3, 0x1.74664adc899b6p-3, 0x1.39a0701a5c000p-3,
                      0x1.2f133c8602065p-3);
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
