// What an engine gives of a batch.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/reduce/exact_sum.hpp"

namespace phigrad {

/// Σ g and Σ g² over trajectories, exact: the same whatever the order and the parts they came in.
struct GradientSums {
  std::vector<GradientSum> sums;   // [P, np]
  std::vector<std::int64_t> used;  // [P], trajectories in them
  std::vector<int> status;         // [B] of the batch added last, as Gradient::status
};

struct Scores {
  std::vector<double> loss;        // [B]
  std::vector<double> path_error;  // [B], m; NaN where the task has no path
};

/// Trajectories that left the numbers are excluded from `mean` and counted out of `used`.
struct Gradient {
  std::vector<double> mean;      // [P, np]
  std::vector<double> variance;  // [P, np], of one trajectory's gradient; empty unless asked for
  std::vector<int> used;         // [P], trajectories in the mean
  std::vector<int> status;       // [B], −1 or the slot at which the trajectory left the numbers
};

/// What iterations of training gave.
struct TrainingHistory {
  std::vector<double> loss, path_error;  // [N, B], as Scores
  std::vector<double> gradient_norm;     // [N, P], of the mean gradient; NaN where there is none
  std::vector<int> used;                 // [N, P], as Gradient::used
  std::vector<int> status;               // [B] of the last one, as Gradient::status
};

/// A trajectory as the host reads it.
struct Trajectory {
  std::vector<double> states;     // [S·K + 1, nx]
  std::vector<double> inputs;     // [S·K, nu]
  std::vector<double> decisions;  // [S + 1, nz]
  int status = -1;
};

/// Jacobians of one trajectory, by slot, row-major.
struct Linearisation {
  std::vector<double> J_next_x;  // [S·K, nx, nx]
  std::vector<double> J_next_u;  // [S·K, nx, nu]
  std::vector<double> J_u_x;     // [S·K, nu, nx], the segment's plan held
  std::vector<double> closed;    // [S·K, nx, nx] = J_next_x + J_next_u J_u_x
};

/// Φ(t, s) = mantissa · 2^exponent.
struct TransitionMatrix {
  std::vector<double> mantissa;  // [nx, nx]
  double exponent = 0;
};

/// log of the mean and of the maximum over t of ‖Φ(t + L, t)‖₂ at the lags 1, 2, …
struct GrowthCurve {
  std::vector<double> log_mean, log_max;
};

/// How many pairs of each lag have a norm in each bin (kernels/gradient/growth_bins.hpp), over the
/// trajectories of `policies` policies together; those that left the numbers are not among them.
struct GrowthCounts {
  int policies = 1;                   // divides P
  std::vector<std::uint32_t> counts;  // [P / policies][max_lag][growth_bins]
};

}  // namespace phigrad
