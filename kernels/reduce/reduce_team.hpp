// The exact sums of policies with many rollouts by teams of threads: a thread for each parameter,
// as in reduce.hpp, would leave a GPU idle. The same digits, since nothing is rounded.
#pragma once

#include "kernels/batch/team.hpp"
#include "kernels/entry/update_arguments.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// One part of one parameter: index = (policy · np + parameter) · parts + part.
template <class S>
struct ReduceByTeam {
  static constexpr int threads = 128;
  static constexpr int teams_at_once = 0;  // that registers are cut for; 0: not cut
  struct Shared {
    GradientSum sum[threads];
  };
  static_assert(sizeof(Shared) <= 48 << 10, "what every GPU has for a block without being asked");

  ReduceArgs<S> a;

  PHI_HD void operator()(std::int64_t index, Shared& shared) const {
    const Team<threads> team;
    const std::int64_t column = index / a.parts, part = index % a.parts;
    const std::int64_t parameter = column % a.parameters;
    // Of the policy's slots those in the chunk, and of them a part.
    const std::int64_t policy = (a.first_policy + column / a.parameters) * a.slots_per_policy;
    const std::int64_t first = policy < a.first ? a.first : policy;
    std::int64_t end = policy + a.rollouts_per_policy;
    if (end > a.first + a.count) end = a.first + a.count;
    const std::int64_t each = (end - first + a.parts - 1) / a.parts;
    const std::int64_t from = first + part * each;
    const std::int64_t to = from + each < end ? from + each : end;
    team.each([&](int thread) {
      GradientSum sum{};
      for (std::int64_t slot = from + thread; slot < to; slot += threads) {
        if (*a.status.at(0, slot) != S(-1)) continue;
        const S g = *a.theta_bar.at(parameter, slot - a.first);
        if (a.squares) {
          add(sum, g);
        } else {
          add(sum.sum, g);
        }
      }
      shared.sum[thread] = sum;
    });
    for (int half = threads / 2; half > 0; half /= 2) {
      team.each([&](int thread) {
        if (thread >= half) return;
        merge(shared.sum[thread].sum, shared.sum[thread + half].sum);
        merge(shared.sum[thread].squares, shared.sum[thread + half].squares);
      });
    }
    team.each([&](int thread) {
      if (thread == 0) a.partials[index] = shared.sum[0];
    });
  }
};

/// The parts of one parameter: index = policy · np + parameter.
template <class S>
struct MergeParts {
  ReduceArgs<S> a;

  PHI_HD void operator()(std::int64_t index) const {
    GradientSum sum{};
    for (int part = 0; part < a.parts; ++part) {
      const GradientSum& one = a.partials[index * a.parts + part];
      merge(sum.sum, one.sum);
      merge(sum.squares, one.squares);
    }
    const std::int64_t at = a.first_policy * a.parameters + index;
    if (a.totals == nullptr) {
      merge(a.sums[at].sum, sum.sum);
      merge(a.sums[at].squares, sum.squares);
    } else {
      const Double2 value = value_of(sum.sum);
      a.totals[at] = value.high + value.low;
    }
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
