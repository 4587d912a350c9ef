// Explicit derivatives along a batch: A, B of the model, ∂u/∂x of the tracker with the plan held,
// and the closed loop A + B ∂u/∂x. An output on request, never on the way of a gradient.
#pragma once

#include "kernels/dynamics/integrators.hpp"
#include "kernels/gradient/access.hpp"

namespace phigrad {
inline namespace PHI_ISA {

template <class Robot, class Real, class Step>
struct Linearise {
  using S = scalar_t<Real>;
  using Model = typename Robot::Model;
  using Policy = typename Robot::Policy;
  using Tracker = typename Policy::Tracker;
  static constexpr int nx = Model::nx;
  static constexpr int nu = Model::nu;
  static constexpr int nm = Policy::nm;

  LineariseArgs<S> a;
  typename Policy::template Settings<S> settings;

  PHI_HD void operator()(std::int64_t block) const {
    const BatchView<S>& b = a.batch;
    const constants_t<Model, Real> model = load_pack<Model::template Params, Real>(a.model, block);
    for (int j = 0; j < b.segments; ++j) {
      const auto segment = read_segment<Policy, Real>(b, Policy::tracker(settings), j, block);
      for (int k = 0; k < b.steps_per_segment; ++k) {
        write(read_sample<Real, nx, nu>(b, j, k, block), block, model, segment.plan);
      }
    }
  }

 private:
  PHI_HD void write(const Sample<Real, nx, nu>& at, std::int64_t block,
                    const constants_t<Model, Real>& model, const Vec<Real, nm>& plan) const {
    // A row of each Jacobian is the pull-back of a unit cotangent.
    Mat<Real, nx, nx> J_next_x;
    Mat<Real, nx, nu> J_next_u;
    for (int r = 0; r < nx; ++r) {
      Vec<Real, nx> unit{};
      unit[r] = Real(1);
      const auto row = pulled_back(at, model, unit);
      PHI_UNROLL
      for (int c = 0; c < nx; ++c) J_next_x(r, c) = row.x[c];
      PHI_UNROLL
      for (int c = 0; c < nu; ++c) J_next_u(r, c) = row.u[c];
    }
    Mat<Real, nu, nx> J_u_x;
    for (int r = 0; r < nu; ++r) {
      Vec<Real, nu> unit{};
      unit[r] = Real(1);
      Vec<Real, nx> row{};
      Vec<Real, nm> ignored{};
      Tracker::act_vjp(at.x, plan, instant_of<Tracker>(a.policy, at), Policy::tracker(settings),
                       unit, row, ignored);
      PHI_UNROLL
      for (int c = 0; c < nx; ++c) J_u_x(r, c) = row[c];
    }
    put(a.J_next_x, at.slot, block, J_next_x);
    put(a.J_next_u, at.slot, block, J_next_u);
    put(a.J_u_x, at.slot, block, J_u_x);
    put(a.closed, at.slot, block, J_next_x + matmul(J_next_u, J_u_x));
  }

  /// Not inlined: nx copies of a model's derivatives are more code than they are worth.
  PHI_HD_NOINLINE Cotangent<Real, nx, nu> pulled_back(const Sample<Real, nx, nu>& at,
                                                      const constants_t<Model, Real>& model,
                                                      const Vec<Real, nx>& bar) const {
    return Step::template vjp<Model, Real>(at.x, at.u, model, a.batch.dt, bar);
  }

  template <int R, int C>
  PHI_HD static void put(const Rows<S>& rows, std::int64_t slot, std::int64_t block,
                         const Mat<Real, R, C>& m) {
    if (rows.data == nullptr) return;
    PHI_UNROLL
    for (int r = 0; r < R; ++r) {
      PHI_UNROLL
      for (int c = 0; c < C; ++c) store_row(rows, slot * R * C + r * C + c, block, m(r, c));
    }
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
