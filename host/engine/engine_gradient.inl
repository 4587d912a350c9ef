// EngineOf: estimates up to the decisions, and the gradients that come of them. Part of
// engine_of.cpp.
#pragma once

#include "host/engine/engine_of.hpp"

namespace phigrad {

template <class S>
AdjointArgs<S> EngineOf<S>::adjoint_args(const Windows& windows, const GradientOptions& options,
                                         SegmentRange range) {
  if (options.truncate < 0) {
    throw Error(Exit::input, "a negative truncation", "gradient.truncate",
                "use 0 for no limit, or a number of steps");
  }
  const bool in_ranges =
      options.chain != Chain::window && (options.chain == Chain::segment || options.truncate == 0);
  if (!in_ranges) require_samples("a gradient that goes over samples more than once");
  if (needs_head_jacobian(options) && head_jacobian_.data() == nullptr) {
    head_jacobian_ = rows(sizes_.head_jacobian);
  }
  AdjointArgs<S> args{};
  args.batch = batch();
  args.policy = policy();
  args.window = window(windows);
  args.model = dynamics();
  args.objective = spec_.objective.data();
  args.integrator = integrator();
  args.chain = options.chain;
  args.truncate = options.truncate;
  args.through_head = through_head(options);
  args.head_jacobian = needs_head_jacobian(options) ? head_jacobian_.view() : Rows<S>{};
  args.range = range;
  if (options.chain == Chain::rollout) args.carry = carry_.view();
  args.decision_bar = decision_bar_.view();
  args.status = adjoint_status_.view();
  return args;
}

template <class S>
PullBackArgs<S> EngineOf<S>::pull_back_args(SegmentRange range, std::int64_t first_block) const {
  return {batch(), policy(), decision_bar_.view(), range, first_block, theta_bar_.view()};
}

template <class S>
template <class After>
void EngineOf<S>::launch_expected(const RolloutArgs<S>& rollout, const AdjointArgs<S>& adjoint,
                                  const GradientOptions& options, bool pulls_back,
                                  const After& after) {
  const std::int64_t chunk = pulls_back ? sizes_.chunk_blocks : slots_.blocks();
  const HeadJacobianArgs<S> head{batch(), policy(), adjoint.head_jacobian};
  if (shape_.rollouts > 1) clear_sums(options.variance);
  for (std::int64_t first = 0; first < slots_.blocks(); first += chunk) {
    const std::int64_t blocks = std::min(chunk, slots_.blocks() - first);
    const PullBackArgs<S> pull_back = pull_back_args({0, shape_.segments}, first);
    device_->run_together(blocks, blocks_in_cache(), [&](LaunchRange part) {
      const LaunchRange range{first + part.begin, first + part.end, part.stream};
      k_.rollout(rollout, range);
      if (needs_head_jacobian(options)) k_.head_jacobian(head, range);
      launch_adjoint(rollout, adjoint, range);
      if (pulls_back) k_.pull_back(pull_back, part);
    });
    after(first, blocks);
  }
}

template <class S>
void EngineOf<S>::run_expected(RolloutArgs<S> rollout) {
  const Windows& windows = expectation_->windows;
  const GradientOptions& options = expectation_->options;
  const SegmentRange all{0, shape_.segments};
  rollout.score = score_view(windows);
  const AdjointArgs<S> adjoint = adjoint_args(windows, options, all);
  // Where a policy has one rollout its gradient is read as it is: all of them stay.
  const bool sums = shape_.rollouts > 1;
  if (sums) make_room_for_sums(options.variance);
  start_arguments(k_.rollout, all, options.variance);
  arguments_.add(rollout);
  arguments_.add(adjoint);
  device_->run_repeated(arguments_, [&] {
    launch_expected(rollout, adjoint, options, sums, [&](std::int64_t first, std::int64_t blocks) {
      if (sums) reduce(first, blocks, options.variance);
    });
  });
  ahead_.start(windows, options);
  ahead_.adjoint = shape_.segments;
  ahead_.pull_back = sums ? shape_.segments : 0;
  ahead_.scored = true;
}

template <class S>
void EngineOf<S>::run_adjoint(const Windows& windows, const GradientOptions& options,
                              SegmentRange range) {
  const AdjointArgs<S> args = adjoint_args(windows, options, range);
  if (needs_head_jacobian(options)) {
    device_->run(k_.head_jacobian, HeadJacobianArgs<S>{batch(), policy(), args.head_jacobian},
                 slots_.blocks());
  }
  const Stretches stretches = stretches_to_cut(windows, options, range);
  if (stretches.count > 0) {
    run_cut_adjoint(args, stretches);
  } else {
    if (recomputes()) require_repeatable();
    device_->run_together(slots_.blocks(), recomputes() ? blocks_in_cache() : slots_.blocks(),
                          [&](LaunchRange part) { launch_adjoint(simulated_, args, part); });
  }
}

template <class S>
Stretches EngineOf<S>::stretches_to_cut(const Windows& windows, const GradientOptions& options,
                                        SegmentRange range) const {
  Stretches s = stretches_of(slots_, windows, options, range);
  const bool can = !recomputes() && schedule_.data() == nullptr &&
                   (!through_head(options) || needs_head_jacobian(options));
  if (!can || !worth_cutting(slots_, s.count, sizes_.blocks_at_once)) s.count = 0;
  return s;
}

template <class S>
void EngineOf<S>::run_cut_adjoint(const AdjointArgs<S>& args, const Stretches& stretches) {
  const bool jacobian = args.head_jacobian.data != nullptr;
  if (!cut_ || !cut_->holds(stretches, jacobian)) {
    const int most = shape_.segments - stretches.length + 1;
    cut_.reset();  // its memory first
    cut_.emplace(*device_, sizes_, most, stretches.length, jacobian);
  }
  const CutArgs<S> cut = cut_->cut_args(args, stretches);
  const AdjointArgs<S> adjoint = cut_->adjoint_args(args);
  const std::int64_t blocks = cut_slots(slots_, stretches.count).blocks();
  device_->run_together(blocks, blocks, [&](LaunchRange part) {
    const std::int64_t width = slots_.width;
    k_.cut_stretches(cut, {part.begin * width, part.end * width, part.stream});
    k_.adjoint(adjoint, part);
  });
  device_->run(k_.join_stretches, cut_->join_args(args, stretches), slots_.trajectories());
}

template <class S>
void EngineOf<S>::run_likelihood_ratio(const Windows& windows) {
  require_samples("a likelihood ratio");
  if (noise_keys_.data() == nullptr) {
    throw Error(Exit::input, "no noise in the inputs, so no likelihood ratio", "engine",
                "set rollout.noise.input above 0");
  }
  device_->run(k_.likelihood_ratio,
               LikelihoodRatioArgs<S>{batch(), policy(), window(windows), spec_.objective.data(),
                                      noise_deviation_.view(), baseline_.view(),
                                      decision_bar_.view(), adjoint_status_.view()},
               slots_.blocks());
}

template <class S>
void EngineOf<S>::run_estimator(const Windows& windows, const GradientOptions& options,
                                SegmentRange range) {
  if (options.estimator == Estimator::model) {
    run_adjoint(windows, options, range);
  } else {
    run_likelihood_ratio(windows);
  }
}

template <class S>
void EngineOf<S>::read_status(std::vector<int>& status) {
  const S* const statuses = adjoint_status_.on_host(read_back_);  // one row: slot by slot
  status.resize(static_cast<std::size_t>(slots_.trajectories()));
  for (std::int64_t b = 0; b < slots_.trajectories(); ++b) {
    status[static_cast<std::size_t>(b)] = static_cast<int>(statuses[slots_.slot(b)]);
  }
}

template <class S>
void EngineOf<S>::read_status(Gradient& gradient) {
  read_status(gradient.status);
  gradient.used.resize(static_cast<std::size_t>(shape_.policies));
  auto of_policy = gradient.status.begin();
  for (int& used : gradient.used) {
    const auto end = of_policy + shape_.rollouts;
    used = static_cast<int>(std::count(of_policy, end, -1));
    of_policy = end;
  }
}

template <class S>
void EngineOf<S>::adjoint(const Windows& windows, const GradientOptions& options,
                          Gradient& gradient) {
  ahead_.reset();
  run_adjoint(windows, options, {0, shape_.segments});
  read_status(gradient);
}

template <class S>
void EngineOf<S>::differentiate_ahead(const Windows& windows, const GradientOptions& options,
                                      int end) {
  if (options.chain != Chain::segment || shape_.trajectories() != 1 || recomputes()) return;
  if (!ahead_.is_of(windows, options)) ahead_.start(windows, options);
  if (end <= ahead_.adjoint) return;
  run_adjoint(windows, options, {ahead_.adjoint, end});
  ahead_.adjoint = end;
  // The last decision's gradient is not whole before the segment after it is through.
  const bool by_tiles = spec_.tensor_cores != TensorCores::off;
  const int whole = by_tiles ? (end - 1) / tile_decisions * tile_decisions : end - 1;
  if (whole == ahead_.pull_back) return;
  device_->run(k_.pull_back, pull_back_args({ahead_.pull_back, whole}, 0), slots_.blocks());
  ahead_.pull_back = whole;
}

template <class S>
void EngineOf<S>::gradient(const Windows& windows, const GradientOptions& options,
                           Gradient& gradient) {
  if (options.variance && shape_.rollouts < 2) {
    throw Error(Exit::input, "the variance of one rollout's gradient", "gradient.variance",
                "collect at least two rollouts a policy");
  }
  const bool of_these = ahead_.is_of(windows, options);
  const int adjoint_done = of_these ? ahead_.adjoint : 0;
  const int pull_back_done = of_these ? ahead_.pull_back : 0;
  ahead_.reset();
  if (adjoint_done < shape_.segments) {
    run_estimator(windows, options, {adjoint_done, shape_.segments});
  }
  read_status(gradient);
  gradient.mean.resize(static_cast<std::size_t>(shape_.policies) *
                       static_cast<std::size_t>(parameters_));
  if (pull_back_done < shape_.segments) {
    pull_back({pull_back_done, shape_.segments}, options.variance,
              [&](std::int64_t first_slot, std::int64_t count) {
                read_means(first_slot, count, gradient);
              });
  }
  if (shape_.rollouts > 1) read_sums(options, gradient);
}

template <class S>
void EngineOf<S>::add_gradient(const Windows& windows, const GradientOptions& options,
                               GradientSums& sums) {
  if (shape_.rollouts < 2) {
    throw Error(Exit::input, "sums over one rollout", "engine", "collect at least two a policy");
  }
  GradientOptions with_squares = options;
  with_squares.variance = true;
  const bool done = ahead_.is_of(windows, with_squares) && ahead_.pull_back == shape_.segments;
  ahead_.reset();
  if (!done) run_estimator(windows, options, {0, shape_.segments});
  Gradient status;
  read_status(status);
  if (!done) pull_back({0, shape_.segments}, true, [](std::int64_t, std::int64_t) {});
  const GradientSum* const taken = sums_.on_host(host_sums_);
  sums.sums.resize(static_cast<std::size_t>(sums_.size()));
  sums.used.resize(status.used.size());
  for (std::size_t i = 0; i < sums.sums.size(); ++i) {
    merge(sums.sums[i].sum, taken[i].sum);
    merge(sums.sums[i].squares, taken[i].squares);
  }
  for (std::size_t p = 0; p < status.used.size(); ++p) sums.used[p] += status.used[p];
  sums.status = std::move(status.status);
}

}  // namespace phigrad
