// The vocabulary that scalar-generic code is written in, for float and double: one overload set
// whose names (select, fma, clamp, ...) mean the same for every Real: Lanes, Dual and ComplexStep
// add theirs.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

#if defined(__SSE2__) && !defined(__CUDACC__)
#include <immintrin.h>
#elif defined(__ARM_NEON) && !defined(__CUDACC__)
#include <arm_neon.h>
#endif

#if defined(__FAST_MATH__)
#error "phigrad needs IEEE arithmetic: -ffast-math deletes the range reductions and the NaN checks"
#endif

/// Instruction-set flavour of this translation unit (baseline, v3, v4, neon, cuda), set by the
/// build. It names an inline namespace, so that code of several instruction sets can live in one
/// binary: the linker would otherwise keep a single copy of each shared inline function, whichever
/// it met.
#ifndef PHI_ISA
#define PHI_ISA baseline
#endif

/// PHI_HD: small functions of host and device, always inlined. PHI_HD_BIG: the compiler decides.
/// PHI_HD_NOINLINE: called, but inlined into a GPU's kernels, whose state is then in registers.
/// PHI_HD_CALLED: called there too, since what it works on is in memory anyway.
/// PHI_UNROLL: full unrolling of a loop over components, whose arrays would else live in memory.
#if defined(__CUDACC__)
#define PHI_HD __host__ __device__ __forceinline__
#define PHI_HD_BIG __host__ __device__ inline
#define PHI_HD_NOINLINE __host__ __device__ inline
#define PHI_HD_CALLED __host__ __device__ __noinline__
#define PHI_UNROLL _Pragma("unroll")
#else
#define PHI_HD inline __attribute__((always_inline))
#define PHI_HD_BIG inline
#define PHI_HD_NOINLINE inline __attribute__((noinline))
#define PHI_HD_CALLED inline __attribute__((noinline))
#if defined(__clang__)
#define PHI_UNROLL
#else
#define PHI_UNROLL _Pragma("GCC unroll 64")
#endif
#endif

namespace phigrad {
inline namespace PHI_ISA {

/// Whether this is compiled for a thread of a GPU, or (PHI_ON_GPU) for one that tests emulate.
#if defined(__CUDA_ARCH__) || defined(PHI_ON_GPU)
inline constexpr bool on_gpu = true;
#else
inline constexpr bool on_gpu = false;
#endif

/// What a Real is made of; specialised beside each Real. A Real is any type with these traits and
/// the functions of this file.
template <class Real>
struct RealTraits;

template <>
struct RealTraits<float> {
  using Scalar = float;
  using Mask = bool;
  using Bits = std::uint32_t;  // the pattern of a value, see to_bits
  static constexpr int width = 1;
  static constexpr bool plain = true;
};

template <>
struct RealTraits<double> {
  using Scalar = double;
  using Mask = bool;
  using Bits = std::uint64_t;
  static constexpr int width = 1;
  static constexpr bool plain = true;
};

/// The float or double underneath a Real.
template <class Real>
using scalar_t = typename RealTraits<Real>::Scalar;

/// What a comparison of two Reals gives. Combine masks with &, | and !; name the type (not auto),
/// since bool & bool is an int.
template <class Real>
using mask_t = typename RealTraits<Real>::Mask;

/// Trajectories a Real holds side by side: 1 but for lanes.
template <class Real>
inline constexpr int width_v = RealTraits<Real>::width;

/// Whether a Real carries values alone (float, double, lanes), no derivative.
template <class Real>
inline constexpr bool is_plain_v = RealTraits<Real>::plain;

/// Constants of IEEE arithmetic, of `float` or `double`.
template <class Scalar>
struct FloatLimits;

template <>
struct FloatLimits<float> {
  static constexpr float largest = 3.40282347e+38F;
  static constexpr float infinity = __builtin_huge_valf();
  static constexpr float nan = __builtin_nanf("");
};

template <>
struct FloatLimits<double> {
  static constexpr double largest = 1.79769313486231571e+308;
  static constexpr double infinity = __builtin_huge_val();
  static constexpr double nan = __builtin_nan("");
};

/// π as a scalar of the precision asked for, nearest.
template <class Scalar>
inline constexpr Scalar pi_v = static_cast<Scalar>(3.14159265358979323846L);

PHI_HD float select(bool mask, float a, float b) { return mask ? a : b; }
PHI_HD double select(bool mask, double a, double b) { return mask ? a : b; }

PHI_HD bool any(bool mask) { return mask; }
PHI_HD bool all(bool mask) { return mask; }

/// a·b + c rounded once. On x86 built without FMA hardware the float version goes through double
/// (exact product, so all but a rare double rounding agrees) and the double version is a·b + c
/// rounded twice.
PHI_HD float fma(float a, float b, float c) {
#if defined(__CUDA_ARCH__)
  return __fmaf_rn(a, b, c);
#elif defined(__FMA__) || defined(__aarch64__)
  return __builtin_fmaf(a, b, c);
#else
  return static_cast<float>(static_cast<double>(a) * static_cast<double>(b) +
                            static_cast<double>(c));
#endif
}
PHI_HD double fma(double a, double b, double c) {
#if defined(__CUDA_ARCH__)
  return __fma_rn(a, b, c);
#elif defined(__FMA__) || defined(__aarch64__)
  return __builtin_fma(a, b, c);
#else
  return a * b + c;
#endif
}

/// The square root, correctly rounded, NaN below zero; by instruction, since sqrt() may also set
/// errno.
PHI_HD float sqrt(float x) {
#if defined(__CUDA_ARCH__)
  return __fsqrt_rn(x);
#elif defined(__SSE2__) && !defined(__CUDACC__)
  return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x)));
#elif defined(__ARM_NEON) && defined(__aarch64__) && !defined(__CUDACC__)
  return vget_lane_f32(vsqrt_f32(vdup_n_f32(x)), 0);
#else
  return ::sqrtf(x);
#endif
}
PHI_HD double sqrt(double x) {
#if defined(__CUDA_ARCH__)
  return __dsqrt_rn(x);
#elif defined(__SSE2__) && !defined(__CUDACC__)
  return _mm_cvtsd_f64(_mm_sqrt_pd(_mm_set1_pd(x)));
#elif defined(__ARM_NEON) && defined(__aarch64__) && !defined(__CUDACC__)
  return vget_lane_f64(vsqrt_f64(vdup_n_f64(x)), 0);
#else
  return ::sqrt(x);
#endif
}

PHI_HD float abs(float x) { return ::fabsf(x); }
PHI_HD double abs(double x) { return ::fabs(x); }
PHI_HD float floor(float x) { return ::floorf(x); }
PHI_HD double floor(double x) { return ::floor(x); }

/// To the nearest whole number, halves to even.
PHI_HD float round_nearest(float x) { return ::rintf(x); }
PHI_HD double round_nearest(double x) { return ::rint(x); }

/// |magnitude| with the sign bit of `sign`.
PHI_HD float copysign(float magnitude, float sign) { return ::copysignf(magnitude, sign); }
PHI_HD double copysign(double magnitude, double sign) { return ::copysign(magnitude, sign); }

/// a < b ? a : b, and a > b ? a : b: with a NaN on either side both give b.
PHI_HD float min(float a, float b) { return a < b ? a : b; }
PHI_HD double min(double a, double b) { return a < b ? a : b; }
PHI_HD float max(float a, float b) { return a > b ? a : b; }
PHI_HD double max(double a, double b) { return a > b ? a : b; }

/// x held within [lo, hi]; a NaN in x stays a NaN.
PHI_HD float clamp(float x, float lo, float hi) { return min(hi, max(lo, x)); }
PHI_HD double clamp(double x, double lo, double hi) { return min(hi, max(lo, x)); }

PHI_HD bool is_finite(float x) { return abs(x) <= FloatLimits<float>::largest; }
PHI_HD bool is_finite(double x) { return abs(x) <= FloatLimits<double>::largest; }

/// The value without its derivative.
PHI_HD float value(float x) { return x; }
PHI_HD double value(double x) { return x; }

/// The IEEE pattern of a value, and back. Integer steps on it replace branches in elementary.hpp.
PHI_HD std::uint32_t to_bits(float x) {
  std::uint32_t bits = 0;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}
PHI_HD std::uint64_t to_bits(double x) {
  std::uint64_t bits = 0;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}
template <class Real, std::enable_if_t<std::is_floating_point_v<Real>, int> = 0>
PHI_HD Real from_bits(typename RealTraits<Real>::Bits bits) {
  Real x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/// `width_v<Real>` consecutive scalars from or to memory, of any alignment.
template <class Real, std::enable_if_t<std::is_floating_point_v<Real>, int> = 0>
PHI_HD Real load(const Real* from) {
  return *from;
}
PHI_HD void store(float x, float* to) { *to = x; }
PHI_HD void store(double x, double* to) { *to = x; }

}  // namespace PHI_ISA
}  // namespace phigrad
