// Models that are learned from rollouts: what takes a physics model's place in the derivatives.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "host/config/limits.hpp"

namespace phigrad {

/// A model that is fitted to rollouts as they come.
class ModelFit {
 public:
  virtual ~ModelFit() = default;
  /// A rollout's states [N + 1, nx] and inputs [N, nu], dt seconds apart. One that is not finite is
  /// left out.
  virtual void add(const std::vector<double>& states, const std::vector<double>& inputs,
                   double dt) = 0;
  /// Goes on fitting to all rollouts so far; the model's pack.
  virtual std::vector<double> fit() = 0;
};

/// A model whose weights are drawn with this seed.
using MakeModelFit = std::function<std::unique_ptr<ModelFit>(std::uint64_t seed)>;

struct EnsembleSettings {
  int steps = 300;
  int batch = 64;
  double step = 3e-3;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("steps", steps, v.optional, "updates of the networks after each batch of rollouts",
            v.between(1, 100000));
    v.field("batch", batch, v.optional, "samples, drawn from all so far, an update is over",
            v.between(1, 100000));
    v.field("step", step, v.optional, "step size of Adam", v.above(0));
  }
};

}  // namespace phigrad
