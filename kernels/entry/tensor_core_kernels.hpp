// What of a robot's table of kernels a GPU's tensor cores do.
#pragma once

#include "kernels/entry/robot_kernels.hpp"
#include "kernels/entry/with_kernel.hpp"
#include "kernels/gradient/lockstep.hpp"
#include "kernels/gradient/pull_back_by_tiles.hpp"

namespace phigrad {
inline namespace PHI_ISA {

namespace kernel_detail {

template <class Head, class = void>
struct HasNetwork : std::false_type {};
template <class Head>
struct HasNetwork<Head, std::void_t<typename Head::Network>> : std::true_type {};

/// Whether they do a robot's: its policy has a network that fits.
template <class Robot, class Real, class Launcher>
constexpr bool has_tensor_cores() {
  using Head = typename Robot::Policy::Head;
  if constexpr (Launcher::has_teams && std::is_same_v<Real, float> && HasNetwork<Head>::value) {
    using Network = typename Head::Network;
    return fits_tiles<Network, Tf32x3>() && fits_lockstep<Network, Tf32x3>();
  } else {
    return false;
  }
}

/// Each thread of a team has a block.
template <class Launcher, class Kernel>
void launch_lockstep(const Kernel& kernel, LaunchRange blocks) {
  const std::int64_t teams = (blocks.end - blocks.begin + Kernel::threads - 1) / Kernel::threads;
  Launcher::launch_teams(kernel, {0, teams, blocks.stream});
}

}  // namespace kernel_detail

template <class Head>
inline constexpr bool has_network_v = kernel_detail::HasNetwork<Head>::value;

/// Samples that are simulated again ask no network.
template <class Robot, class Launcher, class Products>
void rollout_by_tiles(const RolloutArgs<float>& a, LaunchRange range) {
  kernel_detail::with_rollout<Robot, float>(a, [&](const auto& rollout) {
    if (a.again) return Launcher::launch(rollout, range);
    kernel_detail::launch_lockstep<Launcher>(
        RolloutInLockstep<std::decay_t<decltype(rollout)>, Products>{rollout,
                                                                     {range.begin, range.end}},
        range);
  });
}

/// Sensitivities that run through no network, or through its Jacobian, ask none.
template <class Robot, class Launcher, class Products>
void adjoint_by_tiles(const AdjointArgs<float>& a, LaunchRange range) {
  kernel_detail::with_adjoint<Robot, float>(a, [&](const auto& adjoint) {
    if (!a.through_head || a.head_jacobian.data != nullptr) return Launcher::launch(adjoint, range);
    kernel_detail::launch_lockstep<Launcher>(
        AdjointInLockstep<std::decay_t<decltype(adjoint)>, Products>{adjoint,
                                                                     {range.begin, range.end}},
        range);
  });
}

template <class Robot, class Launcher, class Products>
void pull_back_by_tiles(const PullBackArgs<float>& a, LaunchRange range) {
  using Policy = typename Robot::Policy;
  const auto settings =
      kernel_detail::settings_from<Policy::template Settings, float>(a.policy.settings);
  Launcher::launch_teams(PullBackByTiles<Robot, Products>{a, settings}, range);
}

template <class Robot, class Real, class Launcher>
void set_tensor_core_rollout(RobotKernels<scalar_t<Real>>& k) {
  if constexpr (kernel_detail::has_tensor_cores<Robot, Real, Launcher>()) {
    k.tf32x3.rollout = rollout_by_tiles<Robot, Launcher, Tf32x3>;
    k.bf16.rollout = rollout_by_tiles<Robot, Launcher, Bf16>;
  }
}

template <class Robot, class Real, class Launcher>
void set_tensor_core_adjoint(RobotKernels<scalar_t<Real>>& k) {
  if constexpr (kernel_detail::has_tensor_cores<Robot, Real, Launcher>()) {
    k.tf32x3.adjoint = adjoint_by_tiles<Robot, Launcher, Tf32x3>;
    k.bf16.adjoint = adjoint_by_tiles<Robot, Launcher, Bf16>;
  }
}

template <class Robot, class Real, class Launcher>
void set_tensor_core_pull_back(RobotKernels<scalar_t<Real>>& k) {
  if constexpr (kernel_detail::has_tensor_cores<Robot, Real, Launcher>()) {
    k.tf32x3.pull_back = pull_back_by_tiles<Robot, Launcher, Tf32x3>;
    k.bf16.pull_back = pull_back_by_tiles<Robot, Launcher, Bf16>;
    k.has_tensor_code = [] {
      return Launcher::template made_for<PullBackByTiles<Robot, Tf32x3>>() >= 80;
    };
  }
}

}  // namespace PHI_ISA
}  // namespace phigrad
