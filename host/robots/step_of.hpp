// ModelEquations::step, from the equations that the kernels run.
#pragma once

#include "host/robots/model_equations.hpp"
#include "kernels/entry/make_robot_kernels.hpp"

namespace phigrad {

/// The step of a model with its derivatives, by forward mode.
template <class Model>
auto step_of(Integrator integrator) {
  constexpr int nx = Model::nx;
  constexpr int nu = Model::nu;
  constexpr int np = pack_size_v<Model::template Params>;
  return
      [integrator](const double* x, const double* u, const double* p, double dt, ModelStep& out) {
        using D = Dual<double, nx + nu + np>;
        Vec<D, nx> state;
        Vec<D, nu> input;
        typename Model::template Params<D> parameters{};
        for (int i = 0; i < nx; ++i) state[i] = D::variable(x[i], i);
        for (int i = 0; i < nu; ++i) input[i] = D::variable(u[i], nx + i);
        for (int i = 0; i < np; ++i) set(parameters, i, D::variable(p[i], nx + nu + i));
        Vec<D, nx> next;
        kernel_detail::with_integrator<Model>(integrator, [&](auto step) {
          next = decltype(step)::template step<Model, D>(state, input, parameters, dt);
        });
        out.next.clear();
        out.J_next_x.clear();
        out.J_next_u.clear();
        out.J_next_p.clear();
        for (int r = 0; r < nx; ++r) {
          const double* tangent = next[r].tangent;
          out.next.push_back(next[r].value);
          out.J_next_x.insert(out.J_next_x.end(), tangent, tangent + nx);
          out.J_next_u.insert(out.J_next_u.end(), tangent + nx, tangent + nx + nu);
          out.J_next_p.insert(out.J_next_p.end(), tangent + nx + nu, tangent + nx + nu + np);
        }
      };
}

}  // namespace phigrad
