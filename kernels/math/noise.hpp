// Gaussian random numbers, counter based (Random123, Philox4x32-10): a number is a pure function of
// its key and its place, the same on every processor, in every lane.
#pragma once

#include <Random123/philox.h>

#include "kernels/entry/arguments.hpp"
#include "kernels/math/elementary.hpp"
#include "kernels/math/vec.hpp"

namespace phigrad {

/// What a simulation draws under: see host/support/random.hpp, whose streams these are.
inline constexpr std::uint32_t noise_draw = 4;   // noise of states and inputs
inline constexpr std::uint32_t sensor_draw = 7;  // noise of what the policy sees
inline constexpr std::uint32_t loss_draw = 8;    // which commands are lost

inline namespace PHI_ISA {

PHI_HD void set_lane(float& x, int /*lane*/, float value) { x = value; }
PHI_HD void set_lane(double& x, int /*lane*/, double value) { x = value; }
template <class Real, std::enable_if_t<(width_v<Real> > 1), int> = 0>
PHI_HD void set_lane(Real& x, int lane, scalar_t<Real> value) {
  x.set(lane, value);
}

/// Uniform on (0, 1): as many of the 64 bits as the precision holds, less one, and a half.
template <class S>
PHI_HD S unit_interval(std::uint32_t high, std::uint32_t low) {
  if constexpr (std::is_same_v<S, float>) {
    return (static_cast<float>(high >> 9) + 0.5F) * 0x1p-23F;
  } else {
    const std::uint64_t whole = (std::uint64_t{high} << 20) | (low >> 12);
    return (static_cast<double>(whole) + 0.5) * 0x1p-52;
  }
}

/// Two numbers, uniform on (0, 1), of each lane's trajectory: the `count`-th of their draw.
template <class Real>
struct UniformPair {
  Real first, second;

  PHI_HD UniformPair(const NoiseKey* keys, std::uint32_t draw, std::uint32_t count) {
    using S = scalar_t<Real>;
    for (int lane = 0; lane < width_v<Real>; ++lane) {
      const NoiseKey& key = keys[lane];
      const r123::Philox4x32::ctr_type counter = {{count, key.iteration, key.index, draw}};
      const r123::Philox4x32::key_type seed = {{key.seed[0], key.seed[1]}};
      const r123::Philox4x32::ctr_type bits = r123::Philox4x32()(counter, seed);
      set_lane(first, lane, unit_interval<S>(bits[0], bits[1]));
      set_lane(second, lane, unit_interval<S>(bits[2], bits[3]));
    }
  }
};

/// A number of a step, uniform on (0, 1), of each lane's trajectory.
template <class Real>
PHI_HD_NOINLINE Real uniform(const NoiseKey* keys, std::uint32_t draw, int step) {
  return UniformPair<Real>(keys, draw, static_cast<std::uint32_t>(step)).first;
}

/// The N standard normal numbers of a step, of each lane's trajectory (Box and Muller, 1958).
template <class Real, int N>
PHI_HD_NOINLINE Vec<Real, N> normals(const NoiseKey* keys, std::uint32_t draw, int step) {
  using S = scalar_t<Real>;
  constexpr int pairs = (N + 1) / 2;
  Vec<Real, N> z;
  for (int pair = 0; pair < pairs; ++pair) {
    const UniformPair<Real> u(keys, draw, static_cast<std::uint32_t>(step * pairs + pair));
    const Real u1 = u.first, u2 = u.second;
    const Real radius = sqrt(Real(-2) * log(u1));
    Real sine, cosine;
    sincos(Real(2 * pi_v<S>) * u2, sine, cosine);
    z[2 * pair] = radius * cosine;
    if (2 * pair + 1 < N) z[2 * pair + 1] = radius * sine;
  }
  return z;
}

}  // namespace PHI_ISA
}  // namespace phigrad
