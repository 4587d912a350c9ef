// Rollouts of the scalar system under a setpoint, whose every number can be computed by hand.
#pragma once

#include <memory>
#include <vector>

#include "host/engine/engine.hpp"

namespace phigrad {

/// x⁺ = a x + u + w, u = k (θ − x) + σ η: the scalar's bundle by hand.
struct ScalarBatch {
  double a = 1.2, k = 0.7, theta = 0.8, input_noise = 0.3, state_noise = 0;
  int segments = 2;

  std::unique_ptr<Engine> engine(int rollouts) const {
    EngineSpec spec;
    spec.kernels = "scalar_setpoint";
    spec.precision = "double";
    spec.backend = "cpu";
    spec.plant_integrator = Integrator::discrete;
    spec.model_integrator = Integrator::discrete;
    spec.objective = {0, 1, 0, 1};
    for (int t = 0; t < segments; ++t) spec.schedule.insert(spec.schedule.end(), {0.0, k});
    BatchShape shape;
    shape.rollouts = rollouts;
    shape.segments = segments;
    shape.dt = 1;
    auto e = Engine::create(spec, shape);
    e->set_policies({theta});
    e->set_plant({a, 1});
    e->set_model({a, 1});
    return e;
  }

  Disturbance noise(int rollouts, std::uint32_t first = 0) const {
    Disturbance n;
    n.deviation = {state_noise, input_noise};
    for (int r = 0; r < rollouts; ++r) {
      n.keys.push_back({{3, 0}, first + static_cast<std::uint32_t>(r), 0});
    }
    return n;
  }

  void simulate(Engine& e, const Disturbance& n, double start = 0.5) const {
    const auto count = static_cast<std::size_t>(e.shape().rollouts);
    e.disturb(n);
    e.simulate(std::vector<double>(count, start), std::vector<double>(count, 0.0));
  }

  Windows windows() const { return {0, segments, {static_cast<double>(segments)}}; }

  /// ½ Σ x² of one trajectory, by hand.
  double cost(const std::vector<double>& eta, double at_theta, double start = 0.5) const {
    double x = start, sum = 0.5 * x * x;
    for (int t = 0; t < segments; ++t) {
      x = a * x + k * (at_theta - x) + input_noise * eta[static_cast<std::size_t>(t)];
      sum += 0.5 * x * x;
    }
    return sum;
  }
};

}  // namespace phigrad
