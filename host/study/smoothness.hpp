// How smooth the expected cost is in the policy's parameters: the gradient's Lipschitz constant,
// the largest curvature, and the step size that they allow against the one that is seen to be
// stable.
#pragma once

#include <string>
#include <vector>

#include "host/statistics/jackknife.hpp"
#include "host/study/sweep.hpp"

namespace phigrad {

struct Smoothness {
  /// The largest of ‖∇J(θ+δ) − ∇J(θ)‖/‖δ‖ at study.smoothness_radius, over random directions and
  /// that of the largest curvature. NaN where a rollout leaves the numbers there.
  double lipschitz;
  /// vᵀ(∂²J/∂θ²)v in the direction v of the largest curvature; the interval over groups of
  /// trajectories, v held.
  Estimate curvature;
  bool converged;  // Hv = curvature · v but for 1e-2 of it, which is the most it is off by
  /// 2/curvature: beyond it gradient descent on a quadratic diverges. NaN where that is not
  /// positive.
  double predicted_step;
  /// The largest step of a grid (ratio √2, within 1/32 to 32 of the predicted one) with which, and
  /// with every smaller one tried, 40 updates of gradient descent never come above the cost where
  /// they began; high is the next of the grid, with which they do. NaN where there is none.
  Estimate observed_step;
};

/// Around `theta` [np], over study.smoothness_trajectories of the cell's plant with the plant's own
/// gradients, in double precision; all evaluations use the same trajectories. Throws
/// Error(Exit::input) where the plant has no derivatives here.
Smoothness measure_smoothness(const Cell& cell, const StudySettings& study,
                              const std::vector<double>& theta, const std::string& backend);

}  // namespace phigrad
