// EngineOf: pull-back through the policy, mean and variance. Part of engine_of.cpp.
#pragma once

#include "host/engine/engine_of.hpp"

namespace phigrad {

template <class S>
template <class Chunk>
void EngineOf<S>::pull_back(SegmentRange range, bool squares, const Chunk& chunk) {
  const bool many = shape_.rollouts > 1;
  if (many) make_room_for_sums(squares);
  const auto chunks = [&] {
    if (many) clear_sums(squares);
    for (std::int64_t first = 0; first < slots_.blocks(); first += sizes_.chunk_blocks) {
      const std::int64_t blocks = std::min(sizes_.chunk_blocks, slots_.blocks() - first);
      device_->run(k_.pull_back, pull_back_args(range, first), blocks);
      if (many) {
        reduce(first, blocks, squares);
      } else {
        chunk(first * slots_.width, blocks * slots_.width);
      }
    }
  };
  if (!many) return chunks();  // which reads them in between
  start_arguments(k_.pull_back, range, squares);
  device_->run_repeated(arguments_, chunks);
}

template <class S>
template <class Kernel>
void EngineOf<S>::start_arguments(Kernel first, SegmentRange range, bool squares) {
  arguments_.start();
  arguments_.add(first);
  for (const double setting : spec_.policy) arguments_.add(setting);
  arguments_.add(pull_back_args(range, 0));
  arguments_.add(reduce_args(0, sizes_.chunk_blocks, squares));
}

template <class S>
ReduceArgs<S> EngineOf<S>::reduce_args(std::int64_t first_block, std::int64_t blocks,
                                       bool squares) const {
  const std::int64_t first = first_block * slots_.width;
  return {theta_bar_.view(),
          adjoint_status_.view(),
          parameters_,
          first,
          blocks * slots_.width,
          slots_.per_policy,
          shape_.rollouts,
          first / slots_.per_policy,
          squares,
          sums_.data(),
          sizes_.needs_sums(squares) ? nullptr : totals_.data(),
          sizes_.parts,
          partials_.data()};
}

template <class S>
void EngineOf<S>::make_room_for_sums(bool squares) {
  if (sizes_.parts > 0 && partials_.size() == 0) partials_ = {*device_, sizes_.partials.value()};
  if (!sizes_.needs_sums(squares)) {
    if (totals_.size() == 0) totals_ = {*device_, sizes_.totals.value()};
  } else if (sums_.size() == 0) {
    sums_ = {*device_, sizes_.sums.value()};
  }
}

template <class S>
void EngineOf<S>::clear_sums(bool squares) {
  if (!sizes_.needs_sums(squares)) return;
  device_->clear(sums_.data(), static_cast<std::size_t>(sums_.size()) * sizeof(GradientSum));
}

template <class S>
void EngineOf<S>::reduce(std::int64_t first_block, std::int64_t blocks, bool squares) {
  const ReduceArgs<S> args = reduce_args(first_block, blocks, squares);
  const std::int64_t last_policy = std::min<std::int64_t>(
      (args.first + args.count - 1) / slots_.per_policy, shape_.policies - 1);
  device_->run(k_.reduce, args,
               (last_policy - args.first_policy + 1) * reduce_groups(parameters_, slots_.width));
}

template <class S>
void EngineOf<S>::read_means(std::int64_t first_slot, std::int64_t count, Gradient& gradient) {
  const auto np = static_cast<std::size_t>(parameters_);
  const std::int64_t end = std::min<std::int64_t>(first_slot + count, shape_.policies);
  const auto mean_of = [&](std::int64_t slot) {
    return gradient.mean.data() + static_cast<std::size_t>(first_slot + slot) * np;
  };
  theta_bar_.read_into(end - first_slot, read_back_, mean_of);
  for (std::int64_t p = first_slot; p < end; ++p) {
    if (gradient.used[static_cast<std::size_t>(p)] > 0) continue;
    std::fill_n(mean_of(p - first_slot), np, 0.0);
  }
  gradient.variance.clear();
}

template <class S>
void EngineOf<S>::read_sums(const GradientOptions& options, Gradient& gradient) {
  const auto used_of = [&](std::size_t i) {
    return gradient.used[i / static_cast<std::size_t>(parameters_)];
  };
  if (!sizes_.needs_sums(options.variance)) {
    const double* const totals = totals_.on_host(host_totals_);
    gradient.variance.clear();
    for (std::size_t i = 0; i < gradient.mean.size(); ++i) {
      gradient.mean[i] = used_of(i) > 0 ? totals[i] / used_of(i) : 0;
    }
    return;
  }
  const GradientSum* const sums = sums_.on_host(host_sums_);
  gradient.variance.resize(options.variance ? gradient.mean.size() : 0);
  for (std::size_t i = 0; i < gradient.mean.size(); ++i) {
    const Moments m = moments(sums[i], used_of(i));
    gradient.mean[i] = m.mean;
    if (options.variance) gradient.variance[i] = m.variance;
  }
}

}  // namespace phigrad
