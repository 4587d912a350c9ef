// The adjoint of the closed loop, taken along a recorded batch with the model's derivatives:
//   δ_t = B_tᵀ λ_{t+1} + ∂c/∂u,   λ_t = ∂c/∂x + (∂F̂/∂x)ᵀ λ_{t+1} + (∂π/∂x)ᵀ δ_t,
// pulled back to the decisions z of the segments. A and B are recomputed inside the products.
#pragma once

#include "kernels/dynamics/integrators.hpp"
#include "kernels/entry/stretch_arguments.hpp"
#include "kernels/gradient/access.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// One call takes one block of trajectories and writes ∂loss/∂z [S, nz]. In chain segment a range
/// leaves its last row to be completed by the one that follows; in chain rollout λ is handed from a
/// range to the one before it. A block of cut stretches
/// (kernels/gradient/stretches.hpp) has one row of decisions more, that before its first segment.
template <class Robot, class Real, class Step>
struct Adjoint {
  using S = scalar_t<Real>;
  using Model = typename Robot::Model;
  using Policy = typename Robot::Policy;
  using Objective = typename Robot::Objective;
  using Head = typename Policy::Head;
  using Tracker = typename Policy::Tracker;
  static constexpr int nx = Model::nx;
  static constexpr int nu = Model::nu;
  static constexpr int nz = Policy::nz;
  static constexpr int nm = Policy::nm;

  AdjointArgs<S> a;
  typename Policy::template Settings<S> settings;
  typename Objective::template Settings<S> objective;

  PHI_HD void operator()(std::int64_t block) const {
    Sweep s(*this, block);
    const SegmentRange first =
        is_cut() ? SegmentRange{0, 1}
                 : stretch_starts(a.chain, a.range, a.window.drop, a.window.length);
    for (int j = first.begin; j < first.end; ++j) s.run(s.stretch(j));
    s.end();
  }

  /// A stretch of segments that sensitivities run through, and what its gradient weighs: on its
  /// own decisions, and on the decision before its first segment.
  struct Stretch {
    int last, first;
    Real weight, weight_before;
  };

  /// λ and what rides along with it on the way back.
  struct Cotangents {
    Vec<Real, nx> lambda;      // of the state after the slot
    Vec<Real, nz> before_bar;  // of the decision before this segment's, from the segment itself
    Real reach;                // steps that the sensitivity may still go back
  };

  /// A block on its way back.
  class Sweep {
   public:
    PHI_HD Sweep(const Adjoint& kernel, std::int64_t block)
        : k_(kernel),
          block_(block),
          model_(load_pack<Model::template Params, Real>(k_.a.model, block)),
          last_end_(load_row<Real>(k_.a.window.end, 0, block)),
          status_(load_row<Real>(k_.a.batch.status, 0, block)) {
      const AdjointArgs<S>& args = k_.a;
      const bool is_next = args.chain == Chain::rollout ? args.range.end < args.batch.segments
                                                        : args.range.begin > 0;
      if (is_next) {
        const Real before = load_row<Real>(args.status, 0, block_);
        status_ = select(status_ < Real(0), before, status_);
      }
      const int rows = (args.range.end + (k_.is_cut() ? 1 : 0)) * nz;
      for (int row = args.range.begin * nz; row < rows; ++row) {
        store_row(args.decision_bar, row, block_, Real(0));
      }
    }
    PHI_HD void end() const { store_row(k_.a.status, 0, block_, status_); }

    PHI_HD Stretch stretch(int first) const {
      const int last = k_.a.batch.segments - 1;
      if (k_.is_cut()) {
        return {last, 0, load_row<Real>(k_.a.stretch, stretch_weight, block_),
                load_row<Real>(k_.a.stretch, stretch_weight_before, block_)};
      }
      if (k_.a.chain == Chain::rollout) {
        return {k_.a.range.end - 1, k_.a.range.begin, Real(1), Real(0)};
      }
      const WindowCount<Real> w(k_.a.window, last_end_, first);
      // A window's first segment takes the decision before it as a constant.
      if (k_.a.chain == Chain::segment) {
        return {first, first, w.containing, w.containing - w.starting};
      }
      return {first + k_.a.window.length - 1, first, w.starting, Real(0)};
    }

    PHI_HD_NOINLINE void run(const Stretch& stretch) {
      if (!any(stretch.weight > Real(0))) return;
      if (k_.a.truncate == 0) {
        Cotangents c = begin(stretch);
        for (int j = stretch.last; j >= stretch.first; --j) {
          back(stretch, j, k_.a.batch.steps_per_segment - 1, every_slot, c);
        }
        leave(stretch, c);
      } else {
        run_truncated(stretch);
      }
    }

    // What run() does of a stretch that is not truncated, for a kernel that takes the way through
    // the heads of many blocks together.

    PHI_HD Cotangents begin(const Stretch& stretch) const {
      const bool is_next = k_.a.carry.data != nullptr && stretch.last < k_.a.batch.segments - 1;
      return is_next ? take_carry() : terminal(stretch.last);
    }
    /// Segment j backward; ∂loss/∂z of its decision, which is added to the gradient.
    PHI_HD Vec<Real, nz> to_decision(const Stretch& stretch, int j, Cotangents& c) {
      return back_to_decision(stretch, j, k_.a.batch.steps_per_segment - 1, every_slot, c);
    }
    /// After λ has gone through the head.
    PHI_HD void note_lost(const Stretch& stretch, int j, const Vec<Real, nz>& z_bar,
                          const Cotangents& c) {
      const mask_t<Real> lost = (!(all_finite(c.lambda) & all_finite(z_bar))) &
                                (status_ < Real(0)) & (stretch.weight > Real(0));
      status_ = select(lost, Real(static_cast<S>(j * k_.a.batch.steps_per_segment)), status_);
    }
    PHI_HD void leave(const Stretch& stretch, const Cotangents& c) {
      if (k_.a.carry.data != nullptr) {
        leave_carry(c);
      } else {
        pass_before(stretch, stretch.first, c);
      }
    }

   private:
    static constexpr int every_slot = -1;

    /// Each sample's cost goes back on its own, `truncate` steps and no further.
    PHI_HD_NOINLINE void run_truncated(const Stretch& stretch) {
      const int steps = k_.a.batch.steps_per_segment;
      for (int j = stretch.last; j >= stretch.first; --j) {
        const bool at_end = j == k_.a.batch.segments - 1;
        for (int seed = at_end ? steps : steps - 1; seed >= 0; --seed) {
          const bool is_terminal = seed == steps;
          Cotangents c = is_terminal ? terminal(j) : Cotangents{{}, {}, Real(0)};
          c.reach = Real(static_cast<S>(k_.a.truncate - (is_terminal ? 1 : 0)));
          int i = j;
          back(stretch, i, is_terminal ? steps - 1 : seed, seed, c);
          while (i > stretch.first && any(c.reach >= Real(0))) {
            --i;
            back(stretch, i, steps - 1, steps, c);
          }
          pass_before(stretch, i, c);
        }
      }
    }

    /// The terminal cost's λ, where `last` is the batch's last segment.
    PHI_HD Cotangents terminal(int last) const {
      const BatchView<S>& b = k_.a.batch;
      Cotangents c{{}, {}, Real(0)};
      if (last != b.segments - 1) return c;
      const auto at_end = read_end<Real, nx>(b, block_);
      c.lambda =
          Objective::terminal_gradient(at_end.x, at_end.time, k_.objective) * cost_weight(last);
      if (k_.is_cut()) {
        const Real has_end = load_row<Real>(k_.a.stretch, stretch_has_end, block_);
        c.lambda = zero_unless(mask_t<Real>(has_end > Real(0)), c.lambda);
      }
      return c;
    }

    /// λ at the end of the range, from the range behind it.
    PHI_HD Cotangents take_carry() const {
      return {load_rows<Real, nx>(k_.a.carry, 0, block_),
              load_rows<Real, nz>(k_.a.carry, nx, block_), Real(0)};
    }
    PHI_HD void leave_carry(const Cotangents& c) const {
      store_rows(k_.a.carry, 0, block_, c.lambda);
      store_rows(k_.a.carry, nx, block_, c.before_bar);
    }

    /// In chain rollout one stretch serves all windows: a cost counts once a window that holds it.
    PHI_HD Real cost_weight(int segment) const {
      if (k_.a.chain != Chain::rollout) return Real(1);
      return WindowCount<Real>(k_.a.window, last_end_, segment).containing;
    }

    /// One segment backward from slot `from`, with the cost of one slot (`seed`) or of all, and
    /// through the head to the state that it was decided at.
    PHI_HD_NOINLINE void back(const Stretch& stretch, int j, int from, int seed, Cotangents& c) {
      const Vec<Real, nz> z_bar = back_to_decision(stretch, j, from, seed, c);
      if (k_.a.through_head) pass_head(j, z_bar, c);
      note_lost(stretch, j, z_bar, c);
    }

    PHI_HD Vec<Real, nz> back_to_decision(const Stretch& stretch, int j, int from, int seed,
                                          Cotangents& c) {
      const BatchView<S>& b = k_.a.batch;
      const auto& tracker = Policy::tracker(k_.settings);
      const auto segment = read_segment<Policy, Real>(b, tracker, j, block_);
      const Real weight = cost_weight(j);
      const bool truncated = k_.a.truncate > 0;
      // The CPU then selects nothing; for a GPU's thread that costs less than a branch.
      const bool every_slot_counts = !on_gpu && !truncated && !b.ragged;
      Vec<Real, nm> plan_bar{};
      for (int step = from; step >= 0; --step) {
        const auto at = read_sample<Real, nx, nu>(b, j, step, block_);
        Cotangent<Real, nx, nu> bar =
            Step::template vjp<Model, Real>(at.x, at.u, model_, b.dt, c.lambda);
        if (seed == every_slot || seed == step) {
          const auto cost =
              Objective::stage_gradient(at.x, at.u, segment.time + at.since, k_.objective);
          bar.x = add_scaled(bar.x, weight, cost.x);
          bar.u = add_scaled(bar.u, weight, cost.u);
        }
        const Instant<S, Real> now = instant_of<Tracker>(k_.a.policy, at);
        if (every_slot_counts) {
          Tracker::act_vjp(at.x, segment.plan, now, tracker, bar.u, bar.x, plan_bar);
          c.lambda = bar.x;
          continue;
        }
        mask_t<Real> counts = at.counts;
        if (truncated) counts = counts & (c.reach >= Real(0));
        Vec<Real, nm> with_step = plan_bar;
        Tracker::act_vjp(at.x, segment.plan, now, tracker, bar.u, bar.x, with_step);
        plan_bar = select_rows(counts, with_step, plan_bar);
        c.lambda = select_rows(counts, bar.x, c.lambda);
        if (truncated) {
          c.reach = c.reach - zero_unless<Real>(counts, Real(1));
          c.lambda = zero_unless(mask_t<Real>(c.reach >= Real(0)), c.lambda);
        }
      }
      const Vec<Real, nz> z_bar = of_decisions(plan_bar, c);
      accumulate(j, z_bar, stretch.weight);
      return z_bar;
    }

    /// From the plan's cotangent to its decision's; that of the decision before waits.
    PHI_HD Vec<Real, nz> of_decisions(const Vec<Real, nm>& plan_bar, Cotangents& c) const {
      if constexpr (Tracker::plan_is_decision) {
        return plan_bar;
      } else {
        Vec<Real, nz> z_bar = c.before_bar;  // what the segment after this one sent back
        c.before_bar = {};
        Tracker::plan_vjp(plan_bar, Policy::tracker(k_.settings), c.before_bar, z_bar);
        return z_bar;
      }
    }

    /// Through the head to the state that segment j was decided at.
    PHI_HD_BIG void pass_head(int j, const Vec<Real, nz>& z_bar, Cotangents& c) {
      if constexpr (Head::depends_on_state) {
        if (k_.a.head_jacobian.data == nullptr) {
          parameters_of<Real>(k_.a.policy, block_).visit([&](const auto& theta) {
            const auto vjp = state_vjp_of<Policy, Real>(k_.a.batch, theta, k_.settings, j, block_);
            c.lambda = c.lambda + vjp(z_bar);
          });
          return;
        }
        PHI_UNROLL
        for (int i = 0; i < nz; ++i) {
          const std::int64_t row = (std::int64_t{j} * nz + i) * nx;
          c.lambda =
              add_scaled(c.lambda, z_bar[i], load_rows<Real, nx>(k_.a.head_jacobian, row, block_));
        }
      }
    }

    /// Hands what is left for the decision before segment j to it: within a stretch all of it,
    /// before its first segment as the stretch weighs it.
    PHI_HD void pass_before(const Stretch& stretch, int j, const Cotangents& c) {
      if (Tracker::plan_is_decision || (j == 0 && !k_.is_cut())) return;
      accumulate(j - 1, c.before_bar, j > stretch.first ? stretch.weight : stretch.weight_before);
    }

    PHI_HD void accumulate(int j, const Vec<Real, nz>& bar, Real weight) {
      const std::int64_t stride = row_stride<Real>(k_.a.decision_bar.layout);
      S* at = row_at<Real>(k_.a.decision_bar, std::int64_t{k_.is_cut() ? j + 1 : j} * nz, block_);
      const mask_t<Real> counts = weight > Real(0);
      PHI_UNROLL
      for (int i = 0; i < nz; ++i, at += stride) {
        store(load<Real>(at) + zero_unless<Real>(counts, bar[i] * weight), at);
      }
    }

    const Adjoint& k_;
    std::int64_t block_;
    constants_t<Model, Real> model_;
    Real last_end_;  // segments that windows end before
    Real status_;
  };

 private:
  PHI_HD bool is_cut() const { return a.stretch.data != nullptr; }
};

}  // namespace PHI_ISA
}  // namespace phigrad
