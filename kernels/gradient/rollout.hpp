// Simulates a plant under a policy, records the batch and, where it is asked to, scores it. Where
// there is no memory for all samples it keeps where segments were decided, and simulates a stretch
// of them again from there, to the same bits.
#pragma once

#include "kernels/dynamics/integrators.hpp"
#include "kernels/dynamics/plant_state.hpp"
#include "kernels/gradient/disturbance.hpp"
#include "kernels/gradient/score.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// One call simulates one block of trajectories: states as the policy sees them, inputs as it
/// commands them, decisions, status.
template <class Robot, class Real, class Step, class Disturbance>
struct Rollout {
  using S = scalar_t<Real>;
  using Plant = typename Robot::Plant;
  using Policy = typename Robot::Policy;
  using Objective = typename Robot::Objective;
  using Head = typename Policy::Head;
  using Tracker = typename Policy::Tracker;
  static constexpr int nx = Policy::nx;
  static constexpr int nu = Policy::nu;
  static constexpr int nz = Policy::nz;

  RolloutArgs<S> a;
  typename Policy::template Settings<S> settings;
  typename Objective::template Settings<S> objective;

  PHI_HD void operator()(std::int64_t block) const {
    const BatchView<S>& b = a.batch;
    const int steps = b.steps_per_segment;
    const bool scored = a.score.loss.data != nullptr;
    Tally<Robot, Real> tally(a.score, objective,
                             scored ? load_row<Real>(a.score.window.end, 0, block) : Real(0));
    const auto parameters = parameters_of<Real>(a.policy, block);
    const constants_t<Plant, Real> plant = load_pack<Plant::template Params, Real>(a.plant, block);
    Disturbance disturbance(a, block);
    const bool is_first = !a.again, is_stored = b.states.data != nullptr;
    const bool is_kept = is_first && !b.ragged && b.decided_at.data != nullptr;
    Vec<Real, Plant::nx> state =
        begin_plant<Plant, Real>(is_first ? load_rows<Real, nx>(a.initial, 0, block)
                                          : decided_at<Real, nx>(b, a.range.begin, block),
                                 plant);
    Vec<Real, nx> x = observe_plant<Plant, Real>(state);
    disturbance.sense(0, x);
    Vec<Real, nz> before;
    if (is_first) {
      before = Head::before(x, load_row<Real>(b.segment_time, 0, block), Policy::head(settings));
      store_rows(b.decisions, 0, block, before);
    } else {
      before = read_decision<Policy, Real>(b, a.range.begin - 1, block);
    }
    Real status = Real(-1);
    for (int j = a.range.begin; j < a.range.end; ++j) {
      const Real t = load_row<Real>(b.segment_time, j, block);
      if (is_kept) store_rows(b.decided_at, std::int64_t{j} * nx, block, x);
      const Vec<Real, nz> z = is_first ? decide<Policy>(parameters, settings, x, t, j)
                                       : read_decision<Policy, Real>(b, j, block);
      if (is_first) store_rows(b.decisions, std::int64_t{j + 1} * nz, block, z);
      const auto& plan = Tracker::plan(before, z, Policy::tracker(settings));
      for (int k = 0; k < steps; ++k) {
        const std::int64_t slot = std::int64_t{j} * steps + k;
        const int step = static_cast<int>(slot);
        const Real since = since_refresh<Real>(b, j, k, block);
        const Instant<S, Real> now{since, schedule_of<Tracker>(a.policy, slot)};
        Vec<Real, nu> u = Tracker::act(x, plan, now, Policy::tracker(settings));
        disturbance.draw(step);
        disturbance.explore(u);
        if (is_stored) {
          store_rows(b.states, (slot - b.first_slot) * nx, block, x);
          store_rows(b.inputs, (slot - b.first_slot) * nu, block, u);
        }
        if (scored) tally.add(x, u, t + since, mask_t<Real>(true));
        const mask_t<Real> lost = (!(all_finite(x) & all_finite(u))) & (status < Real(0));
        if (any(lost)) status = select(lost, Real(static_cast<S>(slot)), status);
        state = Step::template step<Plant, Real>(state, disturbance.deliver(step, u), plant, b.dt);
        if constexpr (!has_own_state_v<Plant>) disturbance.push(state);
        x = observe_plant<Plant, Real>(state);
        disturbance.sense(step + 1, x);
      }
      if (scored) tally.end_segment(j);
      if constexpr (!Tracker::plan_is_decision) before = z;
    }
    if (scored) tally.end({x, end_time<Real>(b, block)}, b.segments - 1, block);
    if (!is_first) return;
    const std::int64_t end = std::int64_t{b.segments} * steps;
    if (is_kept) {
      store_rows(b.decided_at, std::int64_t{b.segments} * nx, block, x);
    } else {
      store_rows(b.states, end * nx, block, x);
    }
    const mask_t<Real> lost = (!all_finite(x)) & (status < Real(0));
    store_row(b.status, 0, block, select(lost, Real(static_cast<S>(end)), status));
  }
};

/// Decides every segment of a recorded batch anew with the policy's head (row 0 is kept).
template <class Robot, class Real>
struct Decide {
  using S = scalar_t<Real>;
  using Policy = typename Robot::Policy;
  static constexpr int nx = Policy::nx;
  static constexpr int nz = Policy::nz;

  DecideArgs<S> a;
  typename Policy::template Settings<S> settings;

  PHI_HD void operator()(std::int64_t block) const {
    const auto parameters = parameters_of<Real>(a.policy, block);
    for (int j = 0; j < a.batch.segments; ++j) {
      const Real t = load_row<Real>(a.batch.segment_time, j, block);
      const auto z =
          decide<Policy>(parameters, settings, decided_at<Real, nx>(a.batch, j, block), t, j);
      store_rows(a.batch.decisions, std::int64_t{j + 1} * nz, block, z);
    }
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
