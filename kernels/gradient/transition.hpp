// State-transition matrices Φ(t, s) = A_{t−1} … A_s of the closed loop. Each carries a power of two
// beside its entries, so that long products neither overflow nor vanish.
#pragma once

#include "kernels/gradient/access.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// matrix · 2^exponent.
template <class Real, int N>
struct ScaledMatrix {
  Mat<Real, N, N> matrix;
  Real exponent;  // whole, a lane each

  PHI_HD static ScaledMatrix identity() { return {Mat<Real, N, N>::identity(), Real(0)}; }

  /// this ← a · this, brought back to within 2^±shift.
  PHI_HD void apply(const Mat<Real, N, N>& a) {
    constexpr int shift = 32;
    matrix = matmul(a, matrix);
    Real largest = Real(0);
    PHI_UNROLL
    for (int r = 0; r < N; ++r) {
      PHI_UNROLL
      for (int c = 0; c < N; ++c) largest = max(abs(matrix(r, c)), largest);
    }
    const Real big = Real(4294967296.0);  // 2^shift
    const Real small = Real(1) / big;
    const mask_t<Real> grown = largest > big;
    const mask_t<Real> shrunk = (largest < small) & (largest > Real(0));
    if (!any(grown | shrunk)) return;
    const Real factor = select(grown, small, select(shrunk, big, Real(1)));
    const Real moved = select(grown, Real(shift), select(shrunk, Real(-shift), Real(0)));
    PHI_UNROLL
    for (int r = 0; r < N; ++r) {
      PHI_UNROLL
      for (int c = 0; c < N; ++c) matrix(r, c) = matrix(r, c) * factor;
    }
    exponent = exponent + moved;
  }
};

template <class Real, int N, class S>
PHI_HD Mat<Real, N, N> load_matrix(const Rows<S>& rows, std::int64_t index, std::int64_t block) {
  Mat<Real, N, N> m;
  PHI_UNROLL
  for (int r = 0; r < N; ++r) {
    PHI_UNROLL
    for (int c = 0; c < N; ++c) m(r, c) = load_row<Real>(rows, index * N * N + r * N + c, block);
  }
  return m;
}

/// Φ(t, s) for the pairs asked for.
template <class Real, int N>
struct Transition {
  using S = scalar_t<Real>;
  TransitionArgs<S> a;

  PHI_HD void operator()(std::int64_t block) const {
    for (int i = 0; i < a.n_pairs; ++i) {
      const int t = a.pairs[2 * i];
      const int s = a.pairs[2 * i + 1];
      auto phi = ScaledMatrix<Real, N>::identity();
      for (int step = s; step < t; ++step) phi.apply(load_matrix<Real, N>(a.closed, step, block));
      PHI_UNROLL
      for (int r = 0; r < N; ++r) {
        PHI_UNROLL
        for (int c = 0; c < N; ++c) {
          store_row(a.phi, std::int64_t{i} * N * N + r * N + c, block, phi.matrix(r, c));
        }
      }
      store_row(a.exponent, i, block, phi.exponent);
    }
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
