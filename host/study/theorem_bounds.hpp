// Theorem 1's bounds on what a gradient along real trajectories can be wrong by (arXiv
// 2307.08168), with our own count of the powers of T.
#pragma once

namespace phigrad {

/// What the theorem assumes, measured: suprema over trajectories and steps.
struct TheoremConstants {
  int steps;                // T
  double alpha, M;          // ‖Φ(t, s)‖ ≤ M α^{t−s}, of the plant's loop and the model's
  double cost_x;            // L_c: of the cost with respect to the state, through the input too
  double cost_u;            // of the cost with respect to the input
  double input;             // L_B
  double parameter;         // L_π: ‖∂u/∂θ‖
  double feedback;          // ‖∂u/∂x‖
  double error_x, error_u;  // Δ of ∂F/∂x and of B
};

struct TheoremBounds {
  double S1, S2;    // Σ_tΣ_{k<t} α^k and Σ_tΣ_{k<t} k α^{k−1}
  double gradient;  // ‖g‖ ≤ L_c L_B L_π M S1 + T L_cu L_π
  double variance;  // of one trajectory's gradient (trace) ≤ gradient²
  double bias;      // ≤ L_c L_B L_π M² (Δ_x + ‖∂u/∂x‖ Δ_u) S2 + L_c L_π M Δ_u S1
};

TheoremBounds theorem_bounds(const TheoremConstants& c);

}  // namespace phigrad
