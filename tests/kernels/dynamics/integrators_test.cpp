// The integrators against the exact solution of an oscillator: their order, and what semi-implicit
// Euler keeps.
#include "kernels/dynamics/integrators.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace phigrad {
namespace {

struct Oscillator {
  enum State { position, velocity, nx };
  enum Input { force, nu };
  template <class Real>
  struct Params {
    Real stiffness;  // 1/s²
  };
  static constexpr bool is_velocity(int i) { return i == velocity; }

  template <class Real>
  static Vec<Real, nx> derivative(const Vec<Real, nx>& x, const Vec<Real, nu>& u,
                                  const Params<Real>& p) {
    return {{x[velocity], u[force] - p.stiffness * x[position]}};
  }
};

constexpr double stiffness = 2.3, push = 0.4;

/// Distance to the exact state after 1.7 s in `steps`.
template <class Step>
double error_of(int steps) {
  const double time = 1.7, w = std::sqrt(stiffness), middle = push / stiffness;
  Vec<double, 2> x{{0.9, -0.3}};
  const double c = x[0] - middle, s = x[1] / w;
  for (int i = 0; i < steps; ++i) {
    x = Step::template step<Oscillator, double>(x, {{push}}, {stiffness}, time / steps);
  }
  return std::hypot(x[0] - (middle + c * std::cos(w * time) + s * std::sin(w * time)),
                    x[1] - w * (s * std::cos(w * time) - c * std::sin(w * time)));
}

// Breaks with a stage, a weight, or an input that is not held over the step.
TEST(Integrators, HaveTheirOrder) {
  EXPECT_NEAR(error_of<Euler>(1000) / error_of<Euler>(2000), 2, 0.02);
  EXPECT_NEAR(error_of<SemiImplicitEuler>(1000) / error_of<SemiImplicitEuler>(2000), 2, 0.02);
  EXPECT_NEAR(error_of<RungeKutta4>(50) / error_of<RungeKutta4>(100), 16, 0.5);
  EXPECT_LT(error_of<RungeKutta4>(100), 1e-7);
  EXPECT_GT(error_of<Euler>(1000), 1e-4);
}

// Breaks when positions move with the old velocities: the symplectic map's volume is exactly 1,
// explicit Euler's is not.
TEST(Integrators, SemiImplicitKeepsArea) {
  const auto area = [](auto step) {
    using Step = decltype(step);
    Mat<double, 2, 2> J;
    for (int r = 0; r < 2; ++r) {
      Vec<double, 2> unit{};
      unit[r] = 1;
      const auto row =
          Step::template vjp<Oscillator, double>({{0.9, -0.3}}, {{push}}, {stiffness}, 0.1, unit);
      J(r, 0) = row.x[0];
      J(r, 1) = row.x[1];
    }
    return J(0, 0) * J(1, 1) - J(0, 1) * J(1, 0);
  };
  EXPECT_NEAR(area(SemiImplicitEuler{}), 1, 1e-15);
  EXPECT_NEAR(area(Euler{}), 1 + stiffness * 0.01, 1e-15);
}

}  // namespace
}  // namespace phigrad
