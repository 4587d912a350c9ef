// Few trajectories, many segments: what sensitivities run through on its own is cut out of the
// batch and becomes a trajectory of a batch that fills the lanes, and the threads. To the same
// bits.
#pragma once

#include "kernels/entry/stretch_arguments.hpp"
#include "kernels/gradient/access.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Where a number of one trajectory lies.
template <class S>
PHI_HD S* element(const Rows<S>& rows, std::int64_t row, std::int64_t slot) {
  return rows.at(row, slot / rows.layout.width) + slot % rows.layout.width;
}

/// The slot of the whole batch that holds a trajectory.
PHI_HD std::int64_t slot_of(const Stretches& s, std::int64_t trajectory) {
  return trajectory / s.rollouts * s.slots_per_policy + trajectory % s.rollouts;
}

/// One call fills one slot of the cut batch.
template <class Real>
struct CutStretches {
  using S = scalar_t<Real>;

  CutArgs<S> a;

  PHI_HD void operator()(std::int64_t to) const {
    const Stretches& s = a.stretches;
    const std::int64_t last = s.trajectories * s.count - 1;
    const std::int64_t which = to < last ? to : last;
    const int segment = s.first + static_cast<int>(which / s.trajectories);
    const std::int64_t from = slot_of(s, which % s.trajectories);
    PHI_UNROLL
    for (int kind = 0; kind < CutArgs<S>::kinds; ++kind) {
      const StretchRows<S>& r = a.rows[kind];
      if (r.rows == 0) continue;
      const S* source = element(r.whole, segment * r.step, from);
      S* target = element(r.cut, 0, to);
      for (std::int64_t i = 0; i < r.rows; ++i) {
        target[i * r.cut.layout.row_stride] = source[i * r.whole.layout.row_stride];
      }
    }
    const WindowCount<S> windows(a.window, *element(a.window.end, 0, from), segment);
    const bool alone = a.chain == Chain::segment;
    *element(a.stretch, stretch_weight, to) = alone ? windows.containing : windows.starting;
    *element(a.stretch, stretch_weight_before, to) =
        alone ? windows.containing - windows.starting : S(0);
    *element(a.stretch, stretch_has_end, to) = segment + s.length == a.segments ? S(1) : S(0);
  }
};

/// One call adds up the stretches of one trajectory.
template <class Real>
struct JoinStretches {
  using S = scalar_t<Real>;

  JoinArgs<S> a;

  PHI_HD void operator()(std::int64_t trajectory) const {
    const Stretches& s = a.stretches;
    const std::int64_t slot = slot_of(s, trajectory);
    for (int row = a.range.begin * a.nz; row < a.range.end * a.nz; ++row) {
      *element(a.decision_bar, row, slot) = S(0);
    }
    S status = *element(a.batch_status, 0, slot);
    if (status < S(0) && a.range.begin > 0) status = *element(a.status, 0, slot);
    for (int i = 0; i < s.count; ++i) {
      const std::int64_t cut = i * s.trajectories + trajectory;
      // A stretch's rows begin with the decision before it, which the batch has or has not.
      const int segment = s.first + i;
      for (int row = segment == 0 ? a.nz : 0; row < (1 + s.length) * a.nz; ++row) {
        *element(a.decision_bar, (segment - 1) * a.nz + row, slot) += *element(a.cut_bar, row, cut);
      }
      const S left = *element(a.cut_status, 0, cut);
      if (status < S(0) && left >= S(0)) {
        status = left + static_cast<S>(segment * a.steps_per_segment);
      }
    }
    *element(a.status, 0, slot) = status;
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
