#include "host/experiment/simulated_source.hpp"

#include "host/experiment/perturbations.hpp"
#include "host/rollouts/rollout_grid.hpp"

namespace phigrad {

BatchShape SimulatedSource::shape() const {
  const Experiment& e = cohort_.first();
  BatchShape shape;
  const int rollouts = e.common.rollout.per_update;
  shape.policies = cohort_.policies() * (perturbs(e) ? rollouts : 1);
  shape.rollouts = perturbs(e) ? 1 : rollouts;
  shape.segments = e.common.rollout.segments;
  shape.steps_per_segment = e.setup.steps_per_segment;
  shape.dt = e.common.rollout.dt_s;
  return shape;
}

const SimulatedStarts* SimulatedSource::starts(int iteration) {
  const Experiment& first = cohort_.first();
  starts_.clear();
  for (int p = 0; p < cohort_.policies(); ++p) {
    for (int r = 0; r < first.common.rollout.per_update; ++r) {
      const int index = perturbs(first) ? r / 2 : r;  // a pair has one start, and one noise
      starts_.add(cohort_.of(p), {cohort_.seed_of(p), static_cast<std::uint32_t>(index),
                                  static_cast<std::uint32_t>(iteration)});
    }
  }
  return &starts_;
}

std::optional<Windows> SimulatedSource::next(int iteration, const std::vector<double>& /*theta*/,
                                             Engine& engine) {
  const Experiment& first = cohort_.first();
  starts(iteration);
  engine.disturb(starts_.disturbance);
  const Windows windows = windows_over(first.common.rollout.segments, first);
  // A model that is learned is fitted to these rollouts before it is differentiated.
  if (first.common.gradient.estimator == UpdateEstimator::model && !first.setup.learned_model) {
    engine.expect(Expectation{windows, gradient_options(first)});
  }
  engine.simulate(starts_.states, starts_.times);
  return windows;
}

LoggedRollout SimulatedSource::logged(const Engine& engine, std::int64_t b) const {
  const BatchShape& shape = engine.shape();
  const Trajectory t = engine.trajectory(b);
  LoggedRollout r;
  r.log = "simulated";
  r.nx = engine.nx();
  r.nu = engine.nu();
  r.nz = engine.nz();
  r.states = t.states;
  r.inputs = t.inputs;
  r.decisions = t.decisions;
  const double start = starts_.times[static_cast<std::size_t>(b)];
  for (int j = 0; j < shape.segments; ++j) {
    const int first = j * shape.steps_per_segment;
    const double decided = start + j * (shape.dt * shape.steps_per_segment);
    r.segment_begin.push_back(first);
    r.segment_time.push_back(decided);
    const auto state = t.states.begin() + std::ptrdiff_t{first} * r.nx;
    r.decided_at.insert(r.decided_at.end(), state, state + r.nx);
    for (int k = 0; k < shape.steps_per_segment; ++k) {
      r.sample_time.push_back(decided + k * shape.dt);
    }
  }
  r.command_noise = cohort_.first().common.precision == Precision::single_ ? 1e-4 : 0;
  return r;
}

}  // namespace phigrad
