// A, B of a model on the host, by the very pull-backs that the kernels run.
#pragma once

#include <Eigen/Core>

#include "kernels/dynamics/integrators.hpp"
#include "kernels/entry/make_robot_kernels.hpp"

namespace phigrad {

/// ẋ ≈ A x + B u, or x⁺ ≈ A x + B u, around a point.
struct LinearSystem {
  Eigen::MatrixXd A;  // [nx, nx]
  Eigen::MatrixXd B;  // [nx, nu]
};

namespace detail {

template <class Model>
using HostState = Vec<double, Model::nx>;
template <class Model>
using HostInput = Vec<double, Model::nu>;
template <class Model>
using HostParams = typename Model::template Params<double>;

/// The Jacobians whose row r is pulled_back(unit cotangent r).
template <class Model, class F>
LinearSystem linearise(const F& pulled_back) {
  LinearSystem s{Eigen::MatrixXd(Model::nx, Model::nx), Eigen::MatrixXd(Model::nx, Model::nu)};
  for (int r = 0; r < Model::nx; ++r) {
    HostState<Model> unit{};
    unit[r] = 1;
    const Cotangent<double, Model::nx, Model::nu> row = pulled_back(unit);
    for (int c = 0; c < Model::nx; ++c) s.A(r, c) = row.x[c];
    for (int c = 0; c < Model::nu; ++c) s.B(r, c) = row.u[c];
  }
  return s;
}

}  // namespace detail

/// ∂ẋ/∂x, ∂ẋ/∂u of Model::derivative.
template <class Model>
LinearSystem linearise_model(const detail::HostState<Model>& x, const detail::HostInput<Model>& u,
                             const detail::HostParams<Model>& params) {
  return detail::linearise<Model>([&](const detail::HostState<Model>& unit) {
    return derivative_vjp<Model, double>(x, u, params, unit);
  });
}

/// ∂x⁺/∂x, ∂x⁺/∂u of one step of dt seconds; Step is an integrator of kernels/dynamics.
template <class Model, class Step>
LinearSystem linearise_step(const detail::HostState<Model>& x, const detail::HostInput<Model>& u,
                            const detail::HostParams<Model>& params, double dt) {
  return detail::linearise<Model>([&](const detail::HostState<Model>& unit) {
    return Step::template vjp<Model, double>(x, u, params, dt, unit);
  });
}

/// The same for an integrator chosen at run time, which the model must have.
template <class Model>
LinearSystem linearise_step(Integrator integrator, const detail::HostState<Model>& x,
                            const detail::HostInput<Model>& u,
                            const detail::HostParams<Model>& params, double dt) {
  LinearSystem s;
  kernel_detail::with_integrator<Model>(
      integrator, [&](auto step) { s = linearise_step<Model, decltype(step)>(x, u, params, dt); });
  return s;
}

/// x⁺ of one step of dt seconds.
template <class Model>
Vec<double, Model::nx> step_model(Integrator integrator, const detail::HostState<Model>& x,
                                  const detail::HostInput<Model>& u,
                                  const detail::HostParams<Model>& params, double dt) {
  Vec<double, Model::nx> next;
  kernel_detail::with_integrator<Model>(integrator, [&](auto step) {
    next = decltype(step)::template step<Model, double>(x, u, params, dt);
  });
  return next;
}

}  // namespace phigrad
