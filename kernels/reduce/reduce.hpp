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
    const std::int64_t policy = a.first_policy + index / a.parameters;
    const std::int64_t parameter = index % a.parameters;
    const int width = a.theta_bar.layout.width;
    const std::int64_t begin = policy * a.slots_per_policy;
    const std::int64_t end = begin + a.rollouts_per_policy;
    const std::int64_t chunk_end = a.first + a.count;
    GradientSum total = a.sums[policy * a.parameters + parameter];
    for (std::int64_t i = begin < a.first ? a.first : begin; i < end && i < chunk_end; ++i) {
      if (a.status.at(0, i / width)[i % width] != S(-1)) continue;
      const std::int64_t local = i - a.first;
      const S g = a.theta_bar.at(parameter, local / width)[local % width];
      add(total, static_cast<double>(g));
    }
    a.sums[policy * a.parameters + parameter] = total;
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
