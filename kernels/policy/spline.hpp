// The quadratic spline c0 + c1 s + c2 s² between two setpoints (position, velocity), by least
// squares over both ends in local time s (authors' weights: positions 10, velocities 1).
#pragma once

#include "kernels/math/vec.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Coefficients are linear in the four end values: c = fit · (p0, v0, p1, v1). Returns fit [3, 4]
/// for an interval of `duration` seconds. Singular (not finite) for duration = 0.
template <class Real>
PHI_HD Mat<Real, 3, 4> spline_fit(Real duration) {
  const Real position_weight = Real(10);
  const Real h = duration;
  // Rows of the design matrix: p(0), p'(0), p(h), p'(h) as functions of (c0, c1, c2).
  const Real rows[4][3] = {{Real(1), Real(0), Real(0)},
                           {Real(0), Real(1), Real(0)},
                           {Real(1), h, h * h},
                           {Real(0), Real(1), h + h}};
  const Real weight[4] = {position_weight, Real(1), position_weight, Real(1)};
  // Normal equations N c = DᵀW y, solved with the right-hand sides DᵀW by elimination
  // (N is symmetric positive definite, so no pivoting is needed).
  Real n[3][7];
  PHI_UNROLL
  for (int i = 0; i < 3; ++i) {
    PHI_UNROLL
    for (int j = 0; j < 3; ++j) {
      n[i][j] = Real(0);
      PHI_UNROLL
      for (int k = 0; k < 4; ++k) n[i][j] = n[i][j] + rows[k][i] * weight[k] * rows[k][j];
    }
    PHI_UNROLL
    for (int k = 0; k < 4; ++k) n[i][3 + k] = rows[k][i] * weight[k];
  }
  PHI_UNROLL
  for (int pivot = 0; pivot < 3; ++pivot) {
    const Real inverse = Real(1) / n[pivot][pivot];
    for (int j = 0; j < 7; ++j) n[pivot][j] = n[pivot][j] * inverse;
    PHI_UNROLL
    for (int i = 0; i < 3; ++i) {
      if (i == pivot) continue;
      const Real factor = n[i][pivot];
      for (int j = 0; j < 7; ++j) n[i][j] = n[i][j] - factor * n[pivot][j];
    }
  }
  Mat<Real, 3, 4> fit;
  PHI_UNROLL
  for (int i = 0; i < 3; ++i) {
    PHI_UNROLL
    for (int k = 0; k < 4; ++k) fit(i, k) = n[i][3 + k];
  }
  return fit;
}

}  // namespace PHI_ISA
}  // namespace phigrad
