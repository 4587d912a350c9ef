// The noise of simulations is standard normal, and the stream that random.hpp documents.
#include "kernels/math/noise.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "host/support/random.hpp"

namespace phigrad {
namespace {

constexpr NoiseKey key_of(std::uint32_t index) { return {{5, 0}, index, 2}; }

/// The largest distance between the sample's distribution and the normal one.
double kolmogorov(std::vector<double> z) {
  std::sort(z.begin(), z.end());
  double worst = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double expected = 0.5 * std::erfc(-z[i] / std::sqrt(2.0));
    const auto n = static_cast<double>(z.size());
    worst = std::max({worst, std::abs(static_cast<double>(i) / n - expected),
                      std::abs(static_cast<double>(i + 1) / n - expected)});
  }
  return worst;
}

template <class S>
void check_distribution() {
  std::vector<double> z;
  double product = 0;
  for (std::uint32_t index = 0; index < 20000; ++index) {
    const NoiseKey key = key_of(index);
    const auto one = normals<S, 5>(&key, noise_draw, 3);
    for (int i = 0; i < 5; ++i) z.push_back(static_cast<double>(one[i]));
    product += static_cast<double>(one[0] * one[1]) / 20000;
  }
  // 2.5/√n: a false alarm in 10⁵.
  EXPECT_LT(kolmogorov(z), 2.5 / std::sqrt(static_cast<double>(z.size())));
  EXPECT_LT(std::abs(product), 5 / std::sqrt(20000.0));
}

// Breaks when the radius or the angle of Box and Muller is off, or both use the same bits.
TEST(Noise, IsStandardNormal) {
  check_distribution<float>();
  check_distribution<double>();
}

// Breaks when the counter is laid out in another way than the host's streams.
TEST(Noise, ComesFromTheDocumentedStream) {
  const NoiseKey key = key_of(9);
  RandomStream stream(5, static_cast<Draw>(noise_draw), 9, 2);
  for (int step = 0; step < 3; ++step) {
    const auto z = normals<double, 4>(&key, noise_draw, step);
    for (int pair = 0; pair < 2; ++pair) {
      const double squared = z[2 * pair] * z[2 * pair] + z[2 * pair + 1] * z[2 * pair + 1];
      const double expected = -2 * std::log(stream.uniform(0, 1));
      EXPECT_NEAR(squared, expected, 1e-13 * expected);
    }
  }
}

}  // namespace
}  // namespace phigrad
