// Gains from Riccati equations against closed forms, the equations themselves, and what can't be.
#include "host/control/riccati.hpp"

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <cmath>

#include "host/support/error.hpp"
#include "tests/support/random_numbers.hpp"

namespace phigrad {
namespace {

using Eigen::MatrixXd;

MatrixXd one(double v) { return MatrixXd::Constant(1, 1, v); }

MatrixXd random_matrix(std::uint64_t what, int rows, int columns) {
  const auto n = static_cast<std::size_t>(rows * columns);
  const std::vector<double> numbers = random_numbers(60 + what, 0, n, -1, 1);
  return Eigen::Map<const MatrixXd>(numbers.data(), rows, columns);
}

// Breaks with a sign, a factor or the weight's inverse: the scalar equation has a formula.
TEST(Riccati, ScalarGainsAreTheFormula) {
  const double a = 0.7, b = 1.3, q = 2.1, r = 0.4;
  const double p = r * (a + std::sqrt(a * a + b * b * q / r)) / (b * b);
  EXPECT_NEAR(continuous_lqr(one(a), one(b), one(q), one(r))(0, 0), b * p / r, 1e-13);

  // p = q + a²p − (a b p)²/(r + b²p): a quadratic in p.
  const double c = r - a * a * r - q * b * b;
  const double pd = (-c + std::sqrt(c * c + 4 * b * b * q * r)) / (2 * b * b);
  const double kd = a * b * pd / (r + b * b * pd);
  EXPECT_NEAR(discrete_lqr(one(a), one(b), one(q), one(r))(0, 0), kd, 1e-13);
}

// Breaks when the double integrator's textbook gain, [1, √3] for unit weights, is not found.
TEST(Riccati, DoubleIntegratorIsTheTextbooks) {
  MatrixXd A(2, 2), B(2, 1);
  A << 0, 1, 0, 0;
  B << 0, 1;
  const MatrixXd K = continuous_lqr(A, B, MatrixXd::Identity(2, 2), one(1));
  EXPECT_NEAR(K(0, 0), 1, 1e-12);
  EXPECT_NEAR(K(0, 1), std::sqrt(3.0), 1e-12);
}

// Breaks when a gain is not the best: any other gain's cost to go is larger (checked by the cost
// of steps off it, from the Lyapunov sum).
TEST(Riccati, NoOtherGainIsCheaper) {
  const MatrixXd A = 1.2 * random_matrix(0, 4, 4), B = random_matrix(1, 4, 2);
  const MatrixXd Q = MatrixXd::Identity(4, 4), R = 0.3 * MatrixXd::Identity(2, 2);
  const auto cost = [&](const MatrixXd& K) {
    MatrixXd F = A - B * K, X = MatrixXd::Identity(4, 4), sum = MatrixXd::Zero(4, 4);
    for (int t = 0; t < 2000; ++t) {
      sum += X.transpose() * (Q + K.transpose() * R * K) * X;
      X = F * X;
    }
    return sum.trace();
  };
  const MatrixXd K = discrete_lqr(A, B, Q, R);
  EXPECT_GT(spectral_radius(A), 1) << "the case is too easy";
  EXPECT_LT(spectral_radius(A - B * K), 1);
  for (std::uint64_t i = 0; i < 8; ++i) {
    EXPECT_GT(cost(K + 1e-2 * random_matrix(10 + i, 2, 4)), cost(K)) << i;
  }
}

// Breaks when the recursion runs the wrong way, or forgets the terminal weight: over a long horizon
// its first gain is the stationary one, its last is the one-step gain.
TEST(Riccati, TimeVaryingEndsAndSettles) {
  const MatrixXd A = 1.1 * random_matrix(2, 3, 3), B = random_matrix(3, 3, 2);
  const MatrixXd Q = MatrixXd::Identity(3, 3), R = MatrixXd::Identity(2, 2), Qf = 5 * Q;
  const std::vector<MatrixXd> K =
      time_varying_lqr(std::vector<MatrixXd>(400, A), std::vector<MatrixXd>(400, B), Q, R, Qf);
  EXPECT_LE((K.front() - discrete_lqr(A, B, Q, R)).norm(), 1e-10);
  const MatrixXd last = (R + B.transpose() * Qf * B).inverse() * B.transpose() * Qf * A;
  EXPECT_LE((K.back() - last).norm(), 1e-12);
  EXPECT_GT((K.back() - K.front()).norm(), 1e-3);
}

// Breaks when an equation without a solution gives numbers.
TEST(Riccati, RefusesWhatNoGainStabilises) {
  const auto code = [](auto design) {
    try {
      design();
    } catch (const Error& e) {
      return e.code();
    }
    return Exit::ok;
  };
  MatrixXd A = MatrixXd::Identity(2, 2) * 1.5, B(2, 1);
  B << 1, 0;  // the second state runs away unseen
  const MatrixXd Q = MatrixXd::Identity(2, 2);
  EXPECT_EQ(code([&] { discrete_lqr(A, B, Q, one(1)); }), Exit::numeric);
  EXPECT_EQ(code([&] { continuous_lqr(A, B, Q, one(1)); }), Exit::numeric);
  EXPECT_EQ(code([&] { discrete_lqr(A, B, Q, one(0)); }), Exit::input);
  EXPECT_EQ(code([&] { discrete_lqr(A, B, -Q, one(1)); }), Exit::input);
  EXPECT_EQ(code([&] { discrete_lqr(A, MatrixXd::Ones(3, 1), Q, one(1)); }), Exit::input);
  A(0, 0) = std::nan("");
  EXPECT_EQ(code([&] { discrete_lqr(A, B, Q, one(1)); }), Exit::input);
}

}  // namespace
}  // namespace phigrad
