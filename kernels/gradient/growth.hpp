// How far state-transition matrices grow: norms of Φ(t + L, t) by lag L, over all pairs, none
// stored.
#pragma once

#include "kernels/gradient/growth_bins.hpp"
#include "kernels/gradient/transition.hpp"
#include "kernels/math/elementary.hpp"
#include "kernels/math/spectral_norm.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// log of the mean and of the maximum over t of ‖Φ(t + L, t)‖₂, for every lag L, on the fly.
template <class Real, int N>
struct Growth {
  using S = scalar_t<Real>;
  GrowthArgs<S> a;

  PHI_HD void operator()(std::int64_t block) const {
    const Real length = load_row<Real>(a.length, 0, block);
    const Counters counters(a, block);
    for (int s = 0; s < a.max_length; ++s) {
      auto phi = ScaledMatrix<Real, N>::identity();
      for (int lag = 1; lag <= a.max_lag && s + lag <= a.max_length; ++lag) {
        phi.apply(load_matrix<Real, N>(a.closed, s + lag - 1, block));
        const mask_t<Real> exists = Real(static_cast<S>(s + lag)) <= length;
        const Real norm = select(exists, spectral_norm(phi.matrix), Real(0));
        const Norms so_far = s == 0 ? Norms{Real(0), Real(0), phi.exponent} : load(lag, block);
        store(lag, block, so_far.with(norm, phi.exponent));
        counters.count(s, lag, norm, phi.exponent);
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

  /// Where each lane's pairs are counted.
  class Counters {
   public:
    PHI_HD Counters(const GrowthArgs<S>& a, std::int64_t block) {
      const GrowthCountsView<S>& v = a.counted;
      if (v.counts == nullptr) return;
      any_ = true;
      const S* status = row_at<Real>(v.status, 0, block);
      const S* length = row_at<Real>(a.length, 0, block);
      for (int lane = 0; lane < width; ++lane) {
        const std::int64_t slot = block * width + lane;
        const std::int64_t policy = slot / v.slots_per_policy;
        const bool is_trajectory =
            policy < v.policies && slot % v.slots_per_policy < v.rollouts_per_policy;
        const std::int64_t part = policy / v.policies_together;
        counts_[lane] = is_trajectory && status[lane] == S(-1)
                            ? v.counts + part * a.max_lag * growth_bins
                            : nullptr;
        length_[lane] = static_cast<int>(length[lane]);
      }
    }

    /// The pair from s to s + lag.
    PHI_HD void count(int s, int lag, const Real& norm, const Real& exponent) const {
      if (!any_) return;
      S norms[width], exponents[width];
      phigrad::store(norm, norms);
      phigrad::store(exponent, exponents);
      for (int lane = 0; lane < width; ++lane) {
        if (counts_[lane] == nullptr || s + lag > length_[lane] || !is_finite(norms[lane]))
          continue;
        count_one(counts_[lane] + std::int64_t{lag - 1} * growth_bins +
                  growth_bin(norms[lane], exponents[lane]));
      }
    }

   private:
    static constexpr int width = width_v<Real>;
    bool any_ = false;
    std::uint32_t* counts_[width] = {};
    int length_[width] = {};
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
