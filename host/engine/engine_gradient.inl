// EngineOf: adjoint, pull-back through the policy, mean and variance. Part of engine_of.cpp.
#pragma once

#include "host/engine/engine_of.hpp"

namespace phigrad {

template <class S>
void EngineOf<S>::run_adjoint(const Windows& windows, const GradientOptions& options,
                              SegmentRange range) {
  if (options.truncate < 0) {
    throw Error(Exit::input, "a negative truncation", "gradient.truncate",
                "use 0 for no limit, or a number of steps");
  }
  const bool through_head = options.chain != Chain::segment && k_.head_depends_on_state;
  if (through_head) {
    if (head_jacobian_.data() == nullptr) {
      head_jacobian_ = rows(std::int64_t{shape_.segments} * k_.nz * k_.nx);
    }
    if (has_policies_) {
      device_->run(k_.head_jacobian, HeadJacobianArgs<S>{batch(), policy(), head_jacobian_.view()},
                   slots_.blocks());
    }
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
  args.head_jacobian = through_head ? head_jacobian_.view() : Rows<S>{};
  args.range = range;
  args.decision_bar = decision_bar_.view();
  args.status = adjoint_status_.view();
  device_->run(k_.adjoint, args, slots_.blocks());
}

template <class S>
void EngineOf<S>::run_likelihood_ratio(const Windows& windows) {
  if (noise_keys_.data() == nullptr) {
    throw Error(Exit::input, "no noise in the inputs, so no likelihood ratio", "engine",
                "set rollout.noise.input above 0");
  }
  device_->run(
      k_.likelihood_ratio,
      LikelihoodRatioArgs<S>{batch(), policy(), window(windows), spec_.objective.data(),
                             noise_deviation_.view(), decision_bar_.view(), adjoint_status_.view()},
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
void EngineOf<S>::read_status(Gradient& gradient) {
  adjoint_status_.read(read_back_);
  gradient.status.resize(static_cast<std::size_t>(slots_.trajectories()));
  gradient.used.assign(static_cast<std::size_t>(shape_.policies), 0);
  for (std::int64_t b = 0; b < slots_.trajectories(); ++b) {
    const auto at = static_cast<std::size_t>(adjoint_status_.index(0, slots_.slot(b)));
    gradient.status[static_cast<std::size_t>(b)] = static_cast<int>(read_back_[at]);
    if (read_back_[at] == S(-1)) ++gradient.used[static_cast<std::size_t>(b / shape_.rollouts)];
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
  if (options.chain != Chain::segment || shape_.trajectories() != 1) return;
  if (!ahead_ || !(ahead_->windows == windows) || !(ahead_->options == options)) {
    ahead_ = Ahead{windows, options};
  }
  if (end <= ahead_->adjoint) return;
  run_adjoint(windows, options, {ahead_->adjoint, end});
  ahead_->adjoint = end;
  // The last decision's gradient is not whole before the segment after it is through.
  device_->run(k_.pull_back,
               PullBackArgs<S>{batch(),
                               policy(),
                               decision_bar_.view(),
                               {ahead_->pull_back, end - 1},
                               0,
                               theta_bar_.view()},
               slots_.blocks());
  ahead_->pull_back = end - 1;
}

template <class S>
void EngineOf<S>::gradient(const Windows& windows, const GradientOptions& options,
                           Gradient& gradient) {
  if (options.variance && shape_.rollouts < 2) {
    throw Error(Exit::input, "the variance of one rollout's gradient", "gradient.variance",
                "collect at least two rollouts a policy");
  }
  int adjoint_done = 0, pull_back_done = 0;
  if (ahead_ && ahead_->windows == windows && ahead_->options == options) {
    adjoint_done = ahead_->adjoint;
    pull_back_done = ahead_->pull_back;
  }
  ahead_.reset();
  run_estimator(windows, options, {adjoint_done, shape_.segments});
  read_status(gradient);
  gradient.mean.resize(static_cast<std::size_t>(shape_.policies) *
                       static_cast<std::size_t>(parameters_));
  pull_back({pull_back_done, shape_.segments}, [&](std::int64_t first_slot, std::int64_t count) {
    read_means(first_slot, count, gradient);
  });
  if (shape_.rollouts > 1) read_sums(options, gradient);
}

template <class S>
void EngineOf<S>::add_gradient(const Windows& windows, const GradientOptions& options,
                               GradientSums& sums) {
  if (shape_.rollouts < 2) {
    throw Error(Exit::input, "sums over one rollout", "engine", "collect at least two a policy");
  }
  ahead_.reset();
  run_estimator(windows, options, {0, shape_.segments});
  Gradient status;
  read_status(status);
  pull_back({0, shape_.segments}, [](std::int64_t, std::int64_t) {});
  sums_.read(host_sums_);
  sums.sums.resize(host_sums_.size());
  sums.used.resize(status.used.size());
  for (std::size_t i = 0; i < host_sums_.size(); ++i) {
    merge(sums.sums[i].sum, host_sums_[i].sum);
    merge(sums.sums[i].squares, host_sums_[i].squares);
  }
  for (std::size_t p = 0; p < status.used.size(); ++p) sums.used[p] += status.used[p];
}

template <class S>
template <class Chunk>
void EngineOf<S>::pull_back(SegmentRange range, const Chunk& chunk) {
  const bool many = shape_.rollouts > 1;
  if (many) {
    device_->clear(sums_.data(), static_cast<std::size_t>(sums_.size()) * sizeof(GradientSum));
  }
  for (std::int64_t first = 0; first < slots_.blocks(); first += chunk_blocks_) {
    const std::int64_t blocks = std::min(chunk_blocks_, slots_.blocks() - first);
    device_->run(
        k_.pull_back,
        PullBackArgs<S>{batch(), policy(), decision_bar_.view(), range, first, theta_bar_.view()},
        blocks);
    const std::int64_t first_slot = first * slots_.width;
    const std::int64_t count = blocks * slots_.width;
    if (!many) {
      chunk(first_slot, count);
      continue;
    }
    const std::int64_t first_policy = first_slot / slots_.per_policy;
    const std::int64_t last_policy =
        std::min<std::int64_t>((first_slot + count - 1) / slots_.per_policy, shape_.policies - 1);
    device_->run(
        k_.reduce,
        ReduceArgs<S>{theta_bar_.view(), adjoint_status_.view(), parameters_, first_slot, count,
                      slots_.per_policy, shape_.rollouts, first_policy, sums_.data()},
        (last_policy - first_policy + 1) * parameters_);
  }
}

template <class S>
void EngineOf<S>::read_means(std::int64_t first_slot, std::int64_t count, Gradient& gradient) {
  const S* data = theta_bar_.data();
  if (!device_->host_visible()) {
    theta_bar_.read(read_back_);
    data = read_back_.data();
  }
  const auto np = static_cast<std::size_t>(parameters_);
  const std::int64_t end = std::min<std::int64_t>(first_slot + count, shape_.policies);
  for (std::int64_t p = first_slot; p < end; ++p) {
    const bool used = gradient.used[static_cast<std::size_t>(p)] > 0;
    for (int i = 0; i < parameters_; ++i) {
      gradient.mean[static_cast<std::size_t>(p) * np + static_cast<std::size_t>(i)] =
          used ? static_cast<double>(data[theta_bar_.index(i, p - first_slot)]) : 0.0;
    }
  }
  gradient.variance.clear();
}

template <class S>
void EngineOf<S>::read_sums(const GradientOptions& options, Gradient& gradient) {
  sums_.read(host_sums_);
  gradient.variance.resize(options.variance ? gradient.mean.size() : 0);
  for (std::size_t i = 0; i < gradient.mean.size(); ++i) {
    const Moments m =
        moments(host_sums_[i], gradient.used[i / static_cast<std::size_t>(parameters_)]);
    gradient.mean[i] = m.mean;
    if (options.variance) gradient.variance[i] = m.variance;
  }
}

}  // namespace phigrad
