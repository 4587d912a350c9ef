// A batch of few trajectories cut into stretches of segments, which sensitivities run through on
// their own: a batch of more and shorter trajectories (kernels/gradient/stretches.hpp).
#pragma once

#include "host/engine/buffer_sizes.hpp"

namespace phigrad {

/// Blocks that are worked on at once: by so many threads of the processor, or, where that is 0, by
/// a GPU, of which this is what an H200 holds at 128 registers a thread; not measured.
std::int64_t blocks_at_once(int processors);

/// Slots of a batch of so many stretches of each trajectory.
Slots cut_slots(const Slots& whole, int count);

/// Whether the stretches are sooner done side by side than one after the other in the blocks of the
/// whole batch.
bool worth_cutting(const Slots& whole, int count, std::int64_t blocks_at_once);

/// The stretches of a gradient, from every trajectory. None in chain rollout, which is one stretch,
/// and with a truncation, whose samples add up in an order of their own.
Stretches stretches_of(const Slots& whole, const Windows& windows, const GradientOptions& options,
                       SegmentRange range);

/// Buffers of a cut batch.
template <class S>
class CutBatch {
 public:
  CutBatch(Device& device, const BufferSizes& sizes, int count, int length,
           bool with_head_jacobian);

  /// Whether stretches fit these buffers.
  bool holds(const Stretches& s, bool with_head_jacobian) const {
    return s.length == length_ && s.count <= count_ &&
           (!with_head_jacobian || head_jacobian_.size() > 0);
  }

  /// Out of the whole batch that is differentiated with those arguments.
  CutArgs<S> cut_args(const AdjointArgs<S>& whole, const Stretches& stretches) const;
  /// The same of the stretches.
  AdjointArgs<S> adjoint_args(const AdjointArgs<S>& whole) const;
  JoinArgs<S> join_args(const AdjointArgs<S>& whole, const Stretches& stretches) const;

 private:
  int count_, length_;
  StretchSizes sizes_;
  std::int64_t nz_;
  RowBuffer<S> states_, inputs_, decisions_, segment_time_, since_, samples_, model_;
  RowBuffer<S> head_jacobian_, stretch_, status_, decision_bar_, adjoint_status_;
};

extern template class CutBatch<float>;
extern template class CutBatch<double>;

}  // namespace phigrad
