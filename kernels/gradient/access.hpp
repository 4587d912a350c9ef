// What every kernel over a batch asks of it: where a slot is, when it was, whether it counts.
#pragma once

#include "kernels/entry/arguments.hpp"
#include "kernels/policy/policy.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// True where slot `step` of `segment` holds a sample.
template <class Real, class S>
PHI_HD mask_t<Real> is_sample(const BatchView<S>& b, int segment, int step, std::int64_t block) {
  if (!b.ragged) return mask_t<Real>(true);
  return Real(static_cast<S>(step)) < load_row<Real>(b.count, segment, block);
}

/// Seconds since the segment was decided.
template <class Real, class S>
PHI_HD Real since_refresh(const BatchView<S>& b, int segment, int step, std::int64_t block) {
  if (!b.ragged) return Real(b.dt * static_cast<S>(step));
  return load_row<Real>(b.since_refresh, segment * b.steps_per_segment + step, block);
}

/// The state that the head saw when it decided the segment.
template <class Real, int NX, class S>
PHI_HD Vec<Real, NX> decided_at(const BatchView<S>& b, int segment, std::int64_t block) {
  if (b.decided_at.data != nullptr) {
    return load_rows<Real, NX>(b.decided_at, std::int64_t{segment} * NX, block);
  }
  return load_rows<Real, NX>(b.states, std::int64_t{segment} * b.steps_per_segment * NX, block);
}

/// A segment of a batch: the plan that its decision and the one before it make, and when it was
/// decided.
template <class Policy, class Real>
struct Segment {
  Vec<Real, Policy::nm> plan;
  Real time;  // s
};

/// The decision of a segment; of segment −1 the one in force before the first.
template <class Policy, class Real, class S>
PHI_HD Vec<Real, Policy::nz> read_decision(const BatchView<S>& b, int segment, std::int64_t block) {
  constexpr int nz = Policy::nz;
  return load_rows<Real, nz>(b.decisions, std::int64_t{segment + 1} * nz, block);
}

template <class Policy, class Real, class S, class TrackerSettings>
PHI_HD Segment<Policy, Real> read_segment(const BatchView<S>& b, const TrackerSettings& tracker,
                                          int segment, std::int64_t block) {
  using Tracker = typename Policy::Tracker;
  const Real time = load_row<Real>(b.segment_time, segment, block);
  if constexpr (!Tracker::plan_is_decision) {
    return {Tracker::plan(read_decision<Policy, Real>(b, segment - 1, block),
                          read_decision<Policy, Real>(b, segment, block), tracker),
            time};
  } else {
    return {read_decision<Policy, Real>(b, segment, block), time};
  }
}

/// What a slot of a batch holds.
template <class Real, int NX, int NU>
struct Sample {
  std::int64_t slot;
  Vec<Real, NX> x;
  Vec<Real, NU> u;
  Real since;           // s since the segment was decided
  mask_t<Real> counts;  // false where it is padding
};

template <class Real, int NX, int NU, class S>
PHI_HD Sample<Real, NX, NU> read_sample(const BatchView<S>& b, int segment, int step,
                                        std::int64_t block) {
  const std::int64_t slot = std::int64_t{segment} * b.steps_per_segment + step;
  const std::int64_t at = slot - b.first_slot;
  return {slot, load_rows<Real, NX>(b.states, at * NX, block),
          load_rows<Real, NU>(b.inputs, at * NU, block),
          since_refresh<Real>(b, segment, step, block), is_sample<Real>(b, segment, step, block)};
}

/// The state behind the last slot, and its time.
template <class Real, int NX>
struct End {
  Vec<Real, NX> x;
  Real time;  // s
};

template <class Real, class S>
PHI_HD Real end_time(const BatchView<S>& b, std::int64_t block) {
  return load_row<Real>(b.segment_time, b.segments - 1, block) +
         Real(b.dt * static_cast<S>(b.steps_per_segment));
}

template <class Real, int NX, class S>
PHI_HD End<Real, NX> read_end(const BatchView<S>& b, std::int64_t block) {
  const bool is_kept = !b.ragged && b.decided_at.data != nullptr;
  const std::int64_t slots = std::int64_t{b.segments} * b.steps_per_segment;
  return {is_kept ? decided_at<Real, NX>(b, b.segments, block)
                  : load_rows<Real, NX>(b.states, slots * NX, block),
          end_time<Real>(b, block)};
}

/// The schedule's entries of one slot; null where there is no schedule.
template <class Tracker, class S>
PHI_HD const S* schedule_of(const PolicyView<S>& p, std::int64_t slot) {
  return p.schedule == nullptr ? nullptr : p.schedule + slot * Tracker::n_schedule;
}

/// When a sample was, as its tracker takes it.
template <class Tracker, class Real, int NX, int NU, class S>
PHI_HD Instant<S, Real> instant_of(const PolicyView<S>& p, const Sample<Real, NX, NU>& sample) {
  return {sample.since, schedule_of<Tracker>(p, sample.slot)};
}

/// The parameters of a block's trajectories.
template <class S>
struct BlockParameters {
  bool are_shared;
  SharedParameters<S> shared;  // by the block's lanes
  LaneParameters<S> lanes;     // one set a lane

  template <class F>
  PHI_HD decltype(auto) visit(const F& f) const {
    if (are_shared) return f(shared);
    return f(lanes);
  }
};

template <class Real, class S>
PHI_HD BlockParameters<S> parameters_of(const PolicyView<S>& p, std::int64_t block) {
  if (!p.shared) return {false, {nullptr}, {p.theta, block}};
  const std::int64_t policy = block * width_v<Real> / p.slots_per_policy;
  return {true, {p.theta_shared + policy * p.parameters}, {p.theta, block}};
}

/// What a block's policies decide for a segment at state x and task time t.
template <class Policy, class Real, class S, class PolicySettings>
PHI_HD Vec<Real, Policy::nz> decide(const BlockParameters<S>& parameters,
                                    const PolicySettings& settings, const Vec<Real, Policy::nx>& x,
                                    Real t, int segment) {
  return parameters.visit([&](const auto& theta) {
    return Policy::Head::decide(theta, x, t, segment, Policy::head(settings));
  });
}

/// How the decision of a segment answers to the state it was taken at, for cotangents of it.
template <class Policy, class Real, class S, class Parameters, class PolicySettings>
PHI_HD auto state_vjp_of(const BatchView<S>& b, const Parameters& theta,
                         const PolicySettings& settings, int segment, std::int64_t block) {
  const auto& head = Policy::head(settings);
  using Vjp = typename Policy::Head::template StateVjp<Parameters, Real, S>;
  return Vjp(theta, decided_at<Real, Policy::nx>(b, segment, block),
             load_row<Real>(b.segment_time, segment, block), head);
}

template <class Real>
PHI_HD Real zero_unless(const mask_t<Real>& mask, Real x) {
  return select(mask, x, Real(0));
}

template <class Real, int N>
PHI_HD Vec<Real, N> zero_unless(const mask_t<Real>& mask, Vec<Real, N> v) {
  PHI_UNROLL
  for (int i = 0; i < N; ++i) v[i] = select(mask, v[i], Real(0));
  return v;
}

template <class Real, int N>
PHI_HD Vec<Real, N> select_rows(const mask_t<Real>& mask, const Vec<Real, N>& a,
                                Vec<Real, N> otherwise) {
  PHI_UNROLL
  for (int i = 0; i < N; ++i) otherwise[i] = select(mask, a[i], otherwise[i]);
  return otherwise;
}

/// True where every entry is finite: 0 · x is 0 for finite x alone.
template <class Real, int N>
PHI_HD mask_t<Real> all_finite(const Vec<Real, N>& v) {
  Real zero = v[0] * Real(0);
  PHI_UNROLL
  for (int i = 1; i < N; ++i) zero = fma(v[i], Real(0), zero);
  return zero == Real(0);
}

/// In how many windows a segment lies, and in how many it is the first (0 or 1).
template <class Real>
struct WindowCount {
  Real containing, starting;

  template <class S>
  PHI_HD WindowCount(const WindowView<S>& w, Real end, int segment) {
    const Real j = Real(static_cast<S>(segment));
    const Real last_start = end - Real(static_cast<S>(w.length));
    const int earliest = segment - w.length + 1;
    const Real first = Real(static_cast<S>(earliest > w.drop ? earliest : w.drop));
    containing = max(min(j, last_start) - first + Real(1), Real(0));
    const mask_t<Real> within = j <= last_start;
    starting = segment < w.drop ? Real(0) : select(within, Real(1), Real(0));
  }
};

/// First segments of what sensitivities run through on its own: each segment of the range, each
/// window of so many after those dropped, or the range as a whole.
PHI_HD SegmentRange stretch_starts(Chain chain, SegmentRange range, int drop, int window) {
  if (chain == Chain::segment) return range;
  if (chain == Chain::window) return {drop, range.end - window + 1};
  return {range.begin, range.begin + 1};
}

}  // namespace PHI_ISA
}  // namespace phigrad
