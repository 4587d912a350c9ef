#include "host/identify/regression.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

#include "host/statistics/jackknife.hpp"

namespace phigrad {
namespace {

constexpr double rounding = 1e-9;  // of a unique share

/// Σ z zᵀ of the regressors that are not 0 everywhere, scaled to length 1, by eigenvectors.
struct Scaled {
  std::vector<Eigen::Index> at;
  Eigen::VectorXd length;
  Eigen::VectorXd values;
  Eigen::MatrixXd vectors;

  explicit Scaled(const RegressionSums& m) {
    for (Eigen::Index j = 0; j < m.zr.size(); ++j) {
      if (m.zz(j, j) > 0) at.push_back(j);
    }
    const auto k = static_cast<Eigen::Index>(at.size());
    length.resize(k);
    Eigen::MatrixXd zz(k, k);
    for (Eigen::Index a = 0; a < k; ++a) length[a] = std::sqrt(m.zz(index(a), index(a)));
    for (Eigen::Index a = 0; a < k; ++a) {
      for (Eigen::Index b = 0; b < k; ++b) {
        zz(a, b) = m.zz(index(a), index(b)) / (length[a] * length[b]);
      }
    }
    if (k == 0) return;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(zz);
    values = eigen.eigenvalues();
    vectors = eigen.eigenvectors();
  }
  Eigen::Index index(Eigen::Index a) const { return at[static_cast<std::size_t>(a)]; }
};

}  // namespace

void RegressionSums::add(const Eigen::VectorXd& z, double r, double y_of_sample) {
  zz.noalias() += z * z.transpose();
  zr += z * r;
  rr += r * r;
  y += y_of_sample;
  yy += y_of_sample * y_of_sample;
  ++n;
}

RegressionSums& RegressionSums::operator+=(const RegressionSums& o) {
  zz += o.zz;
  zr += o.zr;
  rr += o.rr;
  y += o.y;
  yy += o.yy;
  n += o.n;
  return *this;
}

RegressionSums& RegressionSums::operator-=(const RegressionSums& o) {
  zz -= o.zz;
  zr -= o.zr;
  rr -= o.rr;
  y -= o.y;
  yy -= o.yy;
  n -= o.n;
  return *this;
}

Fit fit(const RegressionSums& m) {
  Fit f{Eigen::VectorXd::Zero(m.zr.size()), std::numeric_limits<double>::quiet_NaN()};
  const Scaled s(m);
  double left = m.rr;
  for (Eigen::Index i = 0; i < s.values.size(); ++i) {
    if (s.values[i] < rounding) continue;
    double projection = 0;
    for (Eigen::Index a = 0; a < s.values.size(); ++a) {
      projection += s.vectors(a, i) * m.zr[s.index(a)] / s.length[a];
    }
    for (Eigen::Index a = 0; a < s.values.size(); ++a) {
      f.coefficient[s.index(a)] += s.vectors(a, i) * projection / (s.values[i] * s.length[a]);
    }
    left -= projection * projection / s.values[i];
  }
  const double total = m.yy - m.y * m.y / m.n;
  if (total > rounding * m.yy) f.r2 = 1 - left / total;
  return f;
}

Excitation excitation(const RegressionSums& m) {
  Excitation e{1, std::vector<double>(static_cast<std::size_t>(m.zr.size()), 0.0)};
  const Scaled s(m);
  if (s.at.empty()) return e;
  const double least = s.values.minCoeff();
  e.condition =
      least > 0 ? std::sqrt(s.values.maxCoeff() / least) : std::numeric_limits<double>::infinity();
  // 1 / unique share is the regressor's entry on the diagonal of the inverse.
  for (Eigen::Index a = 0; a < s.values.size(); ++a) {
    double inverse = 0;
    for (Eigen::Index i = 0; i < s.values.size(); ++i) {
      inverse += s.vectors(a, i) * s.vectors(a, i) / std::max(s.values[i], 1e-16);
    }
    e.unique[static_cast<std::size_t>(s.index(a))] = 1 / inverse;
  }
  return e;
}

bool distinguishable(double unique) { return unique > rounding; }

std::vector<Interval> jackknife(
    int clusters, const std::function<std::vector<double>(int leave_out)>& statistic) {
  const std::vector<double> all = statistic(-1);
  std::vector<double> squares(all.size(), 0.0);
  for (int g = 0; g < clusters; ++g) {
    const std::vector<double> without = statistic(g);
    for (std::size_t i = 0; i < all.size(); ++i) {
      squares[i] += (without[i] - all[i]) * (without[i] - all[i]);
    }
  }
  std::vector<Interval> intervals;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double half =
        student_t(0.95, clusters - 1) * std::sqrt(squares[i] * (clusters - 1) / clusters);
    intervals.push_back({all[i], all[i] - half, all[i] + half});
  }
  return intervals;
}

}  // namespace phigrad
