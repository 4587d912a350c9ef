// From the gradient with respect to the decisions to the gradient with respect to θ.
#pragma once

#include "kernels/gradient/access.hpp"
#include "kernels/policy/mlp_team.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Calls f(decision) for segment j if its decision has a gradient; whether it has one.
template <class Policy, class Real, class S, class F>
PHI_HD bool with_decision(const PullBackArgs<S>& a, int j, std::int64_t block, const F& f) {
  constexpr int nx = Policy::nx, nz = Policy::nz;
  const auto z_bar = load_rows<Real, nz>(a.decision_bar, std::int64_t{j} * nz, block);
  bool is_zero = true;
  PHI_UNROLL
  for (int i = 0; i < nz; ++i) is_zero = is_zero && all(z_bar[i] == Real(0));
  if (is_zero) return false;
  f(DecisionBar<Real, nx, nz>{decided_at<Real, nx>(a.batch, j, block),
                              load_row<Real>(a.batch.segment_time, j, block), j, z_bar});
  return true;
}

/// The same for each segment of the range, in the order of time.
template <class Policy, class Real, class S, class F>
PHI_HD void each_decision(const PullBackArgs<S>& a, std::int64_t block, const F& f) {
  for (int j = a.range.begin; j < a.range.end; ++j) with_decision<Policy, Real>(a, j, block, f);
}

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
      DecisionBar<Real, nx, nz> waiting[Head::at_once];
      int n = 0;
      each_decision<Policy, Real>(a, block, [&](const DecisionBar<Real, nx, nz>& decision) {
        waiting[n++] = decision;
        if (n < Head::at_once) return;
        Head::pull_back(theta, waiting, Policy::head(settings), theta_bar);
        n = 0;
      });
      if constexpr (Head::at_once > 1) {
        for (int i = 0; i < n; ++i) {
          Head::template pull_back<1, Real>(theta, {waiting[i]}, Policy::head(settings), theta_bar);
        }
      }
    });
  }
};

/// The same for a policy's network, by a team of threads for each trajectory.
template <class Robot, class S>
struct PullBackByTeam {
  using Policy = typename Robot::Policy;
  using Head = typename Policy::Head;
  using Network = MlpTeam<typename Head::Network, S>;
  using Shared = typename Network::Shared;
  static constexpr int threads = Network::threads;
  static constexpr int teams_at_once = 0;  // that registers are cut for; 0: not cut

  PullBackArgs<S> a;
  typename Policy::template Settings<S> settings;

  PHI_HD void operator()(std::int64_t index, Shared& shared) const {
    const std::int64_t block = a.first_block + index;
    const ParameterGradient<S> theta_bar{a.theta_bar, index};
    const auto& head = Policy::head(settings);
    Network network(shared);
    parameters_of<S>(a.policy, block).visit([&](const auto& theta) {
      network.begin(theta, theta_bar, a.range.begin == 0);
    });
    each_decision<Policy, S>(a, block, [&](const auto& decision) {
      network.add(Head::network_input(decision.x, decision.t, head),
                  Head::output_bar(decision.z_bar, head));
    });
    network.end(theta_bar);
  }
};

/// ∂z_j/∂x [S, nz, nx]: how each decision answers to the state it was taken at.
template <class Robot, class Real>
struct HeadJacobian {
  using S = scalar_t<Real>;
  using Policy = typename Robot::Policy;
  static constexpr int nx = Policy::nx;
  static constexpr int nz = Policy::nz;

  HeadJacobianArgs<S> a;
  typename Policy::template Settings<S> settings;

  PHI_HD void operator()(std::int64_t block) const {
    parameters_of<Real>(a.policy, block).visit([&](const auto& theta) {
      for (int j = 0; j < a.batch.segments; ++j) {
        const auto vjp = state_vjp_of<Policy, Real>(a.batch, theta, settings, j, block);
        for (int i = 0; i < nz; ++i) {
          Vec<Real, nz> unit{};
          unit[i] = Real(1);
          store_rows(a.head_jacobian, (std::int64_t{j} * nz + i) * nx, block, vjp(unit));
        }
      }
    });
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
