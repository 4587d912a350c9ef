// What Theorem 1 bounds its bias and variance with, measured along a batch (arXiv 2307.08168).
#pragma once

#include "kernels/gradient/access.hpp"
#include "kernels/math/spectral_norm.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// ‖M‖₂ by the smaller of the two Gram matrices.
template <class Real, int R, int C>
PHI_HD Real operator_norm(const Mat<Real, R, C>& m) {
  if constexpr (R == C) {
    return spectral_norm(m);
  } else if constexpr (R < C) {
    return sqrt(spectral_norm(matmul(m, transpose(m))));
  } else {
    return sqrt(spectral_norm(matmul(transpose(m), m)));
  }
}

/// Takes the place of a parameter gradient to which every parameter is added once: Σ bar².
template <class Real>
struct SquaredNormOfGradient {
  Real* sum;

  PHI_HD void add(std::int64_t /*i*/, Real bar) const { *sum = fma(bar, bar, *sum); }
  PHI_HD void add_products(std::int64_t i, const Real (&a)[1], const Real (&b)[1]) const {
    add(i, a[0] * b[0]);
  }
};

/// One call takes one block of trajectories and writes their suprema.
template <class Robot, class Real>
struct Suprema {
  using S = scalar_t<Real>;
  using Policy = typename Robot::Policy;
  using Objective = typename Robot::Objective;
  using Head = typename Policy::Head;
  using Tracker = typename Policy::Tracker;
  static constexpr int nx = Policy::nx;
  static constexpr int nu = Policy::nu;
  static constexpr int nz = Policy::nz;
  static constexpr int nm = Policy::nm;

  SupremaArgs<S> a;
  typename Policy::template Settings<S> settings;
  typename Objective::template Settings<S> objective;

  PHI_HD void operator()(std::int64_t block) const {
    const BatchView<S>& b = a.batch;
    const Real end = load_row<Real>(a.window.end, 0, block);
    Real sup[n_suprema];
    for (Real& s : sup) s = Real(0);
    Real of_before = Real(0);  // ‖∂z/∂θ‖ of the segment before
    for (int j = 0; j < b.segments; ++j) {
      const auto segment = read_segment<Policy, Real>(b, Policy::tracker(settings), j, block);
      const Real weight = WindowCount<Real>(a.window, end, j).containing;
      const Real of_z = head_norm(j, segment.time, block);
      for (int k = 0; k < b.steps_per_segment; ++k) {
        const auto at = read_sample<Real, nx, nu>(b, j, k, block);
        const Tracking d = tracking(at.x, segment.plan, instant_of<Tracker>(a.policy, at));
        const auto cost = Objective::stage_gradient(at.x, at.u, segment.time + at.since, objective);
        const Vec<Real, nx> total = cost.x + matvec_transposed(d.J_u_x, cost.u);
        const Mat<Real, nx, nu> plant_u = load_jacobian<nu>(a.plant_u, at.slot, block);
        const Mat<Real, nx, nu> model_u = load_jacobian<nu>(a.model_u, at.slot, block);
        const Mat<Real, nx, nx> error_x = load_jacobian<nx>(a.plant_x, at.slot, block) +
                                          load_jacobian<nx>(a.model_x, at.slot, block) * Real(-1);
        const Real measured[n_suprema] = {
            weight * norm(total),
            weight * norm(cost.u),
            max(operator_norm(plant_u), operator_norm(model_u)),
            operator_norm(error_x),
            operator_norm(plant_u + model_u * Real(-1)),
            operator_norm(d.J_u_x),
            norm(d.J_u_z) * of_z + norm(d.J_u_before) * of_before,
        };
        for (int i = 0; i < n_suprema; ++i) {
          sup[i] = select(at.counts, max(sup[i], measured[i]), sup[i]);
        }
      }
      of_before = of_z;
    }
    sup[sup_cost_x] = max(sup[sup_cost_x], terminal_norm(end, block));
    for (int i = 0; i < n_suprema; ++i) store_row(a.suprema, i, block, sup[i]);
  }

 private:
  /// A tracker's derivatives at one step.
  struct Tracking {
    Mat<Real, nu, nx> J_u_x;
    Mat<Real, nu, nz> J_u_before, J_u_z;
  };

  /// ‖∂z_j/∂θ‖, Frobenius.
  PHI_HD Real head_norm(int j, Real t, std::int64_t block) const {
    Real sum = Real(0);
    const auto x = decided_at<Real, nx>(a.batch, j, block);
    parameters_of<Real>(a.policy, block).visit([&](const auto& theta) {
      for (int i = 0; i < nz; ++i) {
        Vec<Real, nz> unit{};
        unit[i] = Real(1);
        Head::template pull_back<1, Real>(theta, {{x, t, j, unit}}, Policy::head(settings),
                                          SquaredNormOfGradient<Real>{&sum});
      }
    });
    return sqrt(sum);
  }

  PHI_HD Tracking tracking(const Vec<Real, nx>& x, const Vec<Real, nm>& plan,
                           const Instant<S, Real>& now) const {
    Tracking d;
    for (int r = 0; r < nu; ++r) {
      Vec<Real, nu> unit{};
      unit[r] = Real(1);
      Vec<Real, nx> x_bar{};
      Vec<Real, nm> plan_bar{};
      Vec<Real, nz> before_bar{}, z_bar{};
      Tracker::act_vjp(x, plan, now, Policy::tracker(settings), unit, x_bar, plan_bar);
      Tracker::plan_vjp(plan_bar, Policy::tracker(settings), before_bar, z_bar);
      for (int c = 0; c < nx; ++c) d.J_u_x(r, c) = x_bar[c];
      for (int c = 0; c < nz; ++c) {
        d.J_u_before(r, c) = before_bar[c];
        d.J_u_z(r, c) = z_bar[c];
      }
    }
    return d;
  }

  PHI_HD Real terminal_norm(Real end, std::int64_t block) const {
    const BatchView<S>& b = a.batch;
    const int last = b.segments - 1;
    const Real weight = WindowCount<Real>(a.window, end, last).containing;
    const auto at_end = read_end<Real, nx>(b, block);
    return weight * norm(Objective::terminal_gradient(at_end.x, at_end.time, objective));
  }

  template <int C>
  PHI_HD static Mat<Real, nx, C> load_jacobian(const Rows<S>& rows, std::int64_t slot,
                                               std::int64_t block) {
    Mat<Real, nx, C> m;
    for (int i = 0; i < nx * C; ++i) m.m[i] = load_row<Real>(rows, slot * nx * C + i, block);
    return m;
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
