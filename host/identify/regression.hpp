// Least squares with intervals from clusters of dependent samples.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <vector>

namespace phigrad {

/// A number with its 95 % interval.
struct Interval {
  double value, low, high;

  double half_width() const { return 0.5 * (high - low); }
};

/// Sums over samples of a response r, its regressors z, and what the state did, y.
struct RegressionSums {
  Eigen::MatrixXd zz;  // [k, k]
  Eigen::VectorXd zr;  // [k]
  double rr = 0, y = 0, yy = 0;
  int n = 0;

  explicit RegressionSums(int regressors)
      : zz(Eigen::MatrixXd::Zero(regressors, regressors)), zr(Eigen::VectorXd::Zero(regressors)) {}
  void add(const Eigen::VectorXd& z, double r, double y_of_sample);
  RegressionSums& operator+=(const RegressionSums& o);
  RegressionSums& operator-=(const RegressionSums& o);
};

struct Fit {
  Eigen::VectorXd coefficient;  // [k], the shortest where regressors cannot be told apart
  double r2;                    // 1 - Σ(r - zᵀc)² / Σ(y - ȳ)²; NaN where y is constant
};

/// Least squares of r on z.
Fit fit(const RegressionSums& m);

/// How far each regressor varies on its own.
struct Excitation {
  double condition;            // of the regressors, each scaled to length 1
  std::vector<double> unique;  // [k] share of Σ z_j² that the other regressors do not explain
};

Excitation excitation(const RegressionSums& m);

/// Whether a regressor's unique share is more than rounding.
bool distinguishable(double unique);

/// The jackknife over G clusters with Student's t of G - 1 degrees (CV3 of MacKinnon, Nielsen and
/// Webb 2023): `statistic(leave_out)` computes the numbers without that cluster, or with all for
/// -1.
std::vector<Interval> jackknife(int clusters,
                                const std::function<std::vector<double>(int leave_out)>& statistic);

}  // namespace phigrad
