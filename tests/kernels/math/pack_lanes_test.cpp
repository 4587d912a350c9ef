// Packs of lanes: one set of parameters broadcast, or one a lane.
#include <gtest/gtest.h>

#include "kernels/math/pack.hpp"

namespace phigrad {
inline namespace PHI_ISA {
namespace {

template <class Real>
struct CartParams {
  Real mass, length, gravity;  // kg, m, m/s^2
};

TEST(PacksOfLanes, BroadcastAndSetOneLane) {
  using L = lanes_t<float>;
  auto pack = convert<CartParams, L>(CartParams<double>{0.3, 1.7, 9.81});
  L length = pack.length;
  length.set(2, 4.0F);
  set(pack, 1, length);
  for (int lane = 0; lane < width_v<L>; ++lane) {
    EXPECT_EQ(pack.mass[lane], 0.3F);
    EXPECT_EQ(pack.length[lane], lane == 2 ? 4.0F : 1.7F);
    EXPECT_EQ(pack.gravity[lane], 9.81F);
  }
}

// Lanes as constants of a differentiation along one parameter.
TEST(PacksOfLanes, LanesToDualsOfLanes) {
  using L = lanes_t<double>;
  const auto lanes = convert<CartParams, L>(CartParams<double>{0.3, 1.7, 9.81});
  const auto duals = convert<CartParams, Dual<L, 1>>(lanes);
  EXPECT_EQ(duals.gravity.value[1], 9.81);
  EXPECT_EQ(duals.gravity.tangent[0][1], 0.0);
}

}  // namespace
}  // namespace PHI_ISA
}  // namespace phigrad
