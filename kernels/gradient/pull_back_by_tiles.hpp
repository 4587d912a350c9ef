// The pull-back through a policy's network on a GPU's tensor cores.
#pragma once

#include "kernels/gradient/pull_back.hpp"
#include "kernels/policy/mlp_tiles.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// As PullBack, to the roundings of tile products: sixteen segments at a time, from the first of
/// the range, by a team of warps for each trajectory.
template <class Robot, class Products>
struct PullBackByTiles {
  using Policy = typename Robot::Policy;
  using Head = typename Policy::Head;
  using Network = MlpTiles<typename Head::Network, Products>;
  using Shared = typename Network::Shared;
  static constexpr int threads = Network::threads;
  static constexpr int teams_at_once = 3;  // so many have room in the memory that an Orin's share
  static_assert(sizeof(Shared) <= bytes_of_a_block, "see fits_tiles()");
  static_assert(Network::at_once == tile_decisions, "the host cuts ranges by it");

  PullBackArgs<float> a;
  typename Policy::template Settings<float> settings;

  PHI_HD void operator()(std::int64_t index, Shared& shared) const {
    if constexpr (has_tile_products) {
      const std::int64_t block = a.first_block + index;
      const ParameterGradient<float> theta_bar{a.theta_bar, index};
      const auto& head = Policy::head(settings);
      Network network(shared);
      parameters_of<float>(a.policy, block).visit([&](const auto& theta) {
        network.begin(theta, theta_bar, a.range.begin == 0);
      });
      for (int first = a.range.begin; first < a.range.end; first += Network::at_once) {
        network.add([&](int row, auto& input, auto& out_bar) {
          if (first + row >= a.range.end) return false;
          return with_decision<Policy, float>(a, first + row, block, [&](const auto& decision) {
            input = Head::network_input(decision.x, decision.t, head);
            out_bar = Head::output_bar(decision.z_bar, head);
          });
        });
      }
      network.end(theta_bar);
    } else {
      no_tile_products();
    }
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
