// Adds the gradients of a chunk of trajectories to the exact sums of their policies.
#pragma once

#include "kernels/entry/arguments.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// One call takes one parameter of one policy of the chunk: index = policy · np + parameter.
/// Trajectories whose adjoint left the numbers are left out; padding is no trajectory.
template <class S>
struct Reduce {
  ReduceArgs<S> a;

  PHI_HD void operator()(std::int64_t index) const {
    const std::int64_t policy = index / a.parameters;
    const std::int64_t parameter = index % a.parameters;
    const int width = a.theta_bar.layout.width;
    GradientSum total = a.sums[(a.first_policy + policy) * a.parameters + parameter];
    const std::int64_t begin = (a.first_policy + policy) * a.trajectories_per_policy;
    std::int64_t i = begin < a.first ? a.first : begin;
    std::int64_t end = begin + a.real_per_policy;
    if (end > a.first + a.count) end = a.first + a.count;
    for (; i < end; ++i) {
      const std::int64_t local = i - a.first;
      const std::int64_t block = local / width;
      const std::int64_t lane = local % width;
      if (a.status.at(0, block)[lane] != S(-1)) continue;
      add(total, static_cast<double>(a.theta_bar.at(parameter, block)[lane]));
    }
    a.sums[(a.first_policy + policy) * a.parameters + parameter] = total;
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
