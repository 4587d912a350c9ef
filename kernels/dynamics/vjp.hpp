// Vector-Jacobian products (pull-backs) of a model: hand-written where the model has one, otherwise
// by forward-mode Dual numbers. The test battery holds the two against each other.
#pragma once

#include <type_traits>
#include <utility>

#include "kernels/dynamics/constants.hpp"
#include "kernels/math/dual.hpp"
#include "kernels/math/pack.hpp"
#include "kernels/math/vec.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// What a pull-back through y = f(x, u) returns for a cotangent w of y:
/// x = (∂f/∂x)ᵀ w and u = (∂f/∂u)ᵀ w.
template <class Real, int NX, int NU>
struct Cotangent {
  Vec<Real, NX> x;
  Vec<Real, NU> u;
};

/// x and u seeded as the nx + nu independent variables of forward mode, x first.
template <class Real, int NX, int NU>
struct Seeded {
  using D = Dual<Real, NX + NU>;
  Vec<D, NX> x;
  Vec<D, NU> u;

  PHI_HD Seeded(const Vec<Real, NX>& x_value, const Vec<Real, NU>& u_value) {
    PHI_UNROLL
    for (int i = 0; i < NX; ++i) x[i] = D::variable(x_value[i], i);
    PHI_UNROLL
    for (int i = 0; i < NU; ++i) u[i] = D::variable(u_value[i], NX + i);
  }
};

/// y = f(seeded) pulled back along w.
template <class Real, int NX, int NU, int NY>
PHI_HD Cotangent<Real, NX, NU> pull_back_dual(const Vec<Dual<Real, NX + NU>, NY>& y,
                                              const Vec<Real, NY>& w) {
  Cotangent<Real, NX, NU> result{};
  for (int j = 0; j < NY; ++j) {
    PHI_UNROLL
    for (int i = 0; i < NX; ++i) result.x[i] = fma(y[j].tangent[i], w[j], result.x[i]);
    PHI_UNROLL
    for (int i = 0; i < NU; ++i) result.u[i] = fma(y[j].tangent[NX + i], w[j], result.u[i]);
  }
  return result;
}

namespace kernel_detail {

template <class Model, class Real, class = void>
struct HasVjp : std::false_type {};

template <class Model, class Real>
struct HasVjp<Model, Real,
              std::void_t<decltype(Model::vjp(std::declval<const Vec<Real, Model::nx>&>(),
                                              std::declval<const Vec<Real, Model::nu>&>(),
                                              std::declval<const constants_t<Model, Real>&>(),
                                              std::declval<const Vec<Real, Model::nx>&>()))>>
    : std::true_type {};

template <class Model, class Real, class = void>
struct HasStepVjp : std::false_type {};

template <class Model, class Real>
struct HasStepVjp<
    Model, Real,
    std::void_t<decltype(Model::step_vjp(
        std::declval<const Vec<Real, Model::nx>&>(), std::declval<const Vec<Real, Model::nu>&>(),
        std::declval<const constants_t<Model, Real>&>(), scalar_t<Real>(),
        std::declval<const Vec<Real, Model::nx>&>()))>> : std::true_type {};

}  // namespace kernel_detail

/// Pull-back through Model::derivative at (x, u) with the cotangent w of ẋ.
template <class Model, class Real>
PHI_HD Cotangent<Real, Model::nx, Model::nu> derivative_vjp(const Vec<Real, Model::nx>& x,
                                                            const Vec<Real, Model::nu>& u,
                                                            const constants_t<Model, Real>& p,
                                                            const Vec<Real, Model::nx>& w) {
  if constexpr (kernel_detail::HasVjp<Model, Real>::value) {
    return Model::vjp(x, u, p, w);
  } else {
    constexpr int nx = Model::nx;
    constexpr int nu = Model::nu;
    const Seeded<Real, nx, nu> s(x, u);
    using D = typename Seeded<Real, nx, nu>::D;
    return pull_back_dual<Real, nx, nu, nx>(
        Model::derivative(s.x, s.u, convert<Model::template Params, D>(p)), w);
  }
}

}  // namespace PHI_ISA
}  // namespace phigrad
