// Update rules for P policies at once, each on its own.
#pragma once

#include <memory>
#include <vector>

#include "host/experiment/settings.hpp"

namespace phigrad {

class Optimiser {
 public:
  virtual ~Optimiser() = default;

  /// θ ← θ − …, for the policies whose gradient holds (used[p] > 0); the others stay.
  /// theta and gradient are [P, np], used is [P]. Allocates nothing.
  virtual void step(double* theta, const double* gradient, const int* used) = 0;

  /// All that a resumed run needs, and the way back. set_state throws Error(Exit::input) on a
  /// state of another optimiser or shape.
  virtual std::vector<double> state() const = 0;
  virtual void set_state(const std::vector<double>& state) = 0;
};

/// Gradient descent or Adam (Kingma and Ba, 2015), with clipping of each policy's gradient norm.
std::unique_ptr<Optimiser> make_optimiser(const OptimiserSettings& settings, int policies,
                                          int parameters);

/// 2-norm of each policy's gradient [P].
std::vector<double> gradient_norms(const std::vector<double>& gradient, int policies);

}  // namespace phigrad
