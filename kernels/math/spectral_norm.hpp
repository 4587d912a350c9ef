// ‖M‖₂, the largest singular value, to rounding: MᵀM is made tridiagonal by Householder
// reflections, and the largest root of its characteristic polynomial is met from above by
// Laguerre's method.
#pragma once

#include "kernels/math/vec.hpp"

namespace phigrad {
inline namespace PHI_ISA {

namespace spectral_detail {

/// Symmetric tridiagonal matrix: its diagonal, and the squares of what stands beside it.
template <class Real, int N>
struct Tridiagonal {
  Real diagonal[N];
  Real beside_squared[N - 1];
};

/// MᵀM, its upper triangle.
template <int N, class Real>
PHI_HD void gram(const Mat<Real, N, N>& m, Real (&g)[N][N]) {
  PHI_UNROLL
  for (int p = 0; p < N; ++p) {
    PHI_UNROLL
    for (int q = p; q < N; ++q) {
      Real sum = m(0, p) * m(0, q);
      PHI_UNROLL
      for (int k = 1; k < N; ++k) sum = fma(m(k, p), m(k, q), sum);
      g[p][q] = sum;
    }
  }
}

/// Golub and Van Loan, Matrix Computations, 8.3: g ← H g H for one H a column. Leaves g (upper
/// triangle) in rags.
template <int N, class Real>
PHI_HD void tridiagonalise(Real (&g)[N][N], Tridiagonal<Real, N>& t) {
  PHI_UNROLL
  for (int k = 0; k < N - 2; ++k) {
    Real squares = g[k][k + 1] * g[k][k + 1];
    PHI_UNROLL
    for (int i = k + 2; i < N; ++i) squares = fma(g[k][i], g[k][i], squares);
    t.beside_squared[k] = squares;
    // v = (row beyond the diagonal) + sign · length · e₁, so that H row = ∓ length · e₁.
    const Real length = sqrt(squares);
    const Real first = g[k][k + 1];
    const Real half_v_v = fma(abs(first), length, squares);
    const Real scale = Real(1) / select(half_v_v > Real(0), half_v_v, Real(1));  // 2 / vᵀv
    Real v[N], w[N];
    v[k + 1] = first + copysign(length, first);
    PHI_UNROLL
    for (int i = k + 2; i < N; ++i) v[i] = g[k][i];
    Real v_w = Real(0);
    PHI_UNROLL
    for (int i = k + 1; i < N; ++i) {
      Real sum = Real(0);
      PHI_UNROLL
      for (int j = k + 1; j < N; ++j) sum = fma(i < j ? g[i][j] : g[j][i], v[j], sum);
      w[i] = sum * scale;
      v_w = fma(v[i], w[i], v_w);
    }
    const Real along = Real(-0.5) * scale * v_w;
    PHI_UNROLL
    for (int i = k + 1; i < N; ++i) w[i] = fma(along, v[i], w[i]);
    PHI_UNROLL
    for (int i = k + 1; i < N; ++i) {
      PHI_UNROLL
      for (int j = i; j < N; ++j) g[i][j] = g[i][j] - fma(v[i], w[j], w[i] * v[j]);
    }
  }
  PHI_UNROLL
  for (int i = 0; i < N; ++i) t.diagonal[i] = g[i][i];
  t.beside_squared[N - 2] = g[N - 2][N - 1] * g[N - 2][N - 1];
}

/// n Σ r² − (Σ r)² of n numbers, above what rounding makes of it where they are all but equal, so
/// that Laguerre's bounds stay above the roots.
template <int N, class Real>
PHI_HD Real spread(Real squares, Real sum, Real rounding) {
  const Real n_squares = Real(N) * squares;
  return max(fma(-sum, sum, n_squares) + Real(4) * rounding * n_squares, Real(0));
}

/// Laguerre's step down from x, above every root of p(x) = det(x − T), towards the largest.
///   n / (G + √((n − 1)(n H − G²))),  G = p′/p,  H = −G′
/// p is the product of the pivots of x − T, whose values are those of a matrix rounding apart from
/// T (Demmel, Applied Numerical Linear Algebra, 5.3.4) and neither overflow nor vanish for any N.
template <int N, class Real>
PHI_HD Real laguerre_step(const Tridiagonal<Real, N>& t, Real x, Real rounding, Real least_pivot) {
  Real inverse = Real(1) / max(x - t.diagonal[0], least_pivot);
  Real slope = Real(1);      // of the pivot
  Real curvature = Real(0);  // its second derivative
  Real G = inverse;
  Real H = inverse * inverse;
  PHI_UNROLL
  for (int i = 1; i < N; ++i) {
    const Real ratio = t.beside_squared[i - 1] * inverse;  // b² / pivot
    const Real part = slope * inverse;
    const Real pivot = x - t.diagonal[i] - ratio;
    curvature = ratio * fma(curvature, inverse, Real(-2) * part * part);
    slope = fma(ratio, part, Real(1));
    inverse = Real(1) / max(pivot, least_pivot);
    const Real g = slope * inverse;
    G = G + g;
    H = H + fma(g, g, -(curvature * inverse));
  }
  return Real(N) / (G + sqrt(Real(N - 1) * spread<N>(H, G, rounding)));
}

/// Largest eigenvalue of a positive semidefinite T. A step that moves x by rounding alone is the
/// last; where roots coincide steps shrink by a constant factor, elsewhere cubically. A lane that
/// is done stays, so its result does not depend on its neighbours.
template <int N, class Real>
PHI_HD Real largest_eigenvalue(const Tridiagonal<Real, N>& t) {
  constexpr int most = 100;
  using S = scalar_t<Real>;
  const Real rounding = Real(sizeof(S) == 4 ? S(0x1p-22) : S(0x1p-51));
  // The step from infinity: eigenvalues of this trace and this sum of squares are not above it.
  Real trace = t.diagonal[0];
  Real squares = t.diagonal[0] * t.diagonal[0];
  PHI_UNROLL
  for (int i = 1; i < N; ++i) {
    trace = trace + t.diagonal[i];
    squares = fma(t.diagonal[i], t.diagonal[i], squares);
    squares = fma(Real(2), t.beside_squared[i - 1], squares);
  }
  Real x = (trace + sqrt(Real(N - 1) * spread<N>(squares, trace, rounding))) * Real(S(1) / S(N));
  const Real least_pivot = rounding * rounding * x;
  mask_t<Real> unfinished(true);
  for (int iteration = 0; iteration < most; ++iteration) {
    const Real step = laguerre_step(t, x, rounding, least_pivot);
    x = select(unfinished, x - step, x);
    unfinished = unfinished & (step > rounding * x);
    if (!any(unfinished)) break;
  }
  return x;
}

}  // namespace spectral_detail

/// Largest singular value of M [N, N], to a few roundings a row; its inverse must be a number too.
template <class Real, int N>
PHI_HD_BIG Real spectral_norm(const Mat<Real, N, N>& m) {
  if constexpr (N == 1) {
    return abs(m(0, 0));
  } else {
    // Dividing by the largest entry first keeps squares and polynomials in range: the eigenvalue is
    // between 1 and N².
    Real largest = Real(0);
    PHI_UNROLL
    for (int r = 0; r < N; ++r) {
      PHI_UNROLL
      for (int c = 0; c < N; ++c) largest = max(abs(m(r, c)), largest);
    }
    const Real divisor = select(largest > Real(0), largest, Real(1));
    Real g[N][N];
    spectral_detail::gram(m * (Real(1) / divisor), g);
    spectral_detail::Tridiagonal<Real, N> t;
    spectral_detail::tridiagonalise(g, t);
    return sqrt(max(spectral_detail::largest_eigenvalue<N>(t), Real(0))) * divisor;
  }
}

}  // namespace PHI_ISA
}  // namespace phigrad
