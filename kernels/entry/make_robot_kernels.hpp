// Builds the table of kernels of a robot: host numbers become packs, run-time choices become types.
#pragma once

#include "kernels/entry/robot_kernels.hpp"
#include "kernels/entry/settings_from.hpp"
#include "kernels/entry/tensor_core_kernels.hpp"
#include "kernels/gradient/command.hpp"
#include "kernels/gradient/growth.hpp"
#include "kernels/gradient/likelihood_ratio.hpp"
#include "kernels/gradient/linearise.hpp"
#include "kernels/gradient/pull_back.hpp"
#include "kernels/gradient/score.hpp"
#include "kernels/gradient/stretches.hpp"
#include "kernels/gradient/suprema.hpp"
#include "kernels/gradient/transition.hpp"
#include "kernels/reduce/reduce.hpp"
#include "kernels/reduce/reduce_team.hpp"
#include "kernels/train/begin_iteration.hpp"
#include "kernels/train/update.hpp"

namespace phigrad {
inline namespace PHI_ISA {

namespace kernel_detail {

/// A team's kernel by one thread.
template <class Kernel>
struct Alone {
  Kernel kernel;

  PHI_HD void operator()(std::int64_t index) const {
    typename Kernel::Shared shared;
    kernel(index, shared);
  }
};

template <int N, class S>
Vec<S, N> vec_of(const S* numbers) {
  Vec<S, N> v;
  for (int i = 0; i < N; ++i) v[i] = numbers[i];
  return v;
}
template <int N, class S>
void put(const Vec<S, N>& v, S* numbers) {
  for (int i = 0; i < N; ++i) numbers[i] = v[i];
}

template <class Plant, class S>
PlantFunctions<S> plant_functions() {
  PlantFunctions<S> f{};
  f.nx = Plant::nx;
  f.begin = [](const S* seen, const S* pack, S* state) {
    put(begin_plant<Plant, S>(vec_of<seen_states<Plant>()>(seen),
                              from_array<Plant::template Params>(pack)),
        state);
  };
  f.step = [](S* state, const S* u, const S* pack, S dt, Integrator integrator) {
    with_integrator<Plant>(integrator, [&](auto step) {
      put(decltype(step)::template step<Plant, S>(vec_of<Plant::nx>(state), vec_of<Plant::nu>(u),
                                                  from_array<Plant::template Params>(pack), dt),
          state);
    });
  };
  f.observe = [](const S* state, S* seen) {
    put(observe_plant<Plant, S>(vec_of<Plant::nx>(state)), seen);
  };
  return f;
}

}  // namespace kernel_detail

/// What of a table is the plant's: its pack, its integrators, the rollout.
template <class Robot, class Real, class Launcher>
void set_plant(RobotKernels<scalar_t<Real>>& k) {
  using S = scalar_t<Real>;
  using Plant = typename Robot::Plant;
  using Policy = typename Robot::Policy;
  static_assert(seen_states<Plant>() == Policy::nx && Plant::nu == Policy::nu,
                "the policy drives the plant");
  k.plant_size = pack_size_v<Plant::template Params>;
  k.plant = kernel_detail::plant_functions<Plant, S>();
  k.plant_has_own_state = has_own_state_v<Plant>;
  k.plant_is_of_model_type = std::is_same_v<Plant, typename Robot::Model>;
  k.plant_integrators = kernel_detail::integrators_of<Plant>();
  k.rollout = [](const RolloutArgs<S>& a, LaunchRange range) {
    kernel_detail::with_rollout<Robot, Real>(
        a, [&](const auto& rollout) { Launcher::launch(rollout, range); });
  };
  set_tensor_core_rollout<Robot, Real, Launcher>(k);
}

/// What of a table is the model's: its pack, its integrators, its derivatives.
template <class Robot, class Real, class Launcher>
void set_model(RobotKernels<scalar_t<Real>>& k) {
  using S = scalar_t<Real>;
  using Model = typename Robot::Model;
  using Policy = typename Robot::Policy;
  static_assert(Model::nx == Policy::nx && Model::nu == Policy::nu,
                "the model stands for the plant");
  k.model_size = pack_size_v<Model::template Params>;
  k.plant_is_of_model_type = std::is_same_v<typename Robot::Plant, Model>;
  k.model_integrators = kernel_detail::integrators_of<Model>();
  k.adjoint = [](const AdjointArgs<S>& a, LaunchRange range) {
    kernel_detail::with_adjoint<Robot, Real>(
        a, [&](const auto& adjoint) { Launcher::launch(adjoint, range); });
  };
  set_tensor_core_adjoint<Robot, Real, Launcher>(k);
  k.linearise = [](const LineariseArgs<S>& a, LaunchRange range) {
    const auto settings =
        kernel_detail::settings_from<Policy::template Settings, S>(a.policy.settings);
    kernel_detail::with_integrator<Model>(a.integrator, [&](auto step) {
      Launcher::launch(Linearise<Robot, Real, decltype(step)>{a, settings}, range);
    });
  };
}

/// The table of a robot that differs from Robot::Base, whose table is `base`, in its plant or its
/// model alone: all else is that one's.
template <class Robot, class Real, class Launcher>
RobotKernels<scalar_t<Real>> make_variant_kernels(const RobotKernels<scalar_t<Real>>& base) {
  using Base = typename Robot::Base;
  RobotKernels<scalar_t<Real>> k = base;
  if constexpr (!std::is_same_v<typename Robot::Plant, typename Base::Plant>) {
    set_plant<Robot, Real, Launcher>(k);
  }
  if constexpr (!std::is_same_v<typename Robot::Model, typename Base::Model>) {
    set_model<Robot, Real, Launcher>(k);
  }
  return k;
}

template <class Robot, class Real, class Launcher>
RobotKernels<scalar_t<Real>> make_robot_kernels() {
  using S = scalar_t<Real>;
  using Policy = typename Robot::Policy;
  using Objective = typename Robot::Objective;
  static_assert(Objective::nx == Policy::nx && Objective::nu == Policy::nu,
                "the objective scores the plant's states and inputs");

  RobotKernels<S> k{};
  k.nx = Policy::nx;
  k.nu = Policy::nu;
  k.nz = Policy::nz;
  k.n_schedule = Policy::Tracker::n_schedule;
  k.width = width_v<Real>;
  // Threads of a GPU read one policy's θ each from places far apart: where fewer than eight share
  // one, a row of θ for all threads takes less of the memory's bandwidth.
  k.shares_from = Launcher::has_teams ? 8 : width_v<Real>;
  k.has_teams = Launcher::has_teams;
  k.policy_size = pack_size_v<Policy::template Settings>;
  k.objective_size = pack_size_v<Objective::template Settings>;
  k.head_depends_on_state = Policy::Head::depends_on_state;
  k.has_path = Objective::has_path;
  k.has_setpoint_command = Policy::Tracker::has_setpoint_command;
  set_plant<Robot, Real, Launcher>(k);
  set_model<Robot, Real, Launcher>(k);

  k.parameters = &Policy::Head::parameters;
  k.decide = [](const DecideArgs<S>& a, LaunchRange range) {
    Launcher::launch(
        Decide<Robot, Real>{
            a, kernel_detail::settings_from<Policy::template Settings, S>(a.policy.settings)},
        range);
  };
  k.score = [](const ScoreArgs<S>& a, LaunchRange range) {
    Launcher::launch(
        Score<Robot, Real>{
            a, kernel_detail::settings_from<Objective::template Settings, S>(a.score.objective)},
        range);
  };
  if constexpr (Policy::Head::depends_on_state) {
    k.head_jacobian = [](const HeadJacobianArgs<S>& a, LaunchRange range) {
      Launcher::launch(
          HeadJacobian<Robot, Real>{
              a, kernel_detail::settings_from<Policy::template Settings, S>(a.policy.settings)},
          range);
    };
  }
  k.cut_stretches = [](const CutArgs<S>& a, LaunchRange range) {
    Launcher::launch(CutStretches<Real>{a}, range);
  };
  k.join_stretches = [](const JoinArgs<S>& a, LaunchRange range) {
    Launcher::launch(JoinStretches<Real>{a}, range);
  };
  k.likelihood_ratio = [](const LikelihoodRatioArgs<S>& a, LaunchRange range) {
    Launcher::launch(
        LikelihoodRatio<Robot, Real>{
            a, kernel_detail::settings_from<Policy::template Settings, S>(a.policy.settings),
            kernel_detail::settings_from<Objective::template Settings, S>(a.objective)},
        range);
  };
  k.pull_back = [](const PullBackArgs<S>& a, LaunchRange range) {
    const auto settings =
        kernel_detail::settings_from<Policy::template Settings, S>(a.policy.settings);
    if constexpr (Launcher::has_teams && has_network_v<typename Policy::Head>) {
      Launcher::launch_teams(PullBackByTeam<Robot, S>{a, settings}, range);
    } else {
      Launcher::launch(PullBack<Robot, Real>{a, settings}, range);
    }
  };
  set_tensor_core_pull_back<Robot, Real, Launcher>(k);
  k.reduce = [](const ReduceArgs<S>& a, LaunchRange range) {
    if constexpr (Launcher::has_teams) {
      if (a.parts > 0) {
        Launcher::launch_teams(ReduceByTeam<S>{a},
                               {range.begin * a.parts, range.end * a.parts, range.stream});
        return Launcher::launch(MergeParts<S>{a}, range);
      }
    }
    Launcher::launch(Reduce<Real>{a}, range);
  };
  k.begin_iteration = [](const BeginIterationArgs<S>& a, LaunchRange range) {
    Launcher::launch(BeginIteration<Real>{a}, range);
  };
  k.update = [](const UpdateArgs<S>& a, LaunchRange range) {
    if constexpr (Launcher::has_teams) {
      Launcher::launch_teams(Update<Real, 128>{a}, range);
    } else {
      Launcher::launch(kernel_detail::Alone<Update<Real, 1>>{{a}}, range);
    }
  };
  k.transition = [](const TransitionArgs<S>& a, LaunchRange range) {
    Launcher::launch(Transition<Real, Policy::nx>{a}, range);
  };
  k.growth = [](const GrowthArgs<S>& a, LaunchRange range) {
    Launcher::launch(Growth<Real, Policy::nx>{a}, range);
  };
  k.suprema = [](const SupremaArgs<S>& a, LaunchRange range) {
    Launcher::launch(
        Suprema<Robot, Real>{
            a, kernel_detail::settings_from<Policy::template Settings, S>(a.policy.settings),
            kernel_detail::settings_from<Objective::template Settings, S>(a.objective)},
        range);
  };
  k.command = [](const CommandArgs<S>& a, LaunchRange range) {
    Launcher::launch(
        Command<Robot, Real>{
            a, kernel_detail::settings_from<Policy::template Settings, S>(a.policy.settings)},
        range);
  };
  return k;
}

}  // namespace PHI_ISA
}  // namespace phigrad
