// What crosses from the host to the kernels that cut stretches of segments out of a batch and join
// what came of them (kernels/gradient/stretches.hpp).
#pragma once

#include "kernels/entry/arguments.hpp"

namespace phigrad {

/// What a cut stretch is to the trajectory that it comes from.
enum StretchNumber : int {
  stretch_weight,         // of its gradient on its own decisions
  stretch_weight_before,  // on the decision before its first segment
  stretch_has_end,        // 1 where it holds the trajectory's last segment, else 0
  n_stretch_numbers
};

/// Which stretches of segments are cut out of a batch: `count` of `length` segments each from every
/// trajectory, the first from segment `first` on, each next from one later. Slot c of the cut batch
/// holds stretch c / trajectories of trajectory c % trajectories; further slots repeat the last.
struct Stretches {
  int first, count, length;
  std::int64_t trajectories, rollouts, slots_per_policy;  // of the whole batch
};

/// Rows `stretch` · step to `stretch` · step + rows of a trajectory, which become a stretch's own.
template <class S>
struct StretchRows {
  Rows<S> whole, cut;
  std::int64_t step, rows;
};

template <class S>
struct CutArgs {
  static constexpr int kinds = 9;

  Stretches stretches;
  StretchRows<S> rows[kinds];
  WindowView<S> window;  // of the whole batch
  int segments;          // S of it
  Chain chain;           // segment or window
  Rows<S> stretch;       // [n_stretch_numbers], out
};

/// Adds up what the stretches gave, in the order in which the whole batch's kernel does.
template <class S>
struct JoinArgs {
  Stretches stretches;
  SegmentRange range;  // whose rows are set, as the adjoint's
  int nz, steps_per_segment;
  Rows<S> cut_bar;       // [1 + length, nz]
  Rows<S> cut_status;    // [1]
  Rows<S> batch_status;  // [1]
  Rows<S> decision_bar;  // [S, nz], out
  Rows<S> status;        // [1], out
};

}  // namespace phigrad
