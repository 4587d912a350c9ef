// The zeroth-order estimate of the policy gradient, for policies u ~ N(π(x), σ²): no model in it.
//   ĝ = Σ_t (∂π_t/∂θ)ᵀ (u_t − π_t)/σ² Σ_{τ≥t} (c_τ − b)    (Williams 1992; Sutton et al. 1999)
// pulled back to the decisions z of the segments. The baseline b changes the variance alone, as
// long as it does not depend on the noise.
#pragma once

#include "kernels/gradient/access.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// One call takes one block of trajectories and writes the estimate of ∂loss/∂z [S, nz].
template <class Robot, class Real>
struct LikelihoodRatio {
  using S = scalar_t<Real>;
  using Policy = typename Robot::Policy;
  using Objective = typename Robot::Objective;
  using Tracker = typename Policy::Tracker;
  static constexpr int nx = Policy::nx;
  static constexpr int nu = Policy::nu;
  static constexpr int nz = Policy::nz;
  static constexpr int nm = Policy::nm;

  LikelihoodRatioArgs<S> a;
  typename Policy::template Settings<S> settings;
  typename Objective::template Settings<S> objective;

  PHI_HD void operator()(std::int64_t block) const {
    const BatchView<S>& b = a.batch;
    const auto& tracker = Policy::tracker(settings);
    const Real end = load_row<Real>(a.window.end, 0, block);
    const Real baseline = load_row<Real>(a.baseline, 0, block);
    for (int row = 0; row < b.segments * nz; ++row) store_row(a.decision_bar, row, block, Real(0));
    Real status = load_row<Real>(b.status, 0, block);
    Real to_go = terminal_cost(end, block);
    for (int j = b.segments - 1; j >= 0; --j) {
      const auto segment = read_segment<Policy, Real>(b, tracker, j, block);
      const Real weight = WindowCount<Real>(a.window, end, j).containing;
      Vec<Real, nm> plan_bar{};
      for (int k = b.steps_per_segment - 1; k >= 0; --k) {
        const auto at = read_sample<Real, nx, nu>(b, j, k, block);
        const Real cost = Objective::stage(at.x, at.u, segment.time + at.since, objective);
        to_go = to_go + zero_unless<Real>(at.counts, weight * (cost - baseline));
        const auto now = instant_of<Tracker>(a.policy, at);
        const Vec<Real, nu> mean = Tracker::act(at.x, segment.plan, now, tracker);
        Vec<Real, nu> u_bar;
        PHI_UNROLL
        for (int i = 0; i < nu; ++i) {
          const Real deviation = load_row<Real>(a.deviation, nx + i, block);
          u_bar[i] =
              zero_unless<Real>(at.counts, (at.u[i] - mean[i]) / (deviation * deviation) * to_go);
        }
        Vec<Real, nx> ignored{};
        Tracker::act_vjp(at.x, segment.plan, now, tracker, u_bar, ignored, plan_bar);
      }
      Vec<Real, nz> z_bar{}, before_bar{};
      Tracker::plan_vjp(plan_bar, tracker, before_bar, z_bar);
      accumulate(j, block, z_bar);
      if (j > 0) accumulate(j - 1, block, before_bar);
      const mask_t<Real> lost =
          (!(all_finite(z_bar) & all_finite(before_bar))) & (status < Real(0));
      status = select(lost, Real(static_cast<S>(j * b.steps_per_segment)), status);
    }
    store_row(a.status, 0, block, status);
  }

 private:
  PHI_HD Real terminal_cost(Real end, std::int64_t block) const {
    const BatchView<S>& b = a.batch;
    const int last = b.segments - 1;
    const Real weight = WindowCount<Real>(a.window, end, last).containing;
    const auto at_end = read_end<Real, nx>(b, block);
    return weight * Objective::terminal(at_end.x, at_end.time, objective);
  }

  PHI_HD void accumulate(int j, std::int64_t block, const Vec<Real, nz>& bar) const {
    PHI_UNROLL
    for (int i = 0; i < nz; ++i) {
      const std::int64_t row = std::int64_t{j} * nz + i;
      store_row(a.decision_bar, row, block, load_row<Real>(a.decision_bar, row, block) + bar[i]);
    }
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
