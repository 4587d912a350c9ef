// Rollouts of a simulated car under random inputs and noise, whose every error is known.
#pragma once

#include <cmath>
#include <vector>

#include "host/rollouts/logged_rollout.hpp"
#include "host/support/random.hpp"
#include "kernels/dynamics/integrators.hpp"
#include "models/car/dynamics.hpp"

namespace phigrad {

struct DrivenCar {
  CarDynamics::Params<double> plant{9, 0.4, 5, 0.1};
  double resistance = 2;                          // m/s², which the model has no term for
  double dt = 0.02;                               // s
  int lag = 0;                                    // samples
  double speed_noise = 0.01, turn_noise = 0.005;  // a step; the latter is correlated
  double throttle_spread = 0.15;

  /// Normal numbers from a stream (Box and Muller).
  static double normal(RandomStream& s) {
    return std::sqrt(-2 * std::log(s.uniform(0, 1))) * std::cos(s.uniform(0, 6.283185307179586));
  }

  LoggedRollout rollout(std::uint64_t seed, int index, int samples) const {
    RandomStream s(seed, Draw::test, static_cast<std::uint32_t>(index), 0);
    LoggedRollout r;
    r.log = "driven";
    r.index = index;
    r.nx = 4;
    r.nu = 2;
    r.nz = 10;
    r.segment_begin = {0};
    r.segment_time = {0};
    Vec<double, 4> x{{0, 0, 2, 3}};
    double throttle = 0, steer = 0, turned = 0;
    std::vector<Vec<double, 2>> inputs;
    for (int k = 0; k < samples; ++k) {
      throttle = 0.9 * throttle + std::sqrt(1 - 0.81) * throttle_spread * normal(s);
      steer = 0.9 * steer + std::sqrt(1 - 0.81) * 0.3 * normal(s);
      turned = 0.9 * turned + std::sqrt(1 - 0.81) * turn_noise * normal(s);
      inputs.push_back({{0.5 + throttle, steer}});
      for (int i = 0; i < 4; ++i) r.states.push_back(x[i]);
      for (int i = 0; i < 2; ++i) r.inputs.push_back(inputs.back()[i]);
      r.sample_time.push_back(k * dt);
      const auto& u = inputs[static_cast<std::size_t>(std::max(k - lag, 0))];
      x = Euler::step<CarDynamics, double>(x, u, plant, dt);
      x[CarDynamics::v] += speed_noise * normal(s) - resistance * dt;
      x[CarDynamics::heading] = std::remainder(x[CarDynamics::heading] + turned, 6.283185307179586);
    }
    for (int i = 0; i < 4; ++i) r.states.push_back(1e3);  // behind the last sample: of no use
    return r;
  }

  std::vector<LoggedRollout> rollouts(std::uint64_t seed, int count, int samples) const {
    std::vector<LoggedRollout> all;
    for (int i = 0; i < count; ++i) all.push_back(rollout(seed, i, samples));
    return all;
  }
};

}  // namespace phigrad
