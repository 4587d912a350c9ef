// Construction of the engine, rollouts into its batch, simulation.
#include "host/engine/engine_of.hpp"

#include "host/engine/require_size.hpp"
#include "host/engine/tensor_cores.hpp"

namespace phigrad {
namespace {

/// When a simulated trajectory's segments begin, s.
struct SegmentTimes {
  double start = 0, segment_s = 0;
  double operator[](std::int64_t segment) const {
    return start + static_cast<double>(segment) * segment_s;
  }
};

void require_integrator(const char* of, unsigned built_in, Integrator wanted) {
  if ((built_in >> static_cast<unsigned>(wanted) & 1U) != 0) return;
  throw Error(Exit::input, std::string("the ") + of + " has no such integrator", "integrator",
              "use \"euler\" or \"rk4\" for models with a derivative, \"semi_implicit\" where they "
              "name their velocities, \"discrete\" for maps");
}

}  // namespace

template <class S>
EngineOf<S>::EngineOf(const EngineSpec& spec, const BatchShape& shape, Placement<S> placement)
    : spec_(spec),
      shape_(shape),
      device_(std::move(placement.device)),
      k_(*placement.kernels),
      description_(std::move(placement.description)),
      runs_on_(std::move(placement.runs_on)),
      sizes_(kernel_sizes(k_, shape.segments), shape, spec.chunk_blocks,
             blocks_at_once(device_->processors()), placement.recompute),
      slots_(sizes_.slots),
      parameters_(k_.parameters(shape.segments)) {
  use_tensor_cores(k_, spec.tensor_cores);
  const auto as_size = [](int n) { return static_cast<std::size_t>(n); };
  require_size("the policy pack", as_size(k_.policy_size), spec.policy.size());
  require_size("the objective pack", as_size(k_.objective_size), spec.objective.size());
  require_size("the schedule", as_size(shape.slots() * k_.n_schedule), spec.schedule.size());
  require_integrator("plant", k_.plant_integrators, spec.plant_integrator);
  require_integrator("model", k_.model_integrators, spec.model_integrator);

  states_ = rows(sizes_.states);
  inputs_ = rows(sizes_.inputs);
  decisions_ = rows(sizes_.decisions);
  segment_time_ = rows(sizes_.segment_time);
  status_ = rows(1);
  since_ = rows(sizes_.since);
  count_ = rows(sizes_.count);
  decided_at_ = rows(sizes_.decided_at);
  setpoints_ = rows(sizes_.setpoints);
  plant_ = rows(sizes_.plant);
  model_ = rows(sizes_.model);
  initial_ = rows(sizes_.initial);
  window_end_ = rows(1);
  loss_ = rows(1);
  path_error_ = rows(1);
  decision_bar_ = rows(sizes_.decision_bar);
  carry_ = rows(sizes_.carry);
  adjoint_status_ = rows(1);
  theta_shared_ = {*device_, sizes_.theta_shared.value()};
  theta_lane_ = rows(sizes_.theta_lane);
  if (!spec.schedule.empty()) {
    schedule_ = {*device_, sizes_.schedule.value()};
    schedule_.write(std::vector<S>(spec.schedule.begin(), spec.schedule.end()));
  }
  theta_bar_ = RowBuffer<S>(*device_, parameters_, sizes_.C.value(), slots_.width);
}

template <class S>
BatchView<S> EngineOf<S>::batch() const {
  return {shape_.segments,
          shape_.steps_per_segment,
          static_cast<S>(shape_.dt),
          shape_.ragged,
          recomputes() ? Rows<S>{} : states_.view(),
          recomputes() ? Rows<S>{} : inputs_.view(),
          decisions_.view(),
          segment_time_.view(),
          since_.view(),
          count_.view(),
          decided_at_.view(),
          status_.view()};
}

template <class S>
PolicyView<S> EngineOf<S>::policy() const {
  return {slots_.shared, theta_shared_.data(), theta_lane_.view(), slots_.per_policy,
          parameters_,   spec_.policy.data(),  schedule_.data()};
}

template <class S>
WindowView<S> EngineOf<S>::window(const Windows& windows) {
  if (windows.end.size() != 1) {
    require_size("windows.end", static_cast<std::size_t>(slots_.trajectories()),
                 windows.end.size());
  }
  if (windows.end != windows_until_) {
    window_end_.fill(slots_, staging_, [&](std::int64_t slot) {
      const auto b =
          windows.end.size() == 1 ? 0U : static_cast<std::size_t>(slots_.trajectory(slot));
      return windows.end.data() + b;
    });
    windows_until_ = windows.end;
  }
  return {windows.drop, windows.length, window_end_.view()};
}

template <class S>
void EngineOf<S>::set_start_times(const std::vector<double>& times) {
  if (times == simulated_from_) return;
  const double segment_s = shape_.dt * shape_.steps_per_segment;
  segment_time_.fill(slots_, staging_, [&](std::int64_t slot) {
    return SegmentTimes{times[static_cast<std::size_t>(slots_.trajectory(slot))], segment_s};
  });
  simulated_from_ = times;
}

template <class S>
RolloutArgs<S> EngineOf<S>::simulation() {
  return {batch(),
          policy(),
          plant_.view(),
          initial_.view(),
          spec_.plant_integrator,
          {noise_keys_.data(), noise_deviation_.view(), has_faults_ ? faults_.view() : Rows<S>{},
           delay_, drawn_},
          {},
          {0, shape_.segments}};
}

template <class S>
void EngineOf<S>::simulate(const std::vector<double>& states, const std::vector<double>& times) {
  const auto trajectories = static_cast<std::size_t>(slots_.trajectories());
  const auto nx = static_cast<std::size_t>(k_.nx);
  require_size("the start states", trajectories * nx, states.size());
  require_size("the start times", trajectories, times.size());
  ahead_.reset();
  initial_.fill(slots_, staging_, [&](std::int64_t slot) {
    return states.data() + static_cast<std::size_t>(slots_.trajectory(slot)) * nx;
  });
  set_start_times(times);
  simulated_ = simulation();
  repeatable_ = true;
  // Few trajectories are differentiated after all of them are simulated, when they can be cut.
  const bool at_once =
      expectation_ &&
      stretches_to_cut(expectation_->windows, expectation_->options, {0, shape_.segments}).count ==
          0;
  if (at_once) {
    run_expected(simulated_);
  } else {
    device_->run(k_.rollout, simulated_, slots_.blocks());
  }
}

template <class S>
void EngineOf<S>::expect(const std::optional<Expectation>& expectation) {
  if (expectation && expectation->options.estimator != Estimator::model) {
    throw Error(Exit::input, "a gradient without a model is not taken ahead", "engine",
                "expect the model's estimate alone");
  }
  expectation_ = expectation;
}

template <class S>
void EngineOf<S>::load(const std::vector<GridTrajectory>& recorded) {
  require_size("the recorded batch", static_cast<std::size_t>(slots_.trajectories()),
               recorded.size());
  ahead_.reset();
  const auto put = [&](RowBuffer<S>& buffer, const char* what,
                       std::vector<double> GridTrajectory::*field) {
    for (const GridTrajectory& g : recorded) {
      require_size(what, static_cast<std::size_t>(buffer.rows()), (g.*field).size());
    }
    buffer.fill(slots_, staging_, [&](std::int64_t slot) {
      return (recorded[static_cast<std::size_t>(slots_.trajectory(slot))].*field).data();
    });
  };
  put(states_, "recorded states", &GridTrajectory::states);
  put(inputs_, "recorded inputs", &GridTrajectory::inputs);
  put(decisions_, "recorded decisions", &GridTrajectory::decisions);
  simulated_from_.clear();
  put(segment_time_, "recorded segment times", &GridTrajectory::segment_time);
  put(since_, "recorded sample times", &GridTrajectory::since_refresh);
  put(count_, "recorded segment lengths", &GridTrajectory::count);
  put(decided_at_, "recorded decision states", &GridTrajectory::decided_at);
  if (!recorded.front().setpoints.empty()) {
    put(setpoints_, "recorded setpoints", &GridTrajectory::setpoints);
  }
  status_.fill(slots_, staging_, [&](std::int64_t slot) {
    return &recorded[static_cast<std::size_t>(slots_.trajectory(slot))].status;
  });
}

template <class S>
void EngineOf<S>::load_segments(int first, const GridTrajectory& part) {
  const auto n = static_cast<int>(part.segment_time.size());
  if (!shape_.ragged || shape_.trajectories() != 1 || first < 0 || n > shape_.segments - first) {
    throw Error(Exit::input,
                std::to_string(n) + " segments from " + std::to_string(first) +
                    " on do not fit a batch of " + std::to_string(shape_.trajectories()) +
                    " trajectories of " + std::to_string(shape_.segments),
                "engine", "load what fits a ragged batch of one trajectory");
  }
  if (first < ahead_.adjoint) ahead_.reset();
  const int steps = n * shape_.steps_per_segment;
  const bool has_last = part.states.size() > static_cast<std::size_t>(steps * k_.nx);
  const auto put = [&](RowBuffer<S>& buffer, const char* what, const std::vector<double>& values,
                       int before, int expected, int columns) {
    require_size(what, static_cast<std::size_t>(expected * columns), values.size());
    buffer.fill_rows(std::int64_t{before} * columns, values, staging_);
  };
  const int slot = first * shape_.steps_per_segment;
  put(states_, "recorded states", part.states, slot, steps + (has_last ? 1 : 0), k_.nx);
  put(inputs_, "recorded inputs", part.inputs, slot, steps, k_.nu);
  put(decisions_, "recorded decisions", part.decisions, first, n + 1, k_.nz);
  simulated_from_.clear();
  put(segment_time_, "recorded segment times", part.segment_time, first, n, 1);
  put(since_, "recorded sample times", part.since_refresh, slot, steps, 1);
  put(count_, "recorded segment lengths", part.count, first, n, 1);
  put(decided_at_, "recorded decision states", part.decided_at, first, n, k_.nx);
  if (!part.setpoints.empty()) {
    put(setpoints_, "recorded setpoints", part.setpoints, slot, steps, 6);
  }
  status_.fill_rows(0, {part.status}, staging_);
}

template <class S>
void EngineOf<S>::decide() {
  require_samples("decisions made anew");
  ahead_.reset();
  device_->run(k_.decide, DecideArgs<S>{batch(), policy()}, slots_.blocks());
}

}  // namespace phigrad

#include "host/engine/engine_again.inl"
#include "host/engine/engine_gradient.inl"
#include "host/engine/engine_numbers.inl"
#include "host/engine/engine_reading.inl"
#include "host/engine/engine_sums.inl"
#include "host/engine/engine_training.inl"
#include "host/engine/engine_transition.inl"

namespace phigrad {

template class EngineOf<float>;
template class EngineOf<double>;

}  // namespace phigrad
