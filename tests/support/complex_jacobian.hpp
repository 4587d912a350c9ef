// Jacobians by the complex step, and what a derivative is held to against them (NU1).
#pragma once

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>

#include "kernels/math/complex_step.hpp"
#include "kernels/math/vec.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// ∂f/∂v [M, N] at v; f takes Vec<ComplexStep, N> to Vec<ComplexStep, M>.
template <int N, class F>
Eigen::MatrixXd complex_jacobian(const Vec<double, N>& v, const F& f) {
  constexpr double h = 1e-180;
  Eigen::MatrixXd J;
  for (int c = 0; c < N; ++c) {
    Vec<ComplexStep, N> stepped;
    for (int i = 0; i < N; ++i) stepped[i] = ComplexStep(v[i], i == c ? h : 0.0);
    const auto y = f(stepped);
    if (c == 0) J.resize(y.size(), N);
    for (int r = 0; r < y.size(); ++r) J(r, c) = y[r].im() / h;
  }
  return J;
}

/// Holds Jacobians at many points to the complex step, to 1e-12 of their norm. Points within 1e-6
/// of a switching surface (a clamp, a wrap), where the two may take different sides, are left out
/// and counted.
class JacobianCheck {
 public:
  template <int N, class F>
  void expect(const Vec<double, N>& at, const F& f, const Eigen::MatrixXd& derivative) {
    ++points_;
    const Eigen::MatrixXd J = complex_jacobian(at, f);
    largest_ = std::max(largest_, J.norm());
    if ((derivative - J).norm() <= 1e-12 * J.norm()) return;
    if (switches_nearby(at, f, J.norm())) {
      ++skipped_;
      return;
    }
    Eigen::Index row = 0, column = 0;
    const double worst = (derivative - J).cwiseAbs().maxCoeff(&row, &column);
    ADD_FAILURE() << "entry (" << row << ", " << column << ") is off by " << worst << " of "
                  << J(row, column) << ", ‖J‖ = " << J.norm() << ", point " << points_;
  }

  /// At most 1 % skipped, and derivatives that are not all zero.
  void finish() const {
    EXPECT_GT(points_, 0);
    EXPECT_LE(100 * skipped_, points_) << skipped_ << " of " << points_ << " points were skipped";
    EXPECT_GT(largest_, 1e-3);
  }

 private:
  template <int N, class F>
  static bool switches_nearby(const Vec<double, N>& at, const F& f, double norm) {
    for (int i = 0; i < N; ++i) {
      Vec<double, N> low = at, high = at;
      low[i] -= 1e-6;
      high[i] += 1e-6;
      const double jump = (complex_jacobian(high, f) - complex_jacobian(low, f)).norm();
      if (jump > 1e-3 * norm) return true;
    }
    return false;
  }

  int points_ = 0;
  int skipped_ = 0;
  double largest_ = 0;
};

}  // namespace PHI_ISA
}  // namespace phigrad
