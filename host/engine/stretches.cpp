#include "host/engine/stretches.hpp"

#include "kernels/gradient/access.hpp"

namespace phigrad {
namespace {

/// What it takes to cut a stretch out, in times of a block's adjoint along it, for each lane.
constexpr double cutting = 0.15;

std::int64_t rounds(std::int64_t blocks, std::int64_t at_once) {
  return (blocks + at_once - 1) / at_once;
}

}  // namespace

std::int64_t blocks_at_once(int processors) { return processors > 0 ? processors : 132 * 512; }

Slots cut_slots(const Slots& whole, int count) {
  return {1, static_cast<int>(whole.trajectories() * count), whole.width, whole.width};
}

bool worth_cutting(const Slots& whole, int count, std::int64_t at_once) {
  if (count < 2 || whole.blocks() > at_once) return false;
  const auto side_by_side = static_cast<double>(rounds(cut_slots(whole, count).blocks(), at_once));
  return side_by_side * (1 + cutting * whole.width) < 0.9 * count;
}

Stretches stretches_of(const Slots& whole, const Windows& windows, const GradientOptions& options,
                       SegmentRange range) {
  const bool alone = options.chain != Chain::rollout && options.truncate == 0;
  const SegmentRange first = stretch_starts(options.chain, range, windows.drop, windows.length);
  return {first.begin,
          alone ? first.end - first.begin : 0,
          options.chain == Chain::window ? windows.length : 1,
          whole.trajectories(),
          whole.rollouts,
          whole.per_policy};
}

template <class S>
CutBatch<S>::CutBatch(Device& device, const BufferSizes& sizes, int count, int length,
                      bool with_head_jacobian)
    : count_(count),
      length_(length),
      sizes_(sizes.stretches(count, length, with_head_jacobian)),
      nz_(sizes.z.value()) {
  const Slots slots = cut_slots(sizes.slots, count);
  const auto rows = [&](const Formula& n) {
    return RowBuffer<S>(device, n.value(), slots.count, slots.width);
  };
  states_ = rows(sizes_.states);
  inputs_ = rows(sizes_.inputs);
  decisions_ = rows(sizes_.decisions);
  segment_time_ = rows(sizes_.segment_time);
  since_ = rows(sizes_.since);
  samples_ = rows(sizes_.count);
  model_ = rows(sizes_.model);
  head_jacobian_ = rows(sizes_.head_jacobian);
  stretch_ = rows(sizes_.stretch);
  status_ = rows(sizes_.status);
  decision_bar_ = rows(sizes_.decision_bar);
  adjoint_status_ = rows(sizes_.status);
}

template <class S>
CutArgs<S> CutBatch<S>::cut_args(const AdjointArgs<S>& whole, const Stretches& stretches) const {
  const BatchView<S>& b = whole.batch;
  const std::int64_t steps = b.steps_per_segment;
  const std::int64_t nx = states_.rows() / (length_ * steps + 1);
  const std::int64_t nu = inputs_.rows() / (length_ * steps);
  const auto of = [](const Rows<S>& from, const RowBuffer<S>& to, std::int64_t step) {
    return StretchRows<S>{from, to.view(), step, from.data == nullptr ? 0 : to.rows()};
  };
  return {stretches,
          {of(b.states, states_, steps * nx), of(b.inputs, inputs_, steps * nu),
           of(b.decisions, decisions_, nz_), of(b.segment_time, segment_time_, 1),
           of(b.since_refresh, since_, steps), of(b.count, samples_, 1), of(b.status, status_, 0),
           of(whole.model, model_, 0), of(whole.head_jacobian, head_jacobian_, nz_ * nx)},
          whole.window,
          b.segments,
          whole.chain,
          stretch_.view()};
}

template <class S>
AdjointArgs<S> CutBatch<S>::adjoint_args(const AdjointArgs<S>& whole) const {
  AdjointArgs<S> cut = whole;
  BatchView<S>& b = cut.batch;
  b.segments = length_;
  b.states = states_.view();
  b.inputs = inputs_.view();
  b.decisions = decisions_.view();
  b.segment_time = segment_time_.view();
  b.since_refresh = since_.view();
  b.count = samples_.view();
  b.decided_at = {};
  b.status = status_.view();
  cut.window.end = stretch_.view();  // a row of each slot, which is read there and not used
  cut.model = model_.view();
  if (whole.head_jacobian.data != nullptr) cut.head_jacobian = head_jacobian_.view();
  cut.range = {0, length_};
  cut.stretch = stretch_.view();
  cut.decision_bar = decision_bar_.view();
  cut.status = adjoint_status_.view();
  return cut;
}

template <class S>
JoinArgs<S> CutBatch<S>::join_args(const AdjointArgs<S>& whole, const Stretches& stretches) const {
  return {stretches,
          whole.range,
          static_cast<int>(nz_),
          whole.batch.steps_per_segment,
          decision_bar_.view(),
          adjoint_status_.view(),
          whole.batch.status,
          whole.decision_bar,
          whole.status};
}

template class CutBatch<float>;
template class CutBatch<double>;

}  // namespace phigrad
