// What of a robot's table of kernels a GPU's tensor cores do.
#pragma once

#include "kernels/entry/robot_kernels.hpp"
#include "kernels/entry/settings_from.hpp"
#include "kernels/gradient/pull_back_by_tiles.hpp"

namespace phigrad {
inline namespace PHI_ISA {

template <class Robot, class Launcher, class Products>
void pull_back_by_tiles(const PullBackArgs<float>& a, LaunchRange range) {
  using Policy = typename Robot::Policy;
  const auto settings =
      kernel_detail::settings_from<Policy::template Settings, float>(a.policy.settings);
  Launcher::launch_teams(PullBackByTiles<Robot, Products>{a, settings}, range);
}

/// For a policy with a network.
template <class Robot, class Launcher>
void set_tensor_cores(RobotKernels<float>& k) {
  using Network = typename Robot::Policy::Head::Network;
  if constexpr (fits_tiles<Network, Tf32x3>()) {
    k.pull_back_tf32x3 = pull_back_by_tiles<Robot, Launcher, Tf32x3>;
    k.pull_back_bf16 = pull_back_by_tiles<Robot, Launcher, Bf16>;
    k.has_tensor_code = [] {
      return Launcher::template made_for<PullBackByTiles<Robot, Tf32x3>>() >= 80;
    };
  }
}

}  // namespace PHI_ISA
}  // namespace phigrad
