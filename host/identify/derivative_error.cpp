#include "host/identify/derivative_error.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

namespace phigrad {
namespace {

/// [∂F̂/∂x, ∂F̂/∂u] at a point with the parameters p.
Eigen::MatrixXd jacobian(const Experiment& e, const SamplePoint& at, const std::vector<double>& p) {
  const auto nx = static_cast<Eigen::Index>(at.x.size());
  const auto nu = static_cast<Eigen::Index>(at.u.size());
  ModelStep step;
  e.setup.equations.step(at.x.data(), at.u.data(), p.data(), e.common.rollout.dt_s, step);
  Eigen::MatrixXd J(nx, nx + nu);
  for (Eigen::Index i = 0; i < nx; ++i) {
    for (Eigen::Index j = 0; j < nx; ++j) {
      J(i, j) = step.J_next_x[static_cast<std::size_t>(i * nx + j)];
    }
    for (Eigen::Index j = 0; j < nu; ++j) {
      J(i, nx + j) = step.J_next_u[static_cast<std::size_t>(i * nu + j)];
    }
  }
  return J;
}

/// What a unit error of each term of each state adds to that state's row of the Jacobian.
struct Directions {
  std::vector<std::vector<Eigen::RowVectorXd>> rows;  // [nx][terms]
  Eigen::MatrixXd model;

  Directions(const Experiment& e, const Residuals& r, const SamplePoint& at)
      : rows(r.terms.size()), model(jacobian(e, at, e.setup.model)) {
    std::vector<Eigen::MatrixXd> by_parameter;
    for (std::size_t p = 0; p < e.setup.model.size(); ++p) {
      std::vector<double> moved = e.setup.model;
      moved[p] += 1;  // the model is linear in its parameters
      by_parameter.emplace_back(jacobian(e, at, moved) - model);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto row = static_cast<Eigen::Index>(i);
      for (const int p : r.terms[i].parameters) {
        rows[i].emplace_back(by_parameter[static_cast<std::size_t>(p)].row(row));
      }
      if (r.terms[i].own_motion) {
        Eigen::RowVectorXd motion = model.row(row);
        motion[row] -= 1;
        rows[i].push_back(motion);
      }
      if (r.terms[i].offset) rows[i].emplace_back(Eigen::RowVectorXd::Zero(model.cols()));
    }
  }

  Eigen::MatrixXd error(const std::vector<std::vector<double>>& terms) const {
    Eigen::MatrixXd E = Eigen::MatrixXd::Zero(model.rows(), model.cols());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t j = 0; j < rows[i].size(); ++j) {
        for (Eigen::Index c = 0; c < E.cols(); ++c) {
          // An unknown error leaves the entries alone that it does not touch.
          if (rows[i][j][c] != 0) E(static_cast<Eigen::Index>(i), c) += terms[i][j] * rows[i][j][c];
        }
      }
    }
    return E;
  }
};

double largest_singular_value(const Eigen::MatrixXd& E) {
  if (!E.allFinite()) return std::numeric_limits<double>::quiet_NaN();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(E * E.transpose(),
                                                             Eigen::EigenvaluesOnly);
  return std::sqrt(std::max(eigen.eigenvalues().maxCoeff(), 0.0));
}

}  // namespace

DerivativeError derivative_error(const Experiment& e, const Residuals& r,
                                 const TermErrors& errors) {
  std::vector<Directions> points;
  for (const SamplePoint& at : r.points) points.emplace_back(e, r, at);
  const auto nx = static_cast<Eigen::Index>(e.setup.states.size());
  const auto columns = nx + static_cast<Eigen::Index>(e.setup.inputs.size());

  DerivativeError out;
  std::vector<std::pair<Eigen::Index, Eigen::Index>> at;
  for (Eigen::Index i = 0; i < nx; ++i) {
    for (Eigen::Index j = 0; j < columns; ++j) {
      double model_squares = 0;
      bool moved = false;
      for (const Directions& d : points) {
        model_squares += d.model(i, j) * d.model(i, j);
        for (const Eigen::RowVectorXd& row : d.rows[static_cast<std::size_t>(i)]) {
          moved = moved || row[j] != 0;
        }
      }
      if (!moved) continue;
      at.emplace_back(i, j);
      const bool by_input = j >= nx;
      const auto& names = by_input ? e.setup.inputs : e.setup.states;
      out.entries.push_back({e.setup.states[static_cast<std::size_t>(i)],
                             names[static_cast<std::size_t>(by_input ? j - nx : j)],
                             by_input,
                             std::sqrt(model_squares / static_cast<double>(points.size())),
                             {},
                             {}});
    }
  }

  const std::vector<Interval> intervals = jackknife(r.clusters, [&](int leave_out) {
    const std::vector<std::vector<double>> terms = errors(leave_out);
    std::vector<double> numbers(2 + 2 * at.size(), 0.0);
    double n = 0;
    for (std::size_t k = 0; k < points.size(); ++k) {
      if (r.points[k].cluster == leave_out) continue;
      const Eigen::MatrixXd E = points[k].error(terms);
      const double norm = largest_singular_value(E);
      numbers[0] += norm;
      numbers[1] = std::isnan(norm) ? norm : std::max(numbers[1], norm);
      for (std::size_t a = 0; a < at.size(); ++a) {
        const double entry = E(at[a].first, at[a].second);
        numbers[2 + 2 * a] += entry;
        numbers[3 + 2 * a] += entry * entry;
      }
      ++n;
    }
    numbers[0] /= n;
    for (std::size_t a = 0; a < at.size(); ++a) {
      numbers[2 + 2 * a] /= n;
      numbers[3 + 2 * a] = std::sqrt(numbers[3 + 2 * a] / n);
    }
    return numbers;
  });
  const auto not_below_0 = [](Interval i) {
    if (i.low < 0) i.low = 0;
    return i;
  };
  out.mean = not_below_0(intervals[0]);
  out.max = not_below_0(intervals[1]);
  for (std::size_t a = 0; a < at.size(); ++a) {
    out.entries[a].mean = intervals[2 + 2 * a];
    out.entries[a].rms = not_below_0(intervals[3 + 2 * a]);
  }
  return out;
}

}  // namespace phigrad
