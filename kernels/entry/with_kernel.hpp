// From what a call asks for at run time to the type of the kernel that does it.
#pragma once

#include "kernels/entry/model_integrators.hpp"
#include "kernels/entry/settings_from.hpp"
#include "kernels/gradient/adjoint.hpp"
#include "kernels/gradient/rollout.hpp"

namespace phigrad {
inline namespace PHI_ISA {
namespace kernel_detail {

/// f(the rollout that does what `a` asks for).
template <class Robot, class Real, class F>
void with_rollout(const RolloutArgs<scalar_t<Real>>& a, const F& f) {
  using S = scalar_t<Real>;
  using Policy = typename Robot::Policy;
  using Objective = typename Robot::Objective;
  const auto settings = settings_from<Policy::template Settings, S>(a.policy.settings);
  typename Objective::template Settings<S> objective{};
  if (a.score.loss.data != nullptr) {
    objective = settings_from<Objective::template Settings, S>(a.score.objective);
  }
  with_integrator<typename Robot::Plant>(a.integrator, [&](auto step) {
    using Step = decltype(step);
    if (a.disturbance.keys == nullptr) {
      using Disturbance = Undisturbed<Real, Policy::nx, Policy::nu>;
      f(Rollout<Robot, Real, Step, Disturbance>{a, settings, objective});
    } else {
      using Disturbance = Disturbed<Real, Policy::nx, Policy::nu>;
      f(Rollout<Robot, Real, Step, Disturbance>{a, settings, objective});
    }
  });
}

/// f(the adjoint that does what `a` asks for).
template <class Robot, class Real, class F>
void with_adjoint(const AdjointArgs<scalar_t<Real>>& a, const F& f) {
  using S = scalar_t<Real>;
  using Policy = typename Robot::Policy;
  using Objective = typename Robot::Objective;
  const auto settings = settings_from<Policy::template Settings, S>(a.policy.settings);
  const auto objective = settings_from<Objective::template Settings, S>(a.objective);
  with_integrator<typename Robot::Model>(a.integrator, [&](auto step) {
    f(Adjoint<Robot, Real, decltype(step)>{a, settings, objective});
  });
}

}  // namespace kernel_detail
}  // namespace PHI_ISA
}  // namespace phigrad
