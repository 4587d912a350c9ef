// Which integrators a model has, and the types that they are.
#pragma once

#include "kernels/dynamics/integrators.hpp"
#include "kernels/entry/arguments.hpp"

namespace phigrad {
inline namespace PHI_ISA {
namespace kernel_detail {

template <class Model, class = void>
struct IsDiscrete : std::true_type {};
template <class Model>
struct IsDiscrete<Model, std::void_t<decltype(&Model::template derivative<double>)>>
    : std::false_type {};

template <class Model, class = void>
struct NamesVelocities : std::false_type {};
template <class Model>
struct NamesVelocities<Model, std::void_t<decltype(Model::is_velocity(0))>> : std::true_type {};

template <class Model, class = void>
struct IsEulerOnly : std::false_type {};
template <class Model>
struct IsEulerOnly<Model, std::enable_if_t<Model::euler_only>> : std::true_type {};

constexpr unsigned bit(Integrator i) { return 1U << static_cast<unsigned>(i); }

template <class Model>
constexpr unsigned integrators_of() {
  if (IsDiscrete<Model>::value) return bit(Integrator::discrete);
  if (IsEulerOnly<Model>::value) return bit(Integrator::euler);
  return bit(Integrator::euler) | bit(Integrator::runge_kutta_4) |
         (NamesVelocities<Model>::value ? bit(Integrator::semi_implicit_euler) : 0U);
}

/// Calls f with the integrator's type; the host has checked that the model has it.
template <class Model, class F>
void with_integrator(Integrator i, const F& f) {
  if constexpr (IsDiscrete<Model>::value) {
    f(DiscreteMap{});
  } else if constexpr (IsEulerOnly<Model>::value) {
    f(Euler{});
  } else {
    if (i == Integrator::runge_kutta_4) return f(RungeKutta4{});
    if constexpr (NamesVelocities<Model>::value) {
      if (i == Integrator::semi_implicit_euler) return f(SemiImplicitEuler{});
    }
    f(Euler{});
  }
}

}  // namespace kernel_detail
}  // namespace PHI_ISA
}  // namespace phigrad
