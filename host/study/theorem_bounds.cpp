#include "host/study/theorem_bounds.hpp"

namespace phigrad {

TheoremBounds theorem_bounds(const TheoremConstants& c) {
  TheoremBounds b{};
  double inner1 = 0, inner2 = 0;  // Σ_{k<t} of each
  double power = 1, before = 0;   // α^k, α^{k−1}
  for (int t = 1; t <= c.steps; ++t) {
    const int k = t - 1;
    inner1 += power;
    inner2 += k * before;
    b.S1 += inner1;
    b.S2 += inner2;
    before = power;
    power *= c.alpha;
  }
  b.gradient = c.cost_x * c.input * c.parameter * c.M * b.S1 + c.steps * c.cost_u * c.parameter;
  b.variance = b.gradient * b.gradient;
  b.bias =
      c.cost_x * c.input * c.parameter * c.M * c.M * (c.error_x + c.feedback * c.error_u) * b.S2 +
      c.cost_x * c.parameter * c.M * c.error_u * b.S1;
  return b;
}

}  // namespace phigrad
