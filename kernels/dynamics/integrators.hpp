// One step x⁺ = F(x, u) of a continuous model and its pull-back, for three integrators, and for
// models that are discrete by nature. Steps hold the input constant over dt.
#pragma once

#include "kernels/dynamics/vjp.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Explicit Euler: x⁺ = x + dt f(x, u).
struct Euler {
  template <class Model, class Real>
  PHI_HD static Vec<Real, Model::nx> step(const Vec<Real, Model::nx>& x,
                                          const Vec<Real, Model::nu>& u,
                                          const constants_t<Model, Real>& p, scalar_t<Real> dt) {
    return add_scaled(x, Real(dt), Model::derivative(x, u, p));
  }

  template <class Model, class Real>
  PHI_HD static Cotangent<Real, Model::nx, Model::nu> vjp(const Vec<Real, Model::nx>& x,
                                                          const Vec<Real, Model::nu>& u,
                                                          const constants_t<Model, Real>& p,
                                                          scalar_t<Real> dt,
                                                          const Vec<Real, Model::nx>& w) {
    Cotangent<Real, Model::nx, Model::nu> c = derivative_vjp<Model, Real>(x, u, p, w * Real(dt));
    c.x = c.x + w;
    return c;
  }
};

/// Semi-implicit Euler: velocities first, then positions with the new velocities. Symplectic for
/// separable Hamiltonians. The model names its velocity states by `is_velocity(i)`. (A model that
/// is stepped by Euler alone says `euler_only`, and nothing else is compiled for it.)
struct SemiImplicitEuler {
  template <class Model, class Real>
  PHI_HD static Vec<Real, Model::nx> step(const Vec<Real, Model::nx>& x,
                                          const Vec<Real, Model::nu>& u,
                                          const constants_t<Model, Real>& p, scalar_t<Real> dt) {
    const Vec<Real, Model::nx> kicked =
        add_scaled(x, Real(dt), only<Model>(Model::derivative(x, u, p), true));
    return add_scaled(kicked, Real(dt), only<Model>(Model::derivative(kicked, u, p), false));
  }

  template <class Model, class Real>
  PHI_HD static Cotangent<Real, Model::nx, Model::nu> vjp(const Vec<Real, Model::nx>& x,
                                                          const Vec<Real, Model::nu>& u,
                                                          const constants_t<Model, Real>& p,
                                                          scalar_t<Real> dt,
                                                          const Vec<Real, Model::nx>& w) {
    const Vec<Real, Model::nx> kicked =
        add_scaled(x, Real(dt), only<Model>(Model::derivative(x, u, p), true));
    const auto drift = derivative_vjp<Model, Real>(kicked, u, p, only<Model>(w, false) * Real(dt));
    const Vec<Real, Model::nx> kicked_bar = w + drift.x;
    const auto kick =
        derivative_vjp<Model, Real>(x, u, p, only<Model>(kicked_bar, true) * Real(dt));
    return {kicked_bar + kick.x, kick.u + drift.u};
  }

 private:
  /// w with all but the velocity (or all but the position) entries zeroed.
  template <class Model, class V>
  PHI_HD static V only(V w, bool velocities) {
    PHI_UNROLL
    for (int i = 0; i < Model::nx; ++i) {
      if (Model::is_velocity(i) != velocities) w[i] = {};
    }
    return w;
  }
};

/// The classical Runge-Kutta method of order 4.
struct RungeKutta4 {
  template <class Model, class Real>
  PHI_HD static Vec<Real, Model::nx> step(const Vec<Real, Model::nx>& x,
                                          const Vec<Real, Model::nu>& u,
                                          const constants_t<Model, Real>& p, scalar_t<Real> dt) {
    const Stages<Model, Real> s(x, u, p, dt);
    const auto k4 = Model::derivative(s.x4, u, p);
    return add_scaled(x, Real(dt) / Real(6), add_scaled(s.k1, Real(2), s.k2 + s.k3) + k4);
  }

  template <class Model, class Real>
  PHI_HD static Cotangent<Real, Model::nx, Model::nu> vjp(const Vec<Real, Model::nx>& x,
                                                          const Vec<Real, Model::nu>& u,
                                                          const constants_t<Model, Real>& p,
                                                          scalar_t<Real> dt,
                                                          const Vec<Real, Model::nx>& w) {
    const Stages<Model, Real> s(x, u, p, dt);
    const Real h = Real(dt);
    const Real sixth = h / Real(6);
    const Real third = h / Real(3);
    const Real half = h * Real(0.5);
    const auto c4 = derivative_vjp<Model, Real>(s.x4, u, p, w * sixth);
    const auto c3 = derivative_vjp<Model, Real>(s.x3, u, p, add_scaled(w * third, h, c4.x));
    const auto c2 = derivative_vjp<Model, Real>(s.x2, u, p, add_scaled(w * third, half, c3.x));
    const auto c1 = derivative_vjp<Model, Real>(x, u, p, add_scaled(w * sixth, half, c2.x));
    return {w + c1.x + c2.x + c3.x + c4.x, c1.u + c2.u + c3.u + c4.u};
  }

 private:
  template <class Model, class Real>
  struct Stages {
    Vec<Real, Model::nx> k1, x2, k2, x3, k3, x4;

    PHI_HD Stages(const Vec<Real, Model::nx>& x, const Vec<Real, Model::nu>& u,
                  const constants_t<Model, Real>& p, scalar_t<Real> dt) {
      const Real h = Real(dt);
      const Real half = h * Real(0.5);
      k1 = Model::derivative(x, u, p);
      x2 = add_scaled(x, half, k1);
      k2 = Model::derivative(x2, u, p);
      x3 = add_scaled(x, half, k2);
      k3 = Model::derivative(x3, u, p);
      x4 = add_scaled(x, h, k3);
    }
  };
};

/// A model that is a map by nature: Model::step(x, u, p, dt), with an optional Model::step_vjp.
struct DiscreteMap {
  template <class Model, class Real>
  PHI_HD static Vec<Real, Model::nx> step(const Vec<Real, Model::nx>& x,
                                          const Vec<Real, Model::nu>& u,
                                          const constants_t<Model, Real>& p, scalar_t<Real> dt) {
    return Model::step(x, u, p, dt);
  }

  template <class Model, class Real>
  PHI_HD static Cotangent<Real, Model::nx, Model::nu> vjp(const Vec<Real, Model::nx>& x,
                                                          const Vec<Real, Model::nu>& u,
                                                          const constants_t<Model, Real>& p,
                                                          scalar_t<Real> dt,
                                                          const Vec<Real, Model::nx>& w) {
    if constexpr (kernel_detail::HasStepVjp<Model, Real>::value) {
      return Model::step_vjp(x, u, p, dt, w);
    } else {
      constexpr int nx = Model::nx;
      constexpr int nu = Model::nu;
      const Seeded<Real, nx, nu> s(x, u);
      using D = typename Seeded<Real, nx, nu>::D;
      return pull_back_dual<Real, nx, nu, nx>(
          Model::step(s.x, s.u, convert<Model::template Params, D>(p), dt), w);
    }
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
