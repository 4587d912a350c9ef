// A recorded rollout on the engine's grid of segments × steps.
#pragma once

#include <string>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/records/recordings.hpp"

namespace phigrad {

/// A rollout of the authors' logs with its place in a batch.
struct RecordedOnGrid {
  GridTrajectory grid;
  int leading = 0;               // samples before the first segment: no segment owns them
  std::vector<int> slot_sample;  // [S·K], sample that a slot holds, −1 for padding
};

/// Segments that own samples, and the longest of them.
int grid_segments(const RecordedRollout& rollout);
int grid_steps(const RecordedRollout& rollout);

/// Lays a rollout on a grid of `segments` × `steps`. Segment j owns the samples idx_segs[j] …
/// idx_segs[j+1] − 1; times are the task's, task_t0 + ts. The decision of a segment is its recorded
/// corrected setpoint and gain corrections. Throws Error(Exit::input) where idx_segs cannot be
/// followed; `place` names log and rollout.
RecordedOnGrid lay_on_grid(const RecordedRollout& rollout, int segments, int steps,
                           const std::string& place);

}  // namespace phigrad
