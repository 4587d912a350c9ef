// ‖M‖₂, the largest singular value, by Jacobi rotations of MᵀM: exact to rounding for small N.
#pragma once

#include "kernels/math/vec.hpp"

namespace phigrad {
inline namespace PHI_ISA {

namespace spectral_detail {

/// Off-diagonal entries below this part of the largest diagonal one are rounding.
template <class S>
constexpr S rounding() {
  return sizeof(S) == 4 ? static_cast<S>(0x1p-26) : static_cast<S>(0x1p-55);
}

/// Rotates p and q so that g[p][q] becomes zero; lanes that are not `wanted` stay.
template <int N, class Real>
PHI_HD void rotate(Real (&g)[N][N], int p, int q, const mask_t<Real>& wanted) {
  // tan of the rotation, the smaller root.
  const mask_t<Real> needed = wanted & (g[p][q] * g[p][q] > Real(0));
  const Real off = select(needed, g[p][q], Real(1));
  const Real theta = (g[q][q] - g[p][p]) / (off + off);
  const Real root = abs(theta) + sqrt(fma(theta, theta, Real(1)));
  const Real t = select(needed, copysign(Real(1), theta) / root, Real(0));
  const Real c = Real(1) / sqrt(fma(t, t, Real(1)));
  const Real s = t * c;
  g[p][p] = fma(-t, off, g[p][p]);
  g[q][q] = fma(t, off, g[q][q]);
  g[p][q] = select(needed, Real(0), g[p][q]);
  for (int k = 0; k < N; ++k) {
    if (k == p || k == q) continue;
    Real& kp = k < p ? g[k][p] : g[p][k];
    Real& kq = k < q ? g[k][q] : g[q][k];
    const Real old = kp;
    kp = c * old - s * kq;
    kq = fma(s, old, c * kq);
  }
}

}  // namespace spectral_detail

/// Largest singular value of M [N, N]. Entries must keep clear of overflow when squared.
/// Cyclic Jacobi on the upper triangle (Golub and Van Loan, Matrix Computations, 8.5), at most five
/// sweeps, which bring 4 × 4 to rounding. A lane whose rotations are done is left as it is, so its
/// result does not depend on its neighbours.
template <class Real, int N>
PHI_HD_BIG Real spectral_norm(const Mat<Real, N, N>& m) {
  if constexpr (N == 1) {
    return abs(m(0, 0));
  } else {
    // Dividing by the largest entry first keeps the squares in range.
    Real largest = Real(0);
    for (int r = 0; r < N; ++r) {
      for (int c = 0; c < N; ++c) largest = max(abs(m(r, c)), largest);
    }
    const Real divisor = select(largest > Real(0), largest, Real(1));
    const Mat<Real, N, N> unit = m * (Real(1) / divisor);
    Real g[N][N];  // g[p][q] of p ≤ q
    for (int p = 0; p < N; ++p) {
      for (int q = p; q < N; ++q) {
        Real sum = unit(0, p) * unit(0, q);
        for (int k = 1; k < N; ++k) sum = fma(unit(k, p), unit(k, q), sum);
        g[p][q] = sum;
      }
    }
    constexpr int sweeps = 5;
    for (int sweep = 0; sweep < sweeps; ++sweep) {
      // What an off-diagonal entry moves the largest eigenvalue by is below its square over it.
      Real top = g[0][0];
      Real off = Real(0);
      for (int p = 0; p < N; ++p) {
        top = max(g[p][p], top);
        for (int q = p + 1; q < N; ++q) off = max(abs(g[p][q]), off);
      }
      const mask_t<Real> unfinished = off > top * Real(spectral_detail::rounding<scalar_t<Real>>());
      if (!any(unfinished)) break;
      for (int p = 0; p < N - 1; ++p) {
        for (int q = p + 1; q < N; ++q) spectral_detail::rotate(g, p, q, unfinished);
      }
    }
    Real top = g[0][0];
    for (int i = 1; i < N; ++i) top = max(g[i][i], top);
    return sqrt(max(top, Real(0))) * divisor;
  }
}

}  // namespace PHI_ISA
}  // namespace phigrad
