// From the gradient with respect to the decisions to the gradient with respect to θ.
#pragma once

#include "kernels/gradient/access.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// θ̄ = Σ_j (∂z_j/∂θ)ᵀ z̄_j, segment by segment in the order of time.
template <class Robot, class Real>
struct PullBack {
  using S = scalar_t<Real>;
  using Policy = typename Robot::Policy;
  using Head = typename Policy::Head;
  static constexpr int nx = Policy::nx;
  static constexpr int nz = Policy::nz;

  PullBackArgs<S> a;
  typename Policy::template Settings<S> settings;

  PHI_HD void operator()(std::int64_t index) const {
    const std::int64_t block = a.first_block + index;
    const ParameterGradient<S> theta_bar{a.theta_bar, index};
    if (a.range.begin == 0) {
      for (int i = 0; i < a.policy.parameters; ++i) store_row(a.theta_bar, i, index, Real(0));
    }
    parameters_of<Real>(a.policy, block).visit([&](const auto& theta) {
      for (int j = a.range.begin; j < a.range.end; ++j) {
        const auto z_bar = load_rows<Real, nz>(a.decision_bar, std::int64_t{j} * nz, block);
        if (is_zero(z_bar)) continue;
        Head::pull_back(theta, decided_at<Real, nx>(a.batch, j, block),
                        load_row<Real>(a.batch.segment_time, j, block), j, Policy::head(settings),
                        z_bar, theta_bar);
      }
    });
  }

 private:
  PHI_HD static bool is_zero(const Vec<Real, nz>& v) {
    PHI_UNROLL
    for (int i = 0; i < nz; ++i) {
      if (!all(v[i] == Real(0))) return false;
    }
    return true;
  }
};

/// ∂z_j/∂x [S, nz, nx]: how each decision answers to the state it was taken at.
template <class Robot, class Real>
struct HeadJacobian {
  using S = scalar_t<Real>;
  using Policy = typename Robot::Policy;
  using Head = typename Policy::Head;
  static constexpr int nx = Policy::nx;
  static constexpr int nz = Policy::nz;
  using D = Dual<Real, nx>;

  HeadJacobianArgs<S> a;
  typename Policy::template Settings<S> settings;

  PHI_HD void operator()(std::int64_t block) const {
    parameters_of<Real>(a.policy, block).visit([&](const auto& theta) {
      for (int j = 0; j < a.batch.segments; ++j) {
        const auto x = decided_at<Real, nx>(a.batch, j, block);
        Vec<D, nx> seeded;
        PHI_UNROLL
        for (int i = 0; i < nx; ++i) seeded[i] = D::variable(x[i], i);
        const D t(load_row<Real>(a.batch.segment_time, j, block));
        const Vec<D, nz> z = Head::decide(theta, seeded, t, j, Policy::head(settings));
        PHI_UNROLL
        for (int i = 0; i < nz; ++i) {
          PHI_UNROLL
          for (int n = 0; n < nx; ++n) {
            store_row(a.head_jacobian, (std::int64_t{j} * nz + i) * nx + n, block, z[i].tangent[n]);
          }
        }
      }
    });
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
