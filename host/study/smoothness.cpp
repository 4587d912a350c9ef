#include "host/study/smoothness.hpp"

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
constexpr double tolerance = 1e-3;
constexpr int descent_steps = 40;
constexpr int grid_half = 10;  // steps of √2 either way

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
    engine_->set_noise(starts_.noise);
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
    s.lipschitz = lipschitz();
    power_iteration(s);
    s.predicted_step = 2 / s.curvature.value;
    s.observed_step = observed_step(s.predicted_step);
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

  double lipschitz() {
    std::vector<Vector> policies = {theta_};
    for (int d = 0; d < directions; ++d) {
      policies.push_back(added(theta_, study_.smoothness_radius, random_unit()));
    }
    const Landscape::Values values = landscape_.at(policies, 1);
    double largest = 0;
    for (std::size_t d = 1; d < policies.size(); ++d) {
      const double change = norm_of(difference(values.gradient[d], values.gradient[0]));
      largest = std::max(largest, change / study_.smoothness_radius);
    }
    return largest;
  }

  /// Hv of each group of trajectories, by central differences.
  std::vector<Vector> curvature_times(const Vector& v) {
    const double h = difference_step * std::max(1.0, norm_of(theta_));
    const Landscape::Values values =
        landscape_.at({added(theta_, h, v), added(theta_, -h, v)}, group_count);
    std::vector<Vector> products;
    for (std::size_t g = 0; g < group_count; ++g) {
      Vector p = difference(values.gradient[g], values.gradient[group_count + g]);
      for (double& x : p) x /= 2 * h;
      products.push_back(std::move(p));
    }
    return products;
  }

  void power_iteration(Smoothness& s) {
    Vector v = random_unit();
    double before = 0;
    for (int i = 0; i < most_iterations && !s.converged; ++i) {
      const std::vector<Vector> products = curvature_times(v);
      Vector mean(v.size(), 0.0);
      for (const Vector& p : products) mean = added(mean, 1.0 / group_count, p);
      const double rayleigh = product(v, mean);
      s.curvature = Jackknife(group_count, study_.confidence)([&](std::optional<int> left_out) {
        double sum = 0;
        for (int g = 0; g < group_count; ++g) {
          if (left_out != g) sum += product(v, products[static_cast<std::size_t>(g)]);
        }
        return sum / (left_out ? group_count - 1 : group_count);
      });
      s.converged = std::abs(rayleigh - before) <= tolerance * std::abs(rayleigh);
      before = rayleigh;
      const double length = norm_of(mean);
      if (!(length > 0) || !std::isfinite(length)) return;
      for (std::size_t k = 0; k < v.size(); ++k) v[k] = mean[k] / length;
    }
  }

  Estimate observed_step(double predicted) {
    constexpr double not_there = std::numeric_limits<double>::quiet_NaN();
    if (!(predicted > 0) || !std::isfinite(predicted)) return {not_there, not_there, not_there};
    Vector steps;
    for (int i = -grid_half; i <= grid_half; ++i)
      steps.push_back(predicted * std::pow(2.0, 0.5 * i));
    std::vector<Vector> policies(steps.size(), theta_);
    Landscape::Values values = landscape_.at(policies, 1);
    const double first = values.cost[0];
    for (int k = 0; k < descent_steps; ++k) {
      for (std::size_t i = 0; i < steps.size(); ++i) {
        if (std::isfinite(values.cost[i])) {
          policies[i] = added(policies[i], -steps[i], values.gradient[i]);
        }
      }
      values = landscape_.at(policies, 1);
    }
    std::size_t stable = 0;
    while (stable < steps.size() && values.cost[stable] < first) ++stable;
    if (stable == 0) return {not_there, not_there, not_there};
    return {steps[stable - 1], steps[stable - 1],
            stable < steps.size() ? steps[stable] : not_there};
  }

  static constexpr double difference_step = 1e-5;

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
