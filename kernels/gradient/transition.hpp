// State-transition matrices Φ(t, s) = A_{t−1} … A_s of the closed loop. Each carries a power of two
// beside its entries, so that long products neither overflow nor vanish.
#pragma once

#include "kernels/gradient/access.hpp"
#include "kernels/math/elementary.hpp"
#include "kernels/math/spectral_norm.hpp"

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

/// log of the mean and of the maximum over t of ‖Φ(t + L, t)‖₂, for every lag L, on the fly.
template <class Real, int N>
struct Growth {
  using S = scalar_t<Real>;
  GrowthArgs<S> a;

  PHI_HD void operator()(std::int64_t block) const {
    const Real length = load_row<Real>(a.length, 0, block);
    for (int s = 0; s < a.max_length; ++s) {
      auto phi = ScaledMatrix<Real, N>::identity();
      for (int lag = 1; lag <= a.max_lag && s + lag <= a.max_length; ++lag) {
        phi.apply(load_matrix<Real, N>(a.closed, s + lag - 1, block));
        const mask_t<Real> exists = Real(static_cast<S>(s + lag)) <= length;
        const Real norm = select(exists, spectral_norm(phi.matrix), Real(0));
        const Norms so_far = s == 0 ? Norms{Real(0), Real(0), phi.exponent} : load(lag, block);
        store(lag, block, so_far.with(norm, phi.exponent));
      }
    }
    for (int lag = 1; lag <= a.max_lag; ++lag) {
      const Norms norms = load(lag, block);
      const Real pairs = max(length - Real(static_cast<S>(lag - 1)), Real(1));
      store_row(a.log_mean, lag - 1, block, norms.log_of(norms.sum / pairs));
      store_row(a.log_max, lag - 1, block, norms.log_of(norms.largest));
    }
  }

 private:
  static constexpr double ln_2 = 0.69314718055994530942;

  /// Of the pairs of one lag so far; sum and largest are times 2^exponent.
  struct Norms {
    Real sum, largest, exponent;

    /// norm · 2^power joins in.
    PHI_HD Norms with(Real norm, Real power) const {
      if (!any(power != exponent)) return {sum + norm, max(norm, largest), exponent};
      const Real top = max(power, exponent);
      const Real here = exp((exponent - top) * Real(S(ln_2)));  // 1 where they are equal
      const Real there = exp((power - top) * Real(S(ln_2)));
      return {fma(sum, here, norm * there), max(norm * there, largest * here), top};
    }

    /// log(x · 2^exponent), natural; the lowest number where no pair exists or all are zero, not a
    /// number where one is none.
    PHI_HD Real log_of(Real x) const {
      const mask_t<Real> none = x == Real(0);
      return select(none, Real(-FloatLimits<S>::largest),
                    log(select(none, Real(1), x)) + exponent * Real(S(ln_2)));
    }
  };

  PHI_HD Norms load(int lag, std::int64_t block) const {
    return {load_row<Real>(a.log_mean, lag - 1, block), load_row<Real>(a.log_max, lag - 1, block),
            load_row<Real>(a.exponent, lag - 1, block)};
  }
  PHI_HD void store(int lag, std::int64_t block, const Norms& norms) const {
    store_row(a.log_mean, lag - 1, block, norms.sum);
    store_row(a.log_max, lag - 1, block, norms.largest);
    store_row(a.exponent, lag - 1, block, norms.exponent);
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
