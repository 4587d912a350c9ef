// An oracle for gradients that shares no derivative with the kernels: the cost of a recorded
// trajectory, replayed through the model step by step, differentiated by the complex step along a
// direction of θ. The replay's value is pinned to the record,
//   x ← F̂(x, u) − F̂(x_rec, u_rec) + x_rec⁺   (arXiv 2307.08168),
// and likewise its inputs and decisions, so that derivatives are the model's at the recorded
// points.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "host/engine/engine.hpp"
#include "kernels/entry/make_robot_kernels.hpp"
#include "kernels/math/complex_step.hpp"

namespace phigrad {

/// One trajectory with all that the kernels knew of it.
struct ReplayRecord {
  BatchShape shape;
  GridTrajectory grid;  // recorded, or laid out from a simulation
  std::vector<double> model, theta;
  EngineSpec spec;
};

/// The record of a simulated trajectory that started at task time `time`.
inline ReplayRecord record_of(const EngineSpec& spec, const BatchShape& shape, const Trajectory& t,
                              double time, int nx) {
  ReplayRecord r;
  r.shape = shape;
  r.spec = spec;
  r.grid.states = t.states;
  r.grid.inputs = t.inputs;
  r.grid.decisions = t.decisions;
  const int steps = shape.steps_per_segment;
  for (int j = 0; j < shape.segments; ++j) {
    r.grid.segment_time.push_back(time + j * (shape.dt * steps));
    r.grid.count.push_back(steps);
    const auto first = t.states.begin() + std::ptrdiff_t{j} * steps * nx;
    r.grid.decided_at.insert(r.grid.decided_at.end(), first, first + nx);
    for (int k = 0; k < steps; ++k) r.grid.since_refresh.push_back(shape.dt * k);
  }
  return r;
}

inline namespace PHI_ISA {

/// θ + i h d where `along`, else θ.
struct SteppedParameters {
  const std::vector<double>* theta;
  const std::vector<double>* direction;
  bool along;

  template <class Real>
  Real get(std::int64_t i) const {
    const auto at = static_cast<std::size_t>(i);
    return {(*theta)[at], along ? step * (*direction)[at] : 0.0};
  }

  static constexpr double step = 1e-180;  // h: small against all, far from underflow
};

template <class Robot>
class ReplayOracle {
 public:
  using C = ComplexStep;
  using Model = typename Robot::Model;
  using Policy = typename Robot::Policy;
  using Head = typename Policy::Head;
  using Tracker = typename Policy::Tracker;
  using Objective = typename Robot::Objective;
  static constexpr int nx = Policy::nx;
  static constexpr int nu = Policy::nu;
  static constexpr int nz = Policy::nz;
  using State = Vec<C, nx>;
  using Decision = Vec<C, nz>;

  explicit ReplayOracle(const ReplayRecord& record)
      : r_(record),
        policy_(from_array<Policy::template Settings>(record.spec.policy.data())),
        objective_(from_array<Objective::template Settings>(record.spec.objective.data())),
        model_(convert<Model::template Params, C>(
            from_array<Model::template Params>(record.model.data()))) {
    for (int j = 0; j < r_.shape.segments; ++j) {
      at_record_.push_back(Head::decide(theta(false), constants<nx>(r_.grid.decided_at, j), time(j),
                                        j, Policy::head(policy_)));
    }
  }

  /// d loss / dθ · direction, under the chain and truncation of the options.
  double slope(const Windows& windows, const GradientOptions& options,
               const std::vector<double>& direction) {
    direction_ = &direction;
    value_ = 0;
    const int last_start = static_cast<int>(windows.end[0]) - windows.length;
    if (options.chain == Chain::rollout) {
      std::vector<double> weights(static_cast<std::size_t>(r_.shape.segments), 0.0);
      for (int first = windows.drop; first <= last_start; ++first) {
        for (int j = first; j < first + windows.length; ++j) weights[index(j)] += 1;
      }
      return stretch(0, r_.shape.segments - 1, weights, false, options.truncate);
    }
    const std::vector<double> ones(static_cast<std::size_t>(r_.shape.segments), 1.0);
    double sum = 0;
    for (int first = windows.drop; first <= last_start; ++first) {
      const int last = first + windows.length - 1;
      if (options.chain == Chain::window) {
        sum += stretch(first, last, ones, true, options.truncate);
      } else {
        for (int j = first; j <= last; ++j)
          sum += stretch(j, j, ones, j == first, options.truncate);
      }
    }
    return sum;
  }

  /// The largest difference seen so far between a replayed and a recorded state; a sound replay has
  /// 0.
  double value_error() const { return value_error_; }
  /// The loss as the last slope() without truncation met it.
  double value() const { return value_; }

 private:
  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

  template <int N>
  static Vec<C, N> constants(const std::vector<double>& from, int at) {
    Vec<C, N> v;
    for (int i = 0; i < N; ++i) v[i] = C(from[index(at * N + i)]);
    return v;
  }
  /// moved − at_record + record: the record's value, the motion's derivative.
  template <int N>
  static Vec<C, N> pinned(const Vec<C, N>& moved, const Vec<C, N>& at_record,
                          const Vec<C, N>& record) {
    return (moved - at_record) + record;
  }

  SteppedParameters theta(bool along) const { return {&r_.theta, direction_, along}; }
  int samples(int j) const { return static_cast<int>(r_.grid.count[index(j)]); }
  C time(int j) const { return C(r_.grid.segment_time[index(j)]); }
  State state(int slot) const { return constants<nx>(r_.grid.states, slot); }
  Decision decision(int row) const { return constants<nz>(r_.grid.decisions, row); }

  /// The decision of segment j at the state x of its start.
  Decision decide(int j, const State& x, bool along) const {
    const State seen = constants<nx>(r_.grid.decided_at, j);
    const State moved = seen + (x - state(j * r_.shape.steps_per_segment));
    return pinned(Head::decide(theta(along), moved, time(j), j, Policy::head(policy_)),
                  at_record_[index(j)], decision(j + 1));
  }

  Vec<C, nu> act(int j, int k, const State& x, const Decision& before, const Decision& z) const {
    const int slot = j * r_.shape.steps_per_segment + k;
    const auto& settings = Policy::tracker(policy_);
    const double* schedule =
        r_.spec.schedule.empty()
            ? nullptr
            : r_.spec.schedule.data() + std::ptrdiff_t{slot} * Tracker::n_schedule;
    const Instant<double, C> now{C(r_.grid.since_refresh[index(slot)]), schedule};
    return pinned(Tracker::act(x, Tracker::plan(before, z, settings), now, settings),
                  Tracker::act(state(slot), Tracker::plan(decision(j), decision(j + 1), settings),
                               now, settings),
                  constants<nu>(r_.grid.inputs, slot));
  }

  State step(int j, int k, const State& x, const Vec<C, nu>& u) {
    const int slot = j * r_.shape.steps_per_segment + k;
    State next;
    kernel_detail::with_integrator<Model>(r_.spec.model_integrator, [&](auto integrator) {
      using Step = decltype(integrator);
      next = pinned(Step::template step<Model, C>(x, u, model_, r_.shape.dt),
                    Step::template step<Model, C>(state(slot), constants<nu>(r_.grid.inputs, slot),
                                                  model_, r_.shape.dt),
                    state(slot_after(j, k)));
    });
    return next;
  }

  /// The slot whose state follows the sample (j, k): that of the next sample, or the end.
  int slot_after(int j, int k) const {
    if (k + 1 < samples(j)) return j * r_.shape.steps_per_segment + k + 1;
    return (j + 1) * r_.shape.steps_per_segment;
  }

  C stage(int j, int k, const State& x, const Vec<C, nu>& u) {
    const int slot = j * r_.shape.steps_per_segment + k;
    const State recorded = state(slot);
    for (int i = 0; i < nx; ++i) {
      value_error_ = std::max(value_error_, std::abs(x[i].re() - recorded[i].re()));
    }
    return Objective::stage(x, u, time(j) + C(r_.grid.since_refresh[index(slot)]), objective_);
  }

  /// Past a segment without samples: the next record, the sensitivity as it was.
  State skipped(int j, const State& x) const {
    State next = state((j + 1) * r_.shape.steps_per_segment);
    for (int i = 0; i < nx; ++i) next[i] = C(next[i].re(), x[i].im());
    return next;
  }

  C terminal(const State& x) const {
    const int last = r_.shape.segments - 1;
    return Objective::terminal(x, time(last) + C(r_.shape.dt * r_.shape.steps_per_segment),
                               objective_);
  }

  double stretch(int first, int last, const std::vector<double>& weights, bool before_is_constant,
                 int truncate) {
    if (truncate == 0) return replay(first, last, weights, before_is_constant);
    double sum = 0;
    for (int j = first; j <= last; ++j) {
      for (int k = 0; k < samples(j); ++k) {
        sum += effect_of_slot(j, k, first, last, weights, before_is_constant, truncate);
      }
    }
    return sum;
  }

  /// The decision in force before segment j, as θ has it.
  Decision decision_before(int j, bool along) const {
    if (j == 0) return decision(0);
    return decide(j - 1, state((j - 1) * r_.shape.steps_per_segment), along);
  }

  /// All of θ steps, in every segment.
  double replay(int first, int last, const std::vector<double>& weights, bool before_is_constant) {
    const int steps = r_.shape.steps_per_segment;
    C cost(0.0);
    State x = state(first * steps);
    Decision before = before_is_constant ? decision(first) : decision_before(first, true);
    for (int j = first; j <= last; ++j) {
      const Decision z = decide(j, x, true);
      for (int k = 0; k < samples(j); ++k) {
        const Vec<C, nu> u = act(j, k, x, before, z);
        cost += C(weights[index(j)]) * stage(j, k, x, u);
        x = step(j, k, x, u);
      }
      if (samples(j) == 0) x = skipped(j, x);
      before = z;
    }
    if (last == r_.shape.segments - 1) cost += C(weights[index(last)]) * terminal(x);
    value_ += cost.re();
    return cost.im() / SteppedParameters::step;
  }

  /// θ steps in one slot's input alone; its effect on the costs of at most `truncate` samples
  /// later. Summed over the slots this is the definition of the truncated gradient, and of the
  /// whole one.
  double effect_of_slot(int js, int ks, int first, int last, const std::vector<double>& weights,
                        bool before_is_constant, int truncate) {
    const int steps = r_.shape.steps_per_segment;
    const bool constant = before_is_constant && js == first;
    const Decision z_stepped = decide(js, state(js * steps), true);
    const Decision before_stepped = constant ? decision(js) : decision_before(js, true);
    State x = state(js * steps + ks);
    Vec<C, nu> u = act(js, ks, x, before_stepped, z_stepped);
    C cost = C(weights[index(js)]) * stage(js, ks, x, u);
    x = step(js, ks, x, u);
    Decision before = decision(js);
    Decision z = decision(js + 1);
    int later = 1;
    for (int j = js; j <= last && later <= truncate; ++j) {
      if (j > js) {
        before = z;
        z = decide(j, x, false);
      }
      for (int k = j == js ? ks + 1 : 0; k < samples(j) && later <= truncate; ++k, ++later) {
        u = act(j, k, x, before, z);
        cost += C(weights[index(j)]) * stage(j, k, x, u);
        x = step(j, k, x, u);
      }
      if (samples(j) == 0) x = skipped(j, x);
      if (j == last && j == r_.shape.segments - 1 && later <= truncate) {
        cost += C(weights[index(last)]) * terminal(x);
      }
    }
    return cost.im() / SteppedParameters::step;
  }

  ReplayRecord r_;
  typename Policy::template Settings<double> policy_;
  typename Objective::template Settings<double> objective_;
  typename Model::template Params<C> model_;
  std::vector<Decision> at_record_;  // [S], the head's at the recorded states
  const std::vector<double>* direction_ = nullptr;
  double value_error_ = 0;
  double value_ = 0;
};

}  // namespace PHI_ISA
}  // namespace phigrad
