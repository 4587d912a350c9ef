// EngineOf: training where the policies lie. Part of engine_of.cpp.
#pragma once

#include "host/engine/engine_of.hpp"
#include "host/engine/require_size.hpp"

namespace phigrad {

template <class S>
int EngineOf<S>::iterations_at_once(const Expectation& asked) const {
  const GradientOptions& options = asked.options;
  if (options.estimator != Estimator::model || options.variance || shape_.ragged) return 0;
  // Sums of several rollouts lie policy by policy, where lanes would gather them (measured 0.8 to
  // 0.9 times as fast as the host's loop).
  if (slots_.width > 1 && shape_.rollouts > 1) return 0;
  // Few trajectories are differentiated stretch by stretch.
  const bool cut = stretches_to_cut(asked.windows, options, {0, shape_.segments}).count > 0;
  return cut ? 0 : sizes_.iterations;
}

template <class S>
void EngineOf<S>::begin_training(const std::vector<double>& theta,
                                 const std::vector<UpdateRule>& rules, int updates) {
  set_policies(theta);
  const int policies = shape_.policies;
  const bool alike = std::all_of(rules.begin(), rules.end(),
                                 [&](const UpdateRule& r) { return r.adam == rules.front().adam; });
  if (rules.empty() || policies % static_cast<int>(rules.size()) != 0 || !alike) {
    throw Error(Exit::input,
                std::to_string(rules.size()) + " update rules for " + std::to_string(policies) +
                    " policies",
                "engine", "give as many policies to each rule, and rules of one kind");
  }
  training_.reset();  // its memory first
  training_.emplace(*device_, sizes_, rules, updates);
  const auto np = static_cast<std::size_t>(parameters_);
  const auto width = static_cast<std::size_t>(slots_.width);
  std::vector<double> blocks(static_cast<std::size_t>(training_->theta.size()));
  for (std::size_t p = 0; p < static_cast<std::size_t>(policies); ++p) {
    for (std::size_t i = 0; i < np; ++i) {
      blocks[(p / width * np + i) * width + p % width] = theta[p * np + i];
    }
  }
  training_->theta.write(blocks);
}

template <class S>
std::vector<double> EngineOf<S>::trained() const {
  std::vector<double> copied, theta;
  const double* const from = training_->theta.on_host(copied);
  const auto np = static_cast<std::size_t>(parameters_);
  const auto width = static_cast<std::size_t>(slots_.width);
  theta.resize(static_cast<std::size_t>(shape_.policies) * np);
  for (std::size_t p = 0; p < static_cast<std::size_t>(shape_.policies); ++p) {
    for (std::size_t i = 0; i < np; ++i) {
      theta[p * np + i] = from[(p / width * np + i) * width + p % width];
    }
  }
  return theta;
}

template <class S>
BeginIterationArgs<S> EngineOf<S>::begin_iteration_args(bool with_times) {
  return {training_->count.data(),
          training_->starts.view(),
          with_times ? training_->times.data() : nullptr,
          shape_.dt * shape_.steps_per_segment,
          slots_.count,
          k_.nx,
          shape_.segments,
          initial_.view(),
          segment_time_.view(),
          noise_keys_.data()};
}

template <class S>
UpdateArgs<S> EngineOf<S>::update_args() {
  TrainingBuffers<S>& t = *training_;
  const bool many = shape_.rollouts > 1, sums = many && sizes_.needs_sums(false);
  return {t.count.data(),
          parameters_,
          shape_.policies,
          shape_.rollouts,
          slots_.count,
          slots_.per_policy,
          0,
          theta_bar_.view(),
          many && !sums ? totals_.data() : nullptr,
          sums ? sums_.data() : nullptr,
          adjoint_status_.view(),
          loss_.view(),
          path_error_.view(),
          t.theta.data(),
          t.moments.data(),
          t.updates.data(),
          policy(),
          theta_shared_.data(),
          t.rules.data(),
          t.policies_per_rule,
          t.bias.data(),
          t.most_updates,
          t.losses.data(),
          t.path_errors.data(),
          t.norms.data(),
          t.used.data()};
}

template <class S>
bool EngineOf<S>::lay_out(const TrainingStarts& starts) {
  const auto trajectories = static_cast<std::size_t>(slots_.trajectories());
  const auto nx = static_cast<std::size_t>(k_.nx);
  const auto iterations = static_cast<std::size_t>(starts.iterations);
  require_size("the start states", iterations * trajectories * nx, starts.states.size());
  require_size("the start times", iterations * trajectories, starts.times.size());
  const auto b_of = [&](std::int64_t slot) {
    return static_cast<std::size_t>(slots_.trajectory(slot));
  };

  struct OfSlot {  // rows [iteration · nx + i]
    const double* states;
    std::size_t nx, stride, last;
    double operator[](std::int64_t row) const {
      const auto at = static_cast<std::size_t>(row);
      return states[std::min(at / nx, last) * stride + at % nx];
    }
  };
  training_->starts.fill(slots_, staging_, [&](std::int64_t slot) {
    return OfSlot{starts.states.data() + b_of(slot) * nx, nx, trajectories * nx, iterations - 1};
  });

  std::vector<double>& times = training_->staged_times;
  const auto end_of_first = starts.times.begin() + static_cast<std::ptrdiff_t>(trajectories);
  if (std::equal(end_of_first, starts.times.end(), starts.times.begin())) {
    times.assign(starts.times.begin(), end_of_first);
    set_start_times(times);
    return false;
  }
  const auto slots = static_cast<std::size_t>(slots_.count);
  times.resize(iterations * slots);
  for (std::size_t i = 0; i < times.size(); ++i) {
    times[i] = starts.times[i / slots * trajectories + b_of(static_cast<std::int64_t>(i % slots))];
  }
  training_->times.write(times);
  simulated_from_.clear();
  return true;
}

template <class S>
void EngineOf<S>::train(const TrainingStarts& starts, TrainingHistory& history) {
  if (!training_ || starts.iterations < 1 || starts.iterations > sizes_.iterations ||
      starts.iterations > training_->most_updates - training_->made) {
    throw Error(Exit::input, std::to_string(starts.iterations) + " iterations of training at once",
                "engine", "begin training for all of them, and ask how many it takes at once");
  }
  training_->made += starts.iterations;
  ahead_.reset();
  repeatable_ = false;
  const BeginIterationArgs<S> begin = begin_iteration_args(lay_out(starts));
  const IterationCount count{0, 0, starts.noise_iteration};
  device_->copy_in(training_->count.data(), &count, sizeof count);
  const GradientOptions& options = starts.asked.options;
  const SegmentRange all{0, shape_.segments};
  const bool sums = shape_.rollouts > 1;
  if (sums) make_room_for_sums(false);
  RolloutArgs<S> rollout = simulation();
  rollout.score = score_view(starts.asked.windows);
  const AdjointArgs<S> adjoint = adjoint_args(starts.asked.windows, options, all);
  const UpdateArgs<S> update = update_args();
  start_arguments(k_.begin_iteration, all, false);
  arguments_.add(begin);
  arguments_.add(rollout);
  arguments_.add(adjoint);
  arguments_.add(update);
  const auto update_of = [&](std::int64_t first, std::int64_t policies) {
    UpdateArgs<S> args = update;
    args.first = first;
    device_->run(k_.update, args, (policies + slots_.width - 1) / slots_.width);
  };
  const auto iteration = [&] {
    device_->run(k_.begin_iteration, begin, slots_.blocks());
    launch_expected(rollout, adjoint, options, true, [&](std::int64_t first, std::int64_t blocks) {
      if (sums) return reduce(first, blocks, false);
      const std::int64_t policy = first * slots_.width;
      update_of(policy, std::min(blocks * slots_.width, shape_.policies - policy));
    });
    if (sums) update_of(0, shape_.policies);
  };
  for (int i = 0; i < starts.iterations; ++i) device_->run_repeated(arguments_, iteration);
  read_history(starts.iterations, history);
  read_status(history.status);
}

template <class S>
void EngineOf<S>::read_history(int iterations, TrainingHistory& history) {
  const TrainingBuffers<S>& t = *training_;
  const auto of_trajectories = [&](const DeviceArray<S>& kept, std::vector<double>& into) {
    const S* const from = kept.on_host(read_back_);
    into.clear();
    for (int i = 0; i < iterations; ++i) {
      for (std::int64_t b = 0; b < slots_.trajectories(); ++b) {
        into.push_back(static_cast<double>(from[i * slots_.count + slots_.slot(b)]));
      }
    }
  };
  of_trajectories(t.losses, history.loss);
  of_trajectories(t.path_errors, history.path_error);
  const auto results =
      static_cast<std::size_t>(iterations) * static_cast<std::size_t>(shape_.policies);
  t.norms.read(history.gradient_norm);
  history.gradient_norm.resize(results);
  t.used.read(history.used);
  history.used.resize(results);
}

}  // namespace phigrad
