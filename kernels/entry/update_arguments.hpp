// What crosses from the host to the kernels that add gradients up over the rollouts of a policy and
// move policies where they lie.
#pragma once

#include "kernels/entry/arguments.hpp"
#include "kernels/reduce/exact_sum.hpp"

namespace phigrad {

/// Groups of at most `width` of a policy's parameters.
constexpr std::int64_t reduce_groups(std::int64_t parameters, int width) {
  return (parameters + width - 1) / width;
}

/// Adds up the gradients of one chunk, exactly; one call handles one group of one policy's.
template <class S>
struct ReduceArgs {
  Rows<S> theta_bar;   // [np] of the chunk
  Rows<S> status;      // [1] of the whole batch's adjoint: only −1 enters the sums
  int parameters;      // np
  std::int64_t first;  // slot at which the chunk starts, a multiple of the width
  std::int64_t count;  // slots in the chunk
  std::int64_t slots_per_policy, rollouts_per_policy;
  std::int64_t first_policy;  // that has slots in the chunk
  bool squares;               // Σ g² too
  GradientSum* sums;          // [P, np], added to
  double* totals;             // [P, np], out in place of sums, where each policy is whole in the
                              // chunk and its Σ g, rounded, is all that is asked for; else null
  int parts;              // a policy's rollouts are added up by so many teams of threads; 0: by one
                          // thread
  GradientSum* partials;  // [policies of the chunk, np, parts], for that
};

/// How a policy is moved along its gradient, whose norm is clipped first.
struct UpdateRule {
  bool adam;         // else gradient descent
  double step;       // size
  double clip_norm;  // 0: not clipped
  double beta1, beta2, epsilon;
};

/// Which iteration of those whose starts lie ready is worked on. Each kernel writes what the other
/// one reads, so that one goes on with `next` while the other still goes by `current`.
struct IterationCount {
  std::int32_t next, current;
  std::uint32_t noise;  // iteration of the noise of the first
};

/// Lays out the starts of the next iteration.
template <class S>
struct BeginIterationArgs {
  IterationCount* count;
  Rows<S> starts;       // [iterations · nx]
  const double* times;  // [iterations, slots], task time of the starts, s; null: as it is
  double segment_s;
  std::int64_t slots;
  int nx, segments;
  Rows<S> initial;       // [nx], out
  Rows<S> segment_time;  // [S], out
  NoiseKey* keys;        // [slots], their iteration is set; may be null
};

/// Moves policies by the mean of their rollouts' gradients, and keeps what the iteration gave.
/// Policies are in groups of as many as a block has trajectories: [P / W, np, W].
template <class S>
struct UpdateArgs {
  IterationCount* count;
  int parameters, policies, rollouts;
  std::int64_t slots, slots_per_policy;
  std::int64_t first;       // policy, where each has one rollout and theta_bar is of a chunk
  Rows<S> theta_bar;        // [np] of the chunk, for one rollout a policy; for more:
  const double* totals;     // [P, np], or null:
  const GradientSum* sums;  // [P, np]
  Rows<S> status, loss, path_error;  // [1]

  double* theta;          // [P / W, np, W]
  double* moments;        // [P / W, 2 np, W]: Adam's means, then its squares; null: there are none
  std::int32_t* updates;  // [P], made so far
  PolicyView<S> policy;   // θ as the other kernels read it, out
  S* theta_shared;        // policy.theta_shared

  const UpdateRule* rules;  // all of one kind
  int policies_per_rule;
  const double* bias;  // [rules, updates, 2]: 1 − β1^n and 1 − β2^n after n + 1 updates
  int most_updates;

  S* losses;           // [iterations, slots], out
  S* path_errors;      // [iterations, slots], out
  double* norms;       // [iterations, P], out: of the mean gradient; NaN where no rollout has one
  std::int32_t* used;  // [iterations, P], out: rollouts in the mean
};

}  // namespace phigrad
