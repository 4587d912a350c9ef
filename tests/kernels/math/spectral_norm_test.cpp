// ‖M‖₂ against Eigen's singular values.
#include "kernels/math/spectral_norm.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "kernels/math/elementary.hpp"

namespace phigrad {
namespace {

/// Epsilons a row that a norm may be off by.
constexpr double roundings = 2;

/// Of more digits than what is tested, so that the oracle's own rounding is not in the way.
using Matrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;

/// By Jacobi's rotations, which Eigen's BDCSVD takes below n = 16 too.
long double largest_singular_value(const Matrix& m) {
  return Eigen::JacobiSVD<Matrix>(m).singularValues()[0];
}

Matrix random_matrix(std::mt19937_64& random, int n) {
  std::normal_distribution<long double> normal;
  Matrix m(n, n);
  for (int i = 0; i < n * n; ++i) m.data()[i] = normal(random);
  return m;
}

/// U diag(s) Vᵀ of random rotations.
Matrix random_with(std::mt19937_64& random, const Matrix& s) {
  const int n = static_cast<int>(s.rows());
  const Eigen::JacobiSVD<Matrix> turned(random_matrix(random, n),
                                        Eigen::ComputeFullU | Eigen::ComputeFullV);
  return turned.matrixU() * s.asDiagonal() * turned.matrixV().transpose();
}

/// Compares the norm of what `m`, times a power of ten, is in Real.
template <class Real, int N>
void expect_norm(const Matrix& m, int decades, const std::string& what) {
  const long double scale = std::pow(10.0L, decades);
  Mat<Real, N, N> ours;
  Matrix rounded(N, N);
  for (int r = 0; r < N; ++r) {
    for (int c = 0; c < N; ++c) {
      ours(r, c) = static_cast<Real>(scale * m(r, c));
      rounded(r, c) = static_cast<long double>(ours(r, c));
    }
  }
  const long double expected = largest_singular_value(rounded);
  const double tolerance =
      roundings * N * static_cast<double>(std::numeric_limits<Real>::epsilon());
  ASSERT_NEAR(static_cast<double>(static_cast<long double>(spectral_norm(ours)) / expected - 1), 0,
              tolerance)
      << what << ", times 10^" << decades << ", N = " << N << ", " << 8 * sizeof(Real) << " bits";
}

/// Near the ends of the numbers.
template <class Real>
constexpr int most_decades = std::numeric_limits<Real>::max_exponent10 - 8;

template <class Real, int N>
void check_random() {
  std::mt19937_64 random(N);
  for (int trial = 0; trial < 80; ++trial) {
    Matrix m = random_matrix(random, N);
    // Rows and columns of very different size, so that singular values are far apart and close.
    for (int i = 0; i < N * N; ++i) {
      const int product = i / N * (i % N);
      m.data()[i] *= std::pow(10.0L, (trial % 8) * product / (1.0L * N * N) - 3);
    }
    for (const int decades : {0, -most_decades<Real>, most_decades<Real>}) {
      ASSERT_NO_FATAL_FAILURE((expect_norm<Real, N>(m, decades, "trial " + std::to_string(trial))));
    }
  }
}

// Breaks when a row is reflected wrongly or not at all, the triangle that is left in rags is read,
// a pivot's derivative is wrong, too few steps are taken, or a square leaves the numbers.
TEST(SpectralNorm, AgreesWithEigen) {
  check_random<double, 2>();
  check_random<double, 3>();
  check_random<double, 4>();
  check_random<double, 6>();
  check_random<double, 12>();
  check_random<float, 4>();
  check_random<float, 12>();
}

/// The largest `equal` singular values of N lie a relative gap from the first to the last, the rest
/// anywhere below.
template <class Real, int N>
void check_clusters() {
  std::mt19937_64 random(N);
  std::uniform_real_distribution<double> unit(0, 1);
  for (int equal = 2; equal <= N; equal += N == 12 ? 2 : 1) {
    for (int decade = -17; decade <= -1; ++decade) {
      const long double gap = decade == -17 ? 0 : std::pow(10.0L, decade);
      Matrix s(N, 1);
      for (int i = 0; i < N; ++i) {
        s(i) = i < equal ? 1 - gap * i / (equal - 1) : static_cast<long double>(unit(random));
      }
      const std::string what =
          std::to_string(equal) + " within 10^" + std::to_string(decade) + " (-17: none)";
      const Matrix turned = random_with(random, s);
      for (const int decades : {0, -most_decades<Real>, most_decades<Real>}) {
        ASSERT_NO_FATAL_FAILURE((expect_norm<Real, N>(turned, decades, what)));
      }
      const Matrix diagonal = s.asDiagonal();
      ASSERT_NO_FATAL_FAILURE((expect_norm<Real, N>(diagonal, 0, "a diagonal, " + what)));
    }
  }
}

// Breaks when Laguerre's bound falls below the largest root where others lie upon it or roundings
// from it, when it stops while a cluster makes its steps short, or when a row that is zero beyond
// the diagonal already is divided by.
TEST(SpectralNorm, OfClusters) {
  check_clusters<double, 2>();
  check_clusters<double, 4>();
  check_clusters<double, 6>();
  check_clusters<double, 12>();
  check_clusters<float, 2>();
  check_clusters<float, 6>();
}

// Breaks when zero is divided by, or a matrix of rank one has no reflection.
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
