// ‖M‖₂ against Eigen's singular values.
#include "kernels/math/spectral_norm.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <random>

#include "kernels/math/elementary.hpp"

namespace phigrad {
namespace {

template <int N>
double oracle(const Mat<double, N, N>& m) {
  Eigen::MatrixXd e(N, N);
  for (int r = 0; r < N; ++r) {
    for (int c = 0; c < N; ++c) e(r, c) = m(r, c);
  }
  return e.jacobiSvd().singularValues()[0];
}

template <int N>
void check_random(double tolerance) {
  std::mt19937_64 random(N);
  std::normal_distribution<double> normal;
  for (int trial = 0; trial < 2000; ++trial) {
    Mat<double, N, N> m;
    // Rows and columns of very different size, so that singular values are far apart and close.
    const double spread = trial % 8;
    for (int r = 0; r < N; ++r) {
      for (int c = 0; c < N; ++c) {
        m(r, c) = normal(random) * std::pow(10.0, spread * (r * c) / (N * N)) *
                  std::pow(10.0, trial % 100 - 50);
      }
    }
    const double expected = oracle(m);
    ASSERT_NEAR(spectral_norm(m), expected, tolerance * expected) << "trial " << trial;
  }
}

// Breaks when a sweep is missing, a rotation has the wrong root, or the triangle is read wrongly.
TEST(SpectralNorm, AgreesWithEigen) {
  check_random<2>(1e-14);
  check_random<3>(1e-14);
  check_random<4>(1e-14);
  check_random<6>(1e-13);
}

// Breaks when zero is divided by, equal singular values stop the rotations early, or a matrix of
// rank one does.
TEST(SpectralNorm, SpecialMatrices) {
  EXPECT_EQ(spectral_norm(Mat<double, 4, 4>{}), 0.0);
  EXPECT_EQ(spectral_norm(Mat<double, 4, 4>::identity()), 1.0);
  Mat<double, 4, 4> one;
  for (int i = 0; i < 16; ++i) one.m[i] = 1;
  EXPECT_NEAR(spectral_norm(one), 4.0, 1e-14);
  Mat<double, 2, 2> turned;
  turned.m[0] = 0;
  turned.m[1] = -3;
  turned.m[2] = 3;
  turned.m[3] = 0;
  EXPECT_NEAR(spectral_norm(turned), 3.0, 1e-15);
}

}  // namespace
}  // namespace phigrad
