// One block of the gradient's double sum, split by the state that its costs feel.
#pragma once

#include <vector>

#include "host/diagnosis/engines.hpp"

namespace phigrad {

/// ∂(cost of segment t)/∂z [segments, nz] of the only trajectory in `engine`, chain segment or
/// rollout.
std::vector<double> gradient_of_cost(Engine& engine, int t, const GradientOptions& options);

/// Costs in segments cost_first … cost_last, decisions of segment `decision`.
struct Block {
  int cost_first, cost_last, decision;
};

/// Σ_t ∂c_t/∂x_i (Φ(t, s + 1) B_s ∂u_s/∂z)_i by state i: [nx][nz], summed over i the block of
/// dJ/dz, but for a terminal cost and costs of inputs. ∂c/∂x and ∂u/∂z are central differences.
std::vector<std::vector<double>> state_parts(const Experiment& experiment,
                                             const RolloutInEngine& rollout, const Block& block,
                                             const GradientOptions& options);

}  // namespace phigrad
