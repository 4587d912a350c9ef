// What GCC's vector extensions do not reach: one wrapped instruction each for the registers of the
// build's instruction set (std::experimental's fma, say, unrolls into scalar ones), a loop for any
// other width.
#pragma once

#include "kernels/math/scalar.hpp"

#if !defined(__CUDACC__)

namespace phigrad {
inline namespace PHI_ISA {

template <class S, int W>
struct VectorType {
  using Type __attribute__((vector_size(sizeof(S) * W))) = S;
};

/// W values of S in the compiler's own vector type.
template <class S, int W>
using VectorOf = typename VectorType<S, W>::Type;

/// Any width, one lane after the other. min and max give b where either is a NaN, as x86 does (and
/// NEON does not); `any`: whether a lane of the mask is set.
template <class S, int W>
struct Intrinsics {
  using V = VectorOf<S, W>;
  using M = VectorOf<std::conditional_t<sizeof(S) == 4, std::int32_t, std::int64_t>, W>;
  PHI_HD static V fma(V a, V b, V c) {
    V y;
    for (int i = 0; i < W; ++i) y[i] = phigrad::fma(a[i], b[i], c[i]);
    return y;
  }
  PHI_HD static V sqrt(V x) {
    V y;
    for (int i = 0; i < W; ++i) y[i] = phigrad::sqrt(x[i]);
    return y;
  }
  PHI_HD static V floor(V x) {
    V y;
    for (int i = 0; i < W; ++i) y[i] = phigrad::floor(x[i]);
    return y;
  }
  PHI_HD static V round_nearest(V x) {
    V y;
    for (int i = 0; i < W; ++i) y[i] = phigrad::round_nearest(x[i]);
    return y;
  }
  PHI_HD static V min(V a, V b) { return a < b ? a : b; }
  PHI_HD static V max(V a, V b) { return a > b ? a : b; }
  PHI_HD static bool any(M m) {
    bool found = false;
    for (int i = 0; i < W; ++i) found |= m[i] != 0;
    return found;
  }
};

#if defined(__AVX2__) && defined(__FMA__)
template <>
struct Intrinsics<float, 8> {
  using V = VectorOf<float, 8>;
  PHI_HD static V fma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
  PHI_HD static V sqrt(V x) { return _mm256_sqrt_ps(x); }
  PHI_HD static V min(V a, V b) { return _mm256_min_ps(a, b); }
  PHI_HD static V max(V a, V b) { return _mm256_max_ps(a, b); }
  PHI_HD static V floor(V x) { return _mm256_floor_ps(x); }
  PHI_HD static V round_nearest(V x) {
    return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  PHI_HD static bool any(VectorOf<std::int32_t, 8> m) {
    const __m256i bits = reinterpret_cast<__m256i>(m);
    return _mm256_testz_si256(bits, bits) == 0;
  }
};

template <>
struct Intrinsics<double, 4> {
  using V = VectorOf<double, 4>;
  PHI_HD static V fma(V a, V b, V c) { return _mm256_fmadd_pd(a, b, c); }
  PHI_HD static V sqrt(V x) { return _mm256_sqrt_pd(x); }
  PHI_HD static V min(V a, V b) { return _mm256_min_pd(a, b); }
  PHI_HD static V max(V a, V b) { return _mm256_max_pd(a, b); }
  PHI_HD static V floor(V x) { return _mm256_floor_pd(x); }
  PHI_HD static V round_nearest(V x) {
    return _mm256_round_pd(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  PHI_HD static bool any(VectorOf<std::int64_t, 4> m) {
    const __m256i bits = reinterpret_cast<__m256i>(m);
    return _mm256_testz_si256(bits, bits) == 0;
  }
};
#endif

#if defined(__AVX512F__)
template <>
struct Intrinsics<float, 16> {
  using V = VectorOf<float, 16>;
  PHI_HD static V fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
  PHI_HD static V sqrt(V x) { return _mm512_sqrt_ps(x); }
  PHI_HD static V min(V a, V b) { return _mm512_min_ps(a, b); }
  PHI_HD static V max(V a, V b) { return _mm512_max_ps(a, b); }
  PHI_HD static V floor(V x) {
    return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  }
  PHI_HD static V round_nearest(V x) {
    return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  PHI_HD static bool any(VectorOf<std::int32_t, 16> m) {
    const __m512i bits = reinterpret_cast<__m512i>(m);
    return _mm512_test_epi32_mask(bits, bits) != 0;
  }
};

template <>
struct Intrinsics<double, 8> {
  using V = VectorOf<double, 8>;
  PHI_HD static V fma(V a, V b, V c) { return _mm512_fmadd_pd(a, b, c); }
  PHI_HD static V sqrt(V x) { return _mm512_sqrt_pd(x); }
  PHI_HD static V min(V a, V b) { return _mm512_min_pd(a, b); }
  PHI_HD static V max(V a, V b) { return _mm512_max_pd(a, b); }
  PHI_HD static V floor(V x) {
    return _mm512_roundscale_pd(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  }
  PHI_HD static V round_nearest(V x) {
    return _mm512_roundscale_pd(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  PHI_HD static bool any(VectorOf<std::int64_t, 8> m) {
    const __m512i bits = reinterpret_cast<__m512i>(m);
    return _mm512_test_epi64_mask(bits, bits) != 0;
  }
};
#endif

#if defined(__ARM_NEON) && defined(__aarch64__)
template <>
struct Intrinsics<float, 4> {
  using V = VectorOf<float, 4>;
  PHI_HD static V fma(V a, V b, V c) { return vfmaq_f32(c, a, b); }
  PHI_HD static V sqrt(V x) { return vsqrtq_f32(x); }
  PHI_HD static V min(V a, V b) { return a < b ? a : b; }
  PHI_HD static V max(V a, V b) { return a > b ? a : b; }
  PHI_HD static V floor(V x) { return vrndmq_f32(x); }
  PHI_HD static V round_nearest(V x) { return vrndnq_f32(x); }
  PHI_HD static bool any(VectorOf<std::int32_t, 4> m) {
    return vmaxvq_u32(reinterpret_cast<uint32x4_t>(m)) != 0;
  }
};

template <>
struct Intrinsics<double, 2> {
  using V = VectorOf<double, 2>;
  PHI_HD static V fma(V a, V b, V c) { return vfmaq_f64(c, a, b); }
  PHI_HD static V sqrt(V x) { return vsqrtq_f64(x); }
  PHI_HD static V min(V a, V b) { return a < b ? a : b; }
  PHI_HD static V max(V a, V b) { return a > b ? a : b; }
  PHI_HD static V floor(V x) { return vrndmq_f64(x); }
  PHI_HD static V round_nearest(V x) { return vrndnq_f64(x); }
  PHI_HD static bool any(VectorOf<std::int64_t, 2> m) {
    return vmaxvq_u32(reinterpret_cast<uint32x4_t>(m)) != 0;
  }
};
#endif

}  // namespace PHI_ISA
}  // namespace phigrad
#endif
