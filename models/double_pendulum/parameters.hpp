// The double pendulum's physical config sections: plant, model, integrators.
#pragma once

#include <optional>
#include <vector>

#include "host/robots/ensemble.hpp"
#include "kernels/entry/arguments.hpp"
#include "models/double_pendulum/dynamics.hpp"

namespace phigrad {

using PendulumParams = DoublePendulumDynamics::Params<double>;
using PendulumState = Vec<double, DoublePendulumDynamics::nx>;
using PendulumInput = Vec<double, DoublePendulumDynamics::nu>;

/// `p` with its masses and its lengths scaled.
inline PendulumParams scaled(PendulumParams p, double mass_scale, double length_scale) {
  p.mass1 *= mass_scale;
  p.mass2 *= mass_scale;
  p.length1 *= length_scale;
  p.length2 *= length_scale;
  return p;
}

template <class Visitor>
void describe_integrator(Visitor& v, Integrator& integrator) {
  v.choice("integrator", integrator,
           {{"euler", Integrator::euler},
            {"semi_implicit", Integrator::semi_implicit_euler},
            {"rk4", Integrator::runge_kutta_4}},
           v.optional, "of one step: explicit Euler (the authors'), semi-implicit Euler, or RK4");
}

struct PendulumPlantSettings {
  PendulumParams p{0.1, 0.1, 1, 1, 1};
  Integrator integrator = Integrator::euler;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("mass1_kg", p.mass1, v.optional, "point mass at the elbow, kg", v.above(0));
    v.field("mass2_kg", p.mass2, v.optional, "point mass at the tip, kg", v.above(0));
    v.field("length1_m", p.length1, v.optional, "first link, m", v.above(0));
    v.field("length2_m", p.length2, v.optional, "second link, m", v.above(0));
    v.field("gravity_m_per_s2", p.gravity, v.optional, "gravity, m/s^2");
    describe_integrator(v, integrator);
  }
};

struct PendulumModelSettings {
  double mass_scale = 1;
  double length_scale = 1;
  Integrator integrator = Integrator::euler;
  std::optional<EnsembleSettings> learned;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("mass_scale", mass_scale, v.optional, "the model's masses over the plant's",
            v.above(0));
    v.field("length_scale", length_scale, v.optional, "the model's lengths over the plant's",
            v.above(0));
    describe_integrator(v, integrator);
    v.section("learned", learned,
              "networks fitted to the rollouts, for its accelerations; null: none");
  }

  PendulumParams of(const PendulumParams& plant) const {
    return scaled(plant, mass_scale, length_scale);
  }
};

}  // namespace phigrad
