// EngineOf: samples that are simulated again when they are asked for. Part of engine_of.cpp.
#pragma once

#include "host/engine/engine_of.hpp"

namespace phigrad {

template <class S>
void EngineOf<S>::require_samples(const char* what) const {
  if (!recomputes()) return;
  throw Error(Exit::input, std::string(what) + " of rollouts whose samples are not stored",
              "rollout.tape", "use \"store\"");
}

template <class S>
void EngineOf<S>::require_repeatable() const {
  if (repeatable_) return;
  throw Error(Exit::input, "the batch would not be the same if it were simulated again", "engine",
              "simulate after plant, settings and disturbance are set");
}

template <class S>
RolloutArgs<S> EngineOf<S>::again(const RolloutArgs<S>& first, SegmentRange range) const {
  RolloutArgs<S> args = first;
  args.batch.states = states_.view();
  args.batch.inputs = inputs_.view();
  args.batch.first_slot = std::int64_t{range.begin} * shape_.steps_per_segment;
  args.score = {};
  args.range = range;
  args.again = true;
  return args;
}

template <class S>
template <class F>
void EngineOf<S>::each_range(Chain chain, const F& f) const {
  const int each = sizes_.again;
  const int count = (shape_.segments + each - 1) / each;
  for (int i = 0; i < count; ++i) {
    const int begin = (chain == Chain::rollout ? count - 1 - i : i) * each;
    f(SegmentRange{begin, std::min(begin + each, shape_.segments)});
  }
}

template <class S>
void EngineOf<S>::launch_adjoint(const RolloutArgs<S>& rollout, const AdjointArgs<S>& adjoint,
                                 LaunchRange blocks) const {
  if (!recomputes()) return k_.adjoint(adjoint, blocks);
  each_range(adjoint.chain, [&](SegmentRange range) {
    const RolloutArgs<S> samples = again(rollout, range);
    k_.rollout(samples, blocks);
    AdjointArgs<S> of_range = adjoint;
    of_range.batch = samples.batch;
    of_range.range = range;
    k_.adjoint(of_range, blocks);
  });
}

template <class S>
std::int64_t EngineOf<S>::blocks_in_cache() const {
  // A GPU has all of a batch at once, unless what it simulates again is to stay in its cache.
  if (!device_->works_in_blocks() && !recomputes()) return slots_.blocks();
  const std::int64_t numbers =
      (states_.rows() + inputs_.rows() + decisions_.rows() + decision_bar_.rows()) * slots_.width;
  return std::max<std::int64_t>(
      1, device_->cached_bytes() / (numbers * static_cast<std::int64_t>(sizeof(S))));
}

template <class S>
void EngineOf<S>::score_again(const ScoreView<S>& score) {
  require_repeatable();
  RolloutArgs<S> args = simulated_;
  args.score = score;
  args.again = true;  // of all segments, and none of their samples is stored
  device_->run(k_.rollout, args, slots_.blocks());
}

template <class S>
Trajectory EngineOf<S>::trajectory_again(std::int64_t b) const {
  require_repeatable();
  Trajectory t;
  const std::int64_t block = slots_.slot(b) / slots_.width;
  each_range(Chain::segment, [&](SegmentRange range) {
    const RolloutArgs<S> samples = again(simulated_, range);
    device_->run_together(1, 1, [&](LaunchRange one) {
      k_.rollout(samples, {block + one.begin, block + one.end, one.stream});
    });
    const auto slots = (range.end - range.begin) * shape_.steps_per_segment;
    const auto add = [&](std::vector<double>& to, const RowBuffer<S>& from, int each) {
      const std::vector<double> rows = column(from, b);
      to.insert(to.end(), rows.begin(), rows.begin() + std::ptrdiff_t{slots} * each);
    };
    add(t.states, states_, k_.nx);
    add(t.inputs, inputs_, k_.nu);
  });
  const std::vector<double> kept = column(decided_at_, b);
  t.states.insert(t.states.end(), kept.end() - k_.nx, kept.end());
  t.decisions = column(decisions_, b);
  t.status = static_cast<int>(column(status_, b)[0]);
  return t;
}

}  // namespace phigrad
