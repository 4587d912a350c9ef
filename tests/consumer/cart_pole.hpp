// A robot outside phigrad's repository: a cart that balances a pole by linear feedback.
#pragma once

#include "kernels/objective/quadratic.hpp"
#include "kernels/policy/policy.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct CartPoleDynamics {
  enum State { position, velocity, angle, rate, nx };  // m, m/s, rad from upright, rad/s
  enum Input { force, nu };                            // N
  template <class Real>
  struct Params {
    Real cart_mass, pole_mass, half_length, gravity;  // kg, kg, m, m/s²
  };

  /// ẋ without friction (Florian 2007, equations 23 and 24).
  template <class Real>
  PHI_HD static Vec<Real, nx> derivative(const Vec<Real, nx>& x, const Vec<Real, nu>& u,
                                         const Params<Real>& p) {
    Real sin_a, cos_a;
    sincos(x[angle], sin_a, cos_a);
    const Real mass = p.cart_mass + p.pole_mass;
    const Real swing = p.pole_mass * p.half_length;
    const Real pull = (u[force] + swing * x[rate] * x[rate] * sin_a) / mass;
    const Real turn = (p.gravity * sin_a - cos_a * pull) /
                      (p.half_length * (Real(4.0 / 3) - p.pole_mass * cos_a * cos_a / mass));
    return {{x[velocity], pull - swing * turn * cos_a / mass, x[rate], turn}};
  }
};

struct CartPole {
  using Plant = CartPoleDynamics;
  using Model = CartPoleDynamics;
  using Policy = phigrad::Policy<ConstantHead<4, 4>, LinearFeedback<4, 1>>;
  using Objective = Quadratic<4, 1>;
};

}  // namespace PHI_ISA
}  // namespace phigrad
