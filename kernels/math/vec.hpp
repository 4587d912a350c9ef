// Small vectors and matrices of any Real, sizes known to the compiler. Sums run in index order by
// fma, so a result does not depend on the instruction set.
#pragma once

#include "kernels/math/scalar.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Keeps a parameter out of template argument deduction, so that scalars convert to the Real.
template <class T>
struct Identity {
  using Type = T;
};
template <class T>
using identity_t = typename Identity<T>::Type;

/// N Reals; an aggregate, `Vec<Real, 2>{{a, b}}`.
template <class Real, int N>
struct Vec {
  static_assert(N > 0);
  Real v[N];

  PHI_HD Real& operator[](int i) { return v[i]; }
  PHI_HD const Real& operator[](int i) const { return v[i]; }
  PHI_HD static constexpr int size() { return N; }

  /// All components `x`.
  PHI_HD static Vec fill(const Real& x) {
    Vec y;
    PHI_UNROLL
    for (int i = 0; i < N; ++i) y.v[i] = x;
    return y;
  }
  PHI_HD static Vec zero() { return fill(Real(scalar_t<Real>(0))); }

  PHI_HD Vec& operator+=(const Vec& b) { return *this = *this + b; }
  PHI_HD Vec& operator-=(const Vec& b) { return *this = *this - b; }
  PHI_HD Vec& operator*=(const Real& s) { return *this = *this * s; }

  PHI_HD friend Vec operator+(const Vec& a, const Vec& b) {
    Vec y;
    PHI_UNROLL
    for (int i = 0; i < N; ++i) y.v[i] = a.v[i] + b.v[i];
    return y;
  }
  PHI_HD friend Vec operator-(const Vec& a, const Vec& b) {
    Vec y;
    PHI_UNROLL
    for (int i = 0; i < N; ++i) y.v[i] = a.v[i] - b.v[i];
    return y;
  }
  PHI_HD friend Vec operator-(const Vec& a) {
    Vec y;
    PHI_UNROLL
    for (int i = 0; i < N; ++i) y.v[i] = -a.v[i];
    return y;
  }
  PHI_HD friend Vec operator*(const Vec& a, const Real& s) {
    Vec y;
    PHI_UNROLL
    for (int i = 0; i < N; ++i) y.v[i] = a.v[i] * s;
    return y;
  }
  PHI_HD friend Vec operator*(const Real& s, const Vec& a) { return a * s; }
};

/// R × C Reals by rows.
template <class Real, int R, int C>
struct Mat {
  static_assert(R > 0 && C > 0);
  Real m[R * C];

  PHI_HD Real& operator()(int r, int c) { return m[r * C + c]; }
  PHI_HD const Real& operator()(int r, int c) const { return m[r * C + c]; }
  PHI_HD static constexpr int rows() { return R; }
  PHI_HD static constexpr int columns() { return C; }

  PHI_HD static Mat zero() {
    Mat y;
    PHI_UNROLL
    for (int i = 0; i < R * C; ++i) y.m[i] = Real(scalar_t<Real>(0));
    return y;
  }
  PHI_HD static Mat identity() {
    static_assert(R == C);
    Mat y = zero();
    PHI_UNROLL
    for (int i = 0; i < R; ++i) y(i, i) = Real(scalar_t<Real>(1));
    return y;
  }

  PHI_HD Mat& operator+=(const Mat& b) { return *this = *this + b; }
  PHI_HD Mat& operator-=(const Mat& b) { return *this = *this - b; }
  PHI_HD Mat& operator*=(const Real& s) { return *this = *this * s; }

  PHI_HD friend Mat operator+(const Mat& a, const Mat& b) {
    Mat y;
    PHI_UNROLL
    for (int i = 0; i < R * C; ++i) y.m[i] = a.m[i] + b.m[i];
    return y;
  }
  PHI_HD friend Mat operator-(const Mat& a, const Mat& b) {
    Mat y;
    PHI_UNROLL
    for (int i = 0; i < R * C; ++i) y.m[i] = a.m[i] - b.m[i];
    return y;
  }
  PHI_HD friend Mat operator*(const Mat& a, const Real& s) {
    Mat y;
    PHI_UNROLL
    for (int i = 0; i < R * C; ++i) y.m[i] = a.m[i] * s;
    return y;
  }
  PHI_HD friend Mat operator*(const Real& s, const Mat& a) { return a * s; }
};

/// a·b
template <class Real, int N>
PHI_HD Real dot(const Vec<Real, N>& a, const Vec<Real, N>& b) {
  Real sum = a[0] * b[0];
  PHI_UNROLL
  for (int i = 1; i < N; ++i) sum = fma(a[i], b[i], sum);
  return sum;
}

/// y + s a
template <class Real, int N>
PHI_HD Vec<Real, N> add_scaled(const Vec<Real, N>& y, const identity_t<Real>& s,
                               const Vec<Real, N>& a) {
  Vec<Real, N> sum;
  PHI_UNROLL
  for (int i = 0; i < N; ++i) sum[i] = fma(s, a[i], y[i]);
  return sum;
}

/// A x
template <class Real, int R, int C>
PHI_HD_BIG Vec<Real, R> matvec(const Mat<Real, R, C>& a, const Vec<Real, C>& x) {
  Vec<Real, R> y;
  PHI_UNROLL
  for (int r = 0; r < R; ++r) {
    y[r] = a(r, 0) * x[0];
    PHI_UNROLL
    for (int c = 1; c < C; ++c) y[r] = fma(a(r, c), x[c], y[r]);
  }
  return y;
}

/// Aᵀ x
template <class Real, int R, int C>
PHI_HD_BIG Vec<Real, C> matvec_transposed(const Mat<Real, R, C>& a, const Vec<Real, R>& x) {
  Vec<Real, C> y;
  PHI_UNROLL
  for (int c = 0; c < C; ++c) {
    y[c] = a(0, c) * x[0];
    PHI_UNROLL
    for (int r = 1; r < R; ++r) y[c] = fma(a(r, c), x[r], y[c]);
  }
  return y;
}

/// A B
template <class Real, int R, int K, int C>
PHI_HD_BIG Mat<Real, R, C> matmul(const Mat<Real, R, K>& a, const Mat<Real, K, C>& b) {
  Mat<Real, R, C> y;
  PHI_UNROLL
  for (int r = 0; r < R; ++r) {
    PHI_UNROLL
    for (int c = 0; c < C; ++c) {
      y(r, c) = a(r, 0) * b(0, c);
      PHI_UNROLL
      for (int k = 1; k < K; ++k) y(r, c) = fma(a(r, k), b(k, c), y(r, c));
    }
  }
  return y;
}

template <class Real, int R, int C>
PHI_HD Mat<Real, C, R> transpose(const Mat<Real, R, C>& a) {
  Mat<Real, C, R> y;
  PHI_UNROLL
  for (int r = 0; r < R; ++r) {
    PHI_UNROLL
    for (int c = 0; c < C; ++c) y(c, r) = a(r, c);
  }
  return y;
}

/// Σ aᵢ², and its square root.
template <class Real, int N>
PHI_HD Real squared_norm(const Vec<Real, N>& a) {
  return dot(a, a);
}
template <class Real, int N>
PHI_HD Real norm(const Vec<Real, N>& a) {
  return sqrt(squared_norm(a));
}

/// The Frobenius norm, squared and itself.
template <class Real, int R, int C>
PHI_HD Real squared_norm(const Mat<Real, R, C>& a) {
  Real sum = a.m[0] * a.m[0];
  PHI_UNROLL
  for (int i = 1; i < R * C; ++i) sum = fma(a.m[i], a.m[i], sum);
  return sum;
}
template <class Real, int R, int C>
PHI_HD Real norm(const Mat<Real, R, C>& a) {
  return sqrt(squared_norm(a));
}

/// max |aᵢ|; a NaN component may go unseen.
template <class Real, int N>
PHI_HD Real max_abs(const Vec<Real, N>& a) {
  Real largest = abs(a[0]);
  PHI_UNROLL
  for (int i = 1; i < N; ++i) largest = max(largest, abs(a[i]));
  return largest;
}

}  // namespace PHI_ISA
}  // namespace phigrad
