#include "host/study/smoothness.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

#include "host/experiment/simulated_start.hpp"
#include "host/rollouts/rollout_grid.hpp"
#include "host/study/gradient_statistics.hpp"
#include "host/study/launches.hpp"
#include "host/support/random.hpp"

namespace phigrad {
namespace {

constexpr int group_count = 8;
constexpr int directions = 16;
constexpr int most_iterations = 60;
constexpr double tolerance = 1e-2;
constexpr int descent_steps = 40;
constexpr int grid_half = 10;  // steps of √2 either way
constexpr int grid_stride = 5;
constexpr double not_there = std::numeric_limits<double>::quiet_NaN();

using Vector = std::vector<double>;

/// a + s·b
Vector added(const Vector& a, double s, const Vector& b) {
  Vector sum = a;
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += s * b[i];
  return sum;
}

double product(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// The plant's own gradients at several policies at once, over the same trajectories.
class Landscape {
 public:
  Landscape(const Cell& cell, const StudySettings& study, const std::string& backend)
      : cell_(cell),
        windows_(windows_over(cell.experiment.common.rollout.segments, cell.experiment)),
        backend_(backend),
        trajectories_(study.smoothness_trajectories) {}

  /// Costs and gradients of `policies`; each over `parts` equal parts of the trajectories, side by
  /// side: entry policy · parts + part.
  struct Values {
    Vector cost;
    std::vector<Vector> gradient;
  };
  Values at(const std::vector<Vector>& policies, int parts) {
    const int rollouts = trajectories_ / parts;
    const auto count = static_cast<int>(policies.size()) * parts;
    prepare(count, rollouts);
    Vector theta;
    starts_.clear();
    for (const Vector& policy : policies) {
      for (int part = 0; part < parts; ++part) {
        theta.insert(theta.end(), policy.begin(), policy.end());
        for (int r = 0; r < rollouts; ++r) {
          starts_.add(cell_.experiment, {cell_.experiment.common.seed,
                                         static_cast<std::uint32_t>(part * rollouts + r), 0});
        }
      }
    }
    engine_->set_policies(theta);
    engine_->disturb(starts_.disturbance);
    engine_->simulate(starts_.states, starts_.times);
    return read(count, rollouts, policies.front().size());
  }

 private:
  void prepare(int policies, int rollouts) {
    if (engine_ && engine_->shape().policies == policies && engine_->shape().rollouts == rollouts) {
      return;
    }
    engine_.reset();
    EngineSpec spec = cell_spec(cell_, backend_);
    spec.precision = "double";
    engine_ = Engine::create(spec, cell_shape(cell_, policies, rollouts));
    engine_->set_plant(cell_.experiment.setup.plant);
    engine_->set_model(cell_.experiment.setup.model);
    engine_->differentiate(Derivatives::plant);
    engine_->expect(Expectation{windows_, whole_chain()});
  }

  static GradientOptions whole_chain() {
    GradientOptions options;
    options.chain = Chain::rollout;
    return options;
  }

  Values read(int count, int rollouts, std::size_t np) {
    Gradient gradient;
    Scores scores;
    engine_->score(windows_, scores);
    engine_->gradient(windows_, whole_chain(), gradient);
    Values values;
    for (int p = 0; p < count; ++p) {
      double cost = 0;
      for (int r = 0; r < rollouts; ++r) {
        cost += scores.loss[static_cast<std::size_t>(p * rollouts + r)] / rollouts;
      }
      const bool whole = gradient.used[static_cast<std::size_t>(p)] == rollouts;
      values.cost.push_back(whole ? cost : std::numeric_limits<double>::infinity());
      const auto from =
          gradient.mean.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(p) * np);
      values.gradient.emplace_back(from, from + static_cast<std::ptrdiff_t>(np));
    }
    return values;
  }

  const Cell& cell_;
  Windows windows_;
  std::string backend_;
  int trajectories_;
  std::unique_ptr<Engine> engine_;
  SimulatedStarts starts_;
};

class SmoothnessOfCell {
 public:
  SmoothnessOfCell(const Cell& cell, const StudySettings& study, const Vector& theta,
                   const std::string& backend)
      : study_(study),
        theta_(theta),
        landscape_(cell, study, backend),
        random_(cell.experiment.common.seed, Draw::direction, 0, 0) {}

  Smoothness measure() {
    Smoothness s{};
    const Vector steepest = steepest_direction(s.converged);
    s.curvature = curvature_along(steepest);
    s.lipschitz = lipschitz(steepest);
    const bool convex = s.curvature.value > 0 && std::isfinite(s.curvature.value);
    s.predicted_step = convex ? 2 / s.curvature.value : not_there;
    s.observed_step =
        convex ? observed_step(s.predicted_step) : Estimate{not_there, not_there, not_there};
    return s;
  }

 private:
  Vector random_unit() {
    Vector v;
    for (std::size_t i = 0; i < theta_.size(); ++i) {
      // A sum of uniforms has no direction of its own worth speaking of.
      double sum = 0;
      for (int k = 0; k < 4; ++k) sum += random_.uniform(-1, 1);
      v.push_back(sum);
    }
    const double length = norm_of(v);
    for (double& x : v) x /= length;
    return v;
  }

  /// Random directions miss a steep one among thousands of parameters: both ways of it are tried.
  double lipschitz(const Vector& steepest) {
    const double radius = study_.smoothness_radius;
    std::vector<Vector> policies = {theta_, added(theta_, radius, steepest),
                                    added(theta_, -radius, steepest)};
    for (int d = 0; d < directions; ++d) policies.push_back(added(theta_, radius, random_unit()));
    const Landscape::Values values = landscape_.at(policies, 1);
    double largest = 0;
    for (std::size_t d = 1; d < policies.size(); ++d) {
      if (!std::isfinite(values.cost[d])) return not_there;
      const double change = norm_of(difference(values.gradient[d], values.gradient[0]));
      largest = std::max(largest, change / radius);
    }
    return largest;
  }

  /// Hv of each of `parts` groups of trajectories, by central differences.
  std::vector<Vector> curvature_times(const Vector& v, int parts) {
    const double h = difference_step * std::max(1.0, norm_of(theta_));
    const Landscape::Values values =
        landscape_.at({added(theta_, h, v), added(theta_, -h, v)}, parts);
    std::vector<Vector> products;
    for (int g = 0; g < parts; ++g) {
      Vector p = difference(values.gradient[static_cast<std::size_t>(g)],
                            values.gradient[static_cast<std::size_t>(parts + g)]);
      for (double& x : p) x /= 2 * h;
      products.push_back(std::move(p));
    }
    return products;
  }

  /// The direction of the largest curvature: power iteration whose directions are all kept
  /// (Lanczos; Golub and Van Loan, Matrix Computations, 10.1), so that it comes to the largest
  /// eigenvalue, not to a negative one of greater size, and soon.
  Vector steepest_direction(bool& converged) {
    std::vector<Vector> basis = {random_unit()};
    Vector diagonal, beside;
    for (;;) {
      Vector w = curvature_times(basis.back(), 1).front();
      diagonal.push_back(product(basis.back(), w));
      for (int pass = 0; pass < 2; ++pass) {
        for (const Vector& q : basis) w = added(w, -product(q, w), q);
      }
      const double length = norm_of(w);
      if (!std::isfinite(length)) return basis.back();
      const auto n = static_cast<Eigen::Index>(diagonal.size());
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> ritz;
      ritz.computeFromTridiagonal(Eigen::Map<const Eigen::VectorXd>(diagonal.data(), n),
                                  Eigen::Map<const Eigen::VectorXd>(beside.data(), n - 1));
      const Eigen::VectorXd top = ritz.eigenvectors().col(n - 1);
      const double residual = length * std::abs(top[n - 1]);
      converged = residual <= tolerance * std::abs(ritz.eigenvalues()[n - 1]);
      if (converged || n == most_iterations) {
        Vector v(theta_.size(), 0.0);
        for (Eigen::Index i = 0; i < n; ++i) {
          v = added(v, top[i], basis[static_cast<std::size_t>(i)]);
        }
        return v;
      }
      for (double& x : w) x /= length;
      beside.push_back(length);
      basis.push_back(std::move(w));
    }
  }

  Estimate curvature_along(const Vector& v) {
    const std::vector<Vector> products = curvature_times(v, group_count);
    return Jackknife(group_count, study_.confidence)([&](std::optional<int> left_out) {
      double sum = 0;
      for (int g = 0; g < group_count; ++g) {
        if (left_out != g) sum += product(v, products[static_cast<std::size_t>(g)]);
      }
      return sum / (left_out ? group_count - 1 : group_count);
    });
  }

  /// How many of some steps, in ascending order, there are before the first with which gradient
  /// descent comes above where it began.
  std::size_t stable_of(const Vector& steps) {
    std::vector<Vector> policies(steps.size(), theta_);
    std::size_t stable = steps.size();
    double first = 0;
    for (int k = 0; k <= descent_steps && stable > 0; ++k) {
      const Landscape::Values values = landscape_.at(policies, 1);
      if (k == 0) first = values.cost[0];
      const double above = first + rounding * std::abs(first);
      for (std::size_t i = 0; i < stable; ++i) {
        if (!(values.cost[i] <= above)) stable = i;
        policies[i] = added(policies[i], -steps[i], values.gradient[i]);
      }
    }
    return stable;
  }

  /// Every grid_stride-th step of the grid first, then those between the last stable one and the
  /// next.
  Estimate observed_step(double predicted) {
    const auto step = [predicted](int i) { return predicted * std::pow(2.0, 0.5 * i); };
    Vector coarse;
    for (int i = -grid_half; i <= grid_half; i += grid_stride) coarse.push_back(step(i));
    const std::size_t stable = stable_of(coarse);
    if (stable == 0) return {not_there, not_there, not_there};
    if (stable == coarse.size()) return {coarse.back(), coarse.back(), not_there};
    const int last = -grid_half + static_cast<int>(stable - 1) * grid_stride;
    Vector between;
    for (int i = 1; i < grid_stride; ++i) between.push_back(step(last + i));
    const int more = static_cast<int>(stable_of(between));
    return {step(last + more), step(last + more), step(last + more + 1)};
  }

  static constexpr double difference_step = 1e-5;
  static constexpr double rounding = 1e-9;

  const StudySettings& study_;
  const Vector& theta_;
  Landscape landscape_;
  RandomStream random_;
};

}  // namespace

Smoothness measure_smoothness(const Cell& cell, const StudySettings& study,
                              const std::vector<double>& theta, const std::string& backend) {
  return SmoothnessOfCell(cell, study, theta, backend).measure();
}

}  // namespace phigrad
