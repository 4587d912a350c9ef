// Gaussian numbers and norms in lanes: each lane's are those that a scalar gets alone.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "kernels/math/lanes.hpp"
#include "kernels/math/noise.hpp"
#include "kernels/math/spectral_norm.hpp"

namespace phigrad {
inline namespace PHI_ISA {
namespace {

template <class S>
class NoiseLanes : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(NoiseLanes, Scalars);

// Breaks when a lane draws under its neighbour's key, or sines differ by a bit.
TYPED_TEST(NoiseLanes, AreTheScalars) {
  using Real = lanes_t<TypeParam>;
  constexpr int width = width_v<Real>;
  std::vector<NoiseKey> keys;
  for (std::uint32_t l = 0; l < width; ++l) keys.push_back({{7, 1}, 100 + 3 * l, l % 2});
  for (int step = 0; step < 200; ++step) {
    const auto all = normals<Real, 5>(keys.data(), noise_draw, step);
    for (int lane = 0; lane < width; ++lane) {
      const auto one =
          normals<TypeParam, 5>(&keys[static_cast<std::size_t>(lane)], noise_draw, step);
      for (int i = 0; i < 5; ++i) ASSERT_EQ(all[i][lane], one[i]) << step << ' ' << lane;
    }
  }
}

// Breaks when a lane that is done goes on turning because its neighbours are not.
TYPED_TEST(NoiseLanes, NormsDoNotDependOnTheNeighbours) {
  using Real = lanes_t<TypeParam>;
  constexpr int width = width_v<Real>;
  std::vector<NoiseKey> keys;
  for (std::uint32_t l = 0; l < width; ++l) keys.push_back({{8, 0}, l, 0});
  for (int trial = 0; trial < 300; ++trial) {
    Mat<Real, 4, 4> m;
    const auto z = normals<Real, 16>(keys.data(), noise_draw, trial);
    for (int i = 0; i < 16; ++i) m.m[i] = z[i];
    // Some lanes need no rotation at all.
    for (int lane = 0; lane < width; lane += 3) {
      for (int i = 0; i < 16; ++i) m.m[i].set(lane, i % 5 == 0 ? TypeParam(1 + i) : TypeParam(0));
    }
    const Real norms = spectral_norm(m);
    for (int lane = 0; lane < width; ++lane) {
      Mat<TypeParam, 4, 4> one;
      for (int i = 0; i < 16; ++i) one.m[i] = m.m[i][lane];
      ASSERT_EQ(norms[lane], spectral_norm(one)) << trial << ' ' << lane;
    }
  }
}

}  // namespace
}  // namespace PHI_ISA
}  // namespace phigrad
