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
    const auto parameters = parameters_of<Real>(a.policy, block);
    Run run(*this, block);
    for (int j = a.range.begin; j < a.range.end; ++j) {
      const Real t = load_row<Real>(a.batch.segment_time, j, block);
      run.segment(j, t,
                  a.again ? read_decision<Policy, Real>(a.batch, j, block)
                          : decide<Policy>(parameters, settings, run.x(), t, j));
    }
    run.end();
  }

  /// A block on its way: one segment after the other, each from what was decided for it.
  class Run {
   public:
    PHI_HD Run(const Rollout& kernel, std::int64_t block)
        : k_(kernel),
          block_(block),
          is_scored_(k_.a.score.loss.data != nullptr),
          is_kept_(!k_.a.again && !k_.a.batch.ragged && k_.a.batch.decided_at.data != nullptr),
          tally_(k_.a.score, k_.objective,
                 is_scored_ ? load_row<Real>(k_.a.score.window.end, 0, block) : Real(0)),
          plant_(load_pack<Plant::template Params, Real>(k_.a.plant, block)),
          disturbance_(k_.a, block) {
      const BatchView<S>& b = k_.a.batch;
      const int first = k_.a.range.begin;
      state_ = begin_plant<Plant, Real>(k_.a.again ? decided_at<Real, nx>(b, first, block)
                                                   : load_rows<Real, nx>(k_.a.initial, 0, block),
                                        plant_);
      x_ = observe_plant<Plant, Real>(state_);
      disturbance_.sense(0, x_);
      if (k_.a.again) {
        before_ = read_decision<Policy, Real>(b, first - 1, block);
      } else {
        before_ =
            Head::before(x_, load_row<Real>(b.segment_time, 0, block), Policy::head(k_.settings));
        store_rows(b.decisions, 0, block, before_);
      }
    }

    /// The state that the policy sees.
    PHI_HD const Vec<Real, nx>& x() const { return x_; }

    /// Segment j, decided at task time t (s).
    PHI_HD void segment(int j, Real t, const Vec<Real, nz>& z) {
      const BatchView<S>& b = k_.a.batch;
      const int steps = b.steps_per_segment;
      const bool is_stored = b.states.data != nullptr;
      if (is_kept_) store_rows(b.decided_at, std::int64_t{j} * nx, block_, x_);
      if (!k_.a.again) store_rows(b.decisions, std::int64_t{j + 1} * nz, block_, z);
      const auto& plan = Tracker::plan(before_, z, Policy::tracker(k_.settings));
      for (int k = 0; k < steps; ++k) {
        const std::int64_t slot = std::int64_t{j} * steps + k;
        const int step = static_cast<int>(slot);
        const Real since = since_refresh<Real>(b, j, k, block_);
        const Instant<S, Real> now{since, schedule_of<Tracker>(k_.a.policy, slot)};
        Vec<Real, nu> u = Tracker::act(x_, plan, now, Policy::tracker(k_.settings));
        disturbance_.draw(step);
        disturbance_.explore(u);
        if (is_stored) {
          store_rows(b.states, (slot - b.first_slot) * nx, block_, x_);
          store_rows(b.inputs, (slot - b.first_slot) * nu, block_, u);
        }
        if (is_scored_) tally_.add(x_, u, t + since, mask_t<Real>(true));
        note_lost(!(all_finite(x_) & all_finite(u)), slot);
        state_ =
            Step::template step<Plant, Real>(state_, disturbance_.deliver(step, u), plant_, b.dt);
        if constexpr (!has_own_state_v<Plant>) disturbance_.push(state_);
        x_ = observe_plant<Plant, Real>(state_);
        disturbance_.sense(step + 1, x_);
      }
      if (is_scored_) tally_.end_segment(j);
      if constexpr (!Tracker::plan_is_decision) before_ = z;
    }

    /// After the last segment: the state behind it, the score, the status.
    PHI_HD void end() {
      const BatchView<S>& b = k_.a.batch;
      if (is_scored_) tally_.end({x_, end_time<Real>(b, block_)}, b.segments - 1, block_);
      if (k_.a.again) return;
      const std::int64_t slots = std::int64_t{b.segments} * b.steps_per_segment;
      if (is_kept_) {
        store_rows(b.decided_at, std::int64_t{b.segments} * nx, block_, x_);
      } else {
        store_rows(b.states, slots * nx, block_, x_);
      }
      note_lost(!all_finite(x_), slots);
      store_row(b.status, 0, block_, status_);
    }

   private:
    PHI_HD void note_lost(const mask_t<Real>& is_lost, std::int64_t slot) {
      const mask_t<Real> first = is_lost & (status_ < Real(0));
      if (any(first)) status_ = select(first, Real(static_cast<S>(slot)), status_);
    }

    const Rollout& k_;
    std::int64_t block_;
    bool is_scored_, is_kept_;
    Tally<Robot, Real> tally_;
    constants_t<Plant, Real> plant_;
    Disturbance disturbance_;
    Vec<Real, Plant::nx> state_;
    Vec<Real, nx> x_;
    Vec<Real, nz> before_;
    Real status_ = Real(-1);
  };
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
