// ‖M‖₂, the largest singular value, by Jacobi rotations of MᵀM: exact to rounding for small N.
#pragma once

#include "kernels/math/vec.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Largest singular value of M [N, N]. Entries must keep clear of overflow when squared.
/// Cyclic Jacobi (Golub and Van Loan, Matrix Computations, 8.5); five sweeps bring 4 × 4 to
/// rounding.
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
    Real g[N][N];
    for (int i = 0; i < N; ++i) {
      for (int j = 0; j <= i; ++j) {
        Real sum = Real(0);
        for (int k = 0; k < N; ++k) sum = fma(m(k, i) / divisor, m(k, j) / divisor, sum);
        g[i][j] = sum;
        g[j][i] = sum;
      }
    }
    constexpr int sweeps = 5;
    for (int sweep = 0; sweep < sweeps; ++sweep) {
      for (int p = 0; p < N - 1; ++p) {
        for (int q = p + 1; q < N; ++q) {
          // tan of the rotation that zeroes g[p][q], the smaller root.
          const mask_t<Real> needed = g[p][q] * g[p][q] > Real(0);
          const Real off = select(needed, g[p][q], Real(1));
          const Real theta = (g[q][q] - g[p][p]) / (off + off);
          const Real root = abs(theta) + sqrt(fma(theta, theta, Real(1)));
          const Real t = select(needed, copysign(Real(1), theta) / root, Real(0));
          const Real c = Real(1) / sqrt(fma(t, t, Real(1)));
          const Real s = t * c;
          for (int k = 0; k < N; ++k) {
            const Real gkp = g[k][p];
            const Real gkq = g[k][q];
            g[k][p] = c * gkp - s * gkq;
            g[k][q] = s * gkp + c * gkq;
          }
          for (int k = 0; k < N; ++k) {
            const Real gpk = g[p][k];
            const Real gqk = g[q][k];
            g[p][k] = c * gpk - s * gqk;
            g[q][k] = s * gpk + c * gqk;
          }
        }
      }
    }
    Real top = g[0][0];
    for (int i = 1; i < N; ++i) top = max(g[i][i], top);
    return sqrt(max(top, Real(0))) * divisor;
  }
}

}  // namespace PHI_ISA
}  // namespace phigrad
