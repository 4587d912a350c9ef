#include "host/experiment/iteration_plan.hpp"

#include "host/experiment/rollout_source.hpp"

namespace phigrad {
namespace {

constexpr std::int64_t double_bytes = sizeof(double);

/// Numbers that one trajectory is made from: of a simulation its start and noise, else the rollout
/// on its grid. They are kept a second time where a batch is worked on in parts.
Formula made_from(const BufferSizes& s, const Experiment& e, bool ragged) {
  if (ragged) {
    return double_bytes * (s.states + s.inputs + s.decisions + s.segment_time + s.since + s.count +
                           s.decided_at + s.setpoints);
  }
  Formula start = double_bytes * (s.n + 1);
  if (!e.common.rollout.is_disturbed()) return start;
  return start + double_bytes * (s.noise_deviation + s.faults) +
         static_cast<std::int64_t>(sizeof(NoiseKey));
}

}  // namespace

std::int64_t IterationPlan::bytes() const {
  return engine.part_bytes + (engine.backend.shares_memory ? bytes_in(beside, true) : 0);
}

IterationPlan plan_iteration(const Experiment& e, int policies, const std::string& backend) {
  const BatchShape shape = make_source(e, policies)->shape();
  IterationPlan plan{plan_engine(training_spec(e, backend, shape.segments), shape), {}};
  const BufferSizes& s = plan.engine.sizes;
  const bool in_parts = plan.engine.cut.parts() > 1;
  const Formula copies = in_parts ? 2 : 1;
  const auto results =
      2 * double_bytes + static_cast<std::int64_t>(sizeof(int));  // two scores, a status
  // The policies, their gradients, what is committed; the means and squares of Adam, read and
  // stored.
  const bool adam = e.common.optimiser.type == OptimiserKind::adam;
  Formula learned = double_bytes * (adam ? 9 : 3) * (s.q * s.P);
  if (in_parts) learned = learned + double_bytes * (s.q * s.P);
  if (plan.engine.cut.by_rollouts()) {
    learned = learned + static_cast<std::int64_t>(sizeof(GradientSum)) * (s.q * s.P);
  }
  plan.beside = {{shape.ragged ? "recordings" : "starts",
                  copies * made_from(s, e, shape.ragged) * (s.P * s.R), true},
                 {"results", copies * results * (s.P * s.R), true},
                 {"policies, optimiser", learned, true}};
  return plan;
}

}  // namespace phigrad
