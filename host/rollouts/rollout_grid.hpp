// A logged rollout on the engine's grid of segments × steps.
#pragma once

#include <vector>

#include "host/engine/engine.hpp"
#include "host/robots/registered.hpp"
#include "host/rollouts/logged_rollout.hpp"

namespace phigrad {

/// A rollout with its place in a batch.
struct RolloutOnGrid {
  GridTrajectory grid;
  int leading = 0;               // samples before the first segment: no segment owns them
  std::vector<int> slot_sample;  // [S·K], sample that a slot holds, −1 for padding
};

struct GridSize {
  int segments = 1;           // S
  int steps_per_segment = 1;  // K
};

/// The smallest grid that holds all of them, with `least_steps` or more. Throws Error(Exit::input)
/// where segment_begin cannot be followed.
GridSize grid_size(const std::vector<LoggedRollout>& rollouts, int least_steps);

/// The config's windows over each rollout, or over one that owns so many segments. Throws
/// Error(Exit::input) where one holds no window.
Windows windows_over(const std::vector<LoggedRollout>& rollouts, const Experiment& experiment);
Windows windows_over(int segments, const Experiment& experiment);

/// Samples from `first` to before `last`.
struct SampleRange {
  int first, last;
};

/// Those of a rollout that the config's windows cover.
SampleRange samples_in_windows(const LoggedRollout& rollout, const Experiment& experiment);

/// Lays a rollout on a grid for a policy that decides `nz` numbers a segment. Segment j owns the
/// samples segment_begin[j] … segment_begin[j+1] − 1. A quarantined rollout has status 0, so that
/// no mean takes it. Throws Error(Exit::input) where it is of another policy, or segment_begin
/// cannot be followed.
RolloutOnGrid lay_on_grid(const LoggedRollout& rollout, const GridSize& size, int nz);

/// Segments from `first` to before `beyond` of what lay_on_grid() makes, of a rollout that it
/// takes: all that can be laid of one that is still being driven, and the rest of it later. With
/// the segment that ends the grid comes the state behind it.
GridTrajectory lay_segments(const LoggedRollout& rollout, const GridSize& size, int first,
                            int beyond);

}  // namespace phigrad
