// What crosses from the host to a kernel: plain views and numbers, one struct a kernel. Nothing
// here depends on an instruction set or a robot, so every flavour and the host agree on the layout.
#pragma once

#include <cstdint>

#include "kernels/batch/rows.hpp"
#include "kernels/entry/disturbance_view.hpp"

namespace phigrad {

enum class Integrator : int { euler, semi_implicit_euler, runge_kutta_4, discrete };

/// How far back the state's sensitivity reaches (arXiv 2307.08168; segment is the authors',
/// rollout the theorem's).
enum class Chain : int { segment, window, rollout };

/// A batch of trajectories on a grid of segments × steps (slots). Slot t = segment · steps + step.
/// Ragged batches (recorded, live) fill the first `count` slots of a segment; the rest repeat the
/// last sample and count for nothing. Where samples are simulated again when they are asked for
/// (RolloutArgs::again), decided_at is kept of all segments, and states and inputs are a stretch of
/// slots.
template <class S>
struct BatchView {
  int segments;           // S
  int steps_per_segment;  // K
  S dt;                   // s
  bool ragged;
  Rows<S> states;         // [S·K + 1, nx]; of a stretch [slots, nx], without its end
  Rows<S> inputs;         // [S·K, nu]
  Rows<S> decisions;      // [S + 1, nz]; row 0 precedes the first segment
  Rows<S> segment_time;   // [S], task time at which a segment was decided, s
  Rows<S> since_refresh;  // [S·K], s since segment_time (ragged only)
  Rows<S> count;          // [S] (ragged only)
  Rows<S> decided_at;     // the states that the head saw: [S, nx] of a ragged batch; [S + 1, nx],
                          // the last state behind them, where states are a stretch; else null
  Rows<S> status;         // [1], −1 or the first slot at which the trajectory is not finite
  std::int64_t first_slot = 0;  // that the rows of states and inputs begin with
};

/// The policies of a batch. Settings are the robot's policy pack as doubles.
template <class S>
struct PolicyView {
  bool shared;                    // one policy a block, or one a lane
  const S* theta_shared;          // [P, np]
  Rows<S> theta;                  // [np] a lane
  std::int64_t slots_per_policy;  // trajectories, padded to whole blocks
  int parameters;                 // np
  const double* settings;         // host memory, copied into the kernel
  const S* schedule;              // [S·K, n_schedule], may be null
};

/// Segments from `begin` to before `end`. A kernel whose results of one segment do not ask for
/// later ones can be called for one range after another; from 0 on it starts afresh.
struct SegmentRange {
  int begin, end;
};

/// Windows of segments whose costs are summed, stride 1, after `drop` segments.
template <class S>
struct WindowView {
  int drop;
  int length;
  Rows<S> end;  // [1]: no window reaches beyond this segment (exclusive)
};

/// What a batch is scored by, and where to.
template <class S>
struct ScoreView {
  WindowView<S> window;
  const double* objective;  // host memory
  Rows<S> loss;             // [1], out
  Rows<S> path_error;       // [1], out: mean over the samples, m; NaN where the task has no path
};

template <class S>
struct RolloutArgs {
  BatchView<S> batch;
  PolicyView<S> policy;
  Rows<S> plant;    // pack of the plant
  Rows<S> initial;  // [nx]
  Integrator integrator;
  DisturbanceView<S> disturbance;
  ScoreView<S> score{};  // taken on the way, a sample still in registers; null loss: not taken
  SegmentRange range{};  // all of them, unless `again`
  bool again = false;    // from where the range's first segment was decided, by the decisions that
                         // were taken: samples alone are written
};

template <class S>
struct DecideArgs {
  BatchView<S> batch;
  PolicyView<S> policy;
};

template <class S>
struct ScoreArgs {
  BatchView<S> batch;
  ScoreView<S> score;
};

template <class S>
struct AdjointArgs {
  BatchView<S> batch;
  PolicyView<S> policy;
  WindowView<S> window;
  Rows<S> model;            // pack of the model
  const double* objective;  // host memory
  Integrator integrator;
  Chain chain;
  int truncate;           // steps a sensitivity reaches back; 0 = no limit
  bool through_head;      // whether sensitivities run through what the policy made of the state
  Rows<S> head_jacobian;  // [S, nz, nx] ∂z/∂x, for that; null: taken where a decision is passed
  SegmentRange range;  // all of them, but for chain segment and, with a carry, chain rollout, whose
                       // ranges follow one another from the last segment back
  Rows<S> carry;       // [nx + nz], from a range to that before it; null: there is one
  Rows<S> stretch;     // [n_stretch_numbers] of a batch of cut stretches, else null
  Rows<S> decision_bar;  // [S, nz], of a stretch [1 + S, nz], out: gradient of the loss with
                         // respect to the decisions
  Rows<S> status;        // [1], out: −1, or the slot at which batch or adjoint left the numbers
};

/// The likelihood-ratio estimate, for policies that explore with Gaussian noise in their inputs.
template <class S>
struct LikelihoodRatioArgs {
  BatchView<S> batch;
  PolicyView<S> policy;
  WindowView<S> window;
  const double* objective;  // host memory
  Rows<S> deviation;        // [nx + nu], see DisturbanceView
  Rows<S> baseline;         // [1], what a sample is expected to cost
  Rows<S> decision_bar;     // [S, nz], out
  Rows<S> status;           // [1], out: as the adjoint's
};

template <class S>
struct HeadJacobianArgs {
  BatchView<S> batch;
  PolicyView<S> policy;
  Rows<S> head_jacobian;  // [S, nz, nx], out
};

/// Decisions that a pull-back by tensor cores takes together, from the first of its range on: its
/// sums go by them.
inline constexpr int tile_decisions = 16;

template <class S>
struct PullBackArgs {
  BatchView<S> batch;
  PolicyView<S> policy;
  Rows<S> decision_bar;  // [S, nz]
  SegmentRange range;
  std::int64_t first_block;  // of the chunk that theta_bar holds
  Rows<S> theta_bar;         // [np] of the chunk, out
};

/// A_t, B_t, ∂u/∂x with the plan held, and A_t + B_t ∂u/∂x; views with null data are not written.
template <class S>
struct LineariseArgs {
  BatchView<S> batch;
  PolicyView<S> policy;
  Rows<S> model;
  Integrator integrator;
  Rows<S> J_next_x;  // [S·K, nx, nx]
  Rows<S> J_next_u;  // [S·K, nx, nu]
  Rows<S> J_u_x;     // [S·K, nu, nx]
  Rows<S> closed;    // [S·K, nx, nx]
};

/// Φ(t, s) of closed-loop matrices for a list of pairs.
template <class S>
struct TransitionArgs {
  Rows<S> closed;             // [T, nx, nx]
  const std::int32_t* pairs;  // [n_pairs, 2]: t, s with t ≥ s
  int n_pairs;
  Rows<S> phi;       // [n_pairs, nx, nx], out: mantissa
  Rows<S> exponent;  // [n_pairs], out: Φ = mantissa · 2^exponent
};

/// Where the pairs of a batch are counted by the bin of their norm
/// (kernels/gradient/growth_bins.hpp).
template <class S>
struct GrowthCountsView {
  std::uint32_t* counts;  // [P / policies_together, max_lag, growth_bins], added to; null: none
  Rows<S> status;         // [1]: a trajectory that left the numbers is not counted
  int policies, policies_together;
  std::int64_t slots_per_policy, rollouts_per_policy;
};

/// Growth of ‖Φ(t + L, t)‖₂ by lag over all pairs.
template <class S>
struct GrowthArgs {
  Rows<S> closed;  // [T, nx, nx]
  Rows<S> length;  // [1], T of each trajectory
  int max_length;  // of the batch
  int max_lag;
  Rows<S> log_mean;  // [max_lag], out: log of the mean over t, lag 1 first
  Rows<S> log_max;   // [max_lag], out
  Rows<S> exponent;  // [max_lag], scratch
  GrowthCountsView<S> counted;
};

/// Numbers of the Suprema kernel's output, in their order: suprema over a trajectory's samples of
/// the 2-norms of what Theorem 1 bounds (arXiv 2307.08168); ∂u/∂θ by its Frobenius norm.
enum Supremum : int {
  sup_cost_x,     // ∂c/∂x + (∂u/∂x)ᵀ ∂c/∂u, as often as windows count it
  sup_cost_u,     // ∂c/∂u, likewise
  sup_input,      // B, the larger of plant's and model's
  sup_error_x,    // ∂F/∂x − ∂F̂/∂x
  sup_error_u,    // B − B̂
  sup_feedback,   // ∂u/∂x
  sup_parameter,  // ∂u/∂θ
  n_suprema
};

template <class S>
struct SupremaArgs {
  BatchView<S> batch;
  PolicyView<S> policy;
  WindowView<S> window;
  const double* objective;   // host memory
  Rows<S> plant_x, plant_u;  // [S·K, nx, nx], [S·K, nx, nu]: the plant's Jacobians
  Rows<S> model_x, model_u;  // the model's
  Rows<S> suprema;           // [n_suprema], out
};

/// Commands recomputed from recorded setpoints and decisions.
template <class S>
struct CommandArgs {
  BatchView<S> batch;
  PolicyView<S> policy;
  Rows<S> setpoints;  // [S·K, 6]; null: from the decisions, through the plan
  Rows<S> commands;   // [S·K, nu], out
};

}  // namespace phigrad
