#include "host/experiment/perturbations.hpp"

#include <cmath>

#include "host/support/error.hpp"

namespace phigrad {

bool perturbs(const Experiment& e) {
  const UpdateEstimator by = e.common.gradient.estimator;
  return by == UpdateEstimator::spsa || by == UpdateEstimator::finite_differences;
}

Perturbations::Perturbations(const Cohort& cohort, int parameters)
    : cohort_(cohort),
      every_parameter_(cohort.first().common.gradient.estimator ==
                       UpdateEstimator::finite_differences),
      parameters_(static_cast<std::size_t>(parameters)),
      pairs_(static_cast<std::size_t>(cohort.first().common.rollout.per_update) / 2),
      radius_(cohort.first().common.gradient.radius) {
  const Experiment& e = cohort.first();
  const int rollouts = e.common.rollout.per_update;
  if (every_parameter_ && rollouts != 2 * parameters) {
    throw Error(Exit::input,
                std::to_string(rollouts) +
                    " rollouts, where central differences take two for each parameter",
                e.name + ": rollout.per_update", "write " + std::to_string(2 * parameters));
  }
}

std::vector<double> Perturbations::around(const std::vector<double>& theta, int iteration) {
  direction_.clear();
  std::vector<double> policies;
  policies.reserve(2 * rows() * parameters_);
  for (int p = 0; p < cohort_.policies(); ++p) {
    const double* own = theta.data() + static_cast<std::size_t>(p) * parameters_;
    for (std::size_t k = 0; k < pairs_; ++k) {
      const std::size_t first = direction_.size();
      direction_.resize(first + parameters_, 0.0);
      if (every_parameter_) {
        direction_[first + k] = 1;
      } else {
        RandomStream signs(cohort_.seed_of(p), Draw::direction, static_cast<std::uint32_t>(k),
                           static_cast<std::uint32_t>(iteration));
        for (std::size_t i = 0; i < parameters_; ++i) {
          direction_[first + i] = signs.uniform(-1, 1) < 0 ? -1 : 1;
        }
      }
      for (const double side : {radius_, -radius_}) {
        for (std::size_t i = 0; i < parameters_; ++i) {
          policies.push_back(own[i] + side * direction_[first + i]);
        }
      }
    }
  }
  return policies;
}

void Perturbations::estimate(const std::vector<double>& costs, Gradient& gradient) const {
  const auto count = static_cast<std::size_t>(cohort_.policies());
  gradient.mean.assign(count * parameters_, 0.0);
  gradient.used.assign(count, 0);
  gradient.status.assign(costs.size(), -1);
  for (std::size_t p = 0; p < count; ++p) {
    double* mean = gradient.mean.data() + p * parameters_;
    for (std::size_t k = 0; k < pairs_; ++k) {
      const std::size_t pair = p * pairs_ + k;
      const double slope = (costs[2 * pair] - costs[2 * pair + 1]) / (2 * radius_);
      if (!std::isfinite(slope)) {
        gradient.status[2 * pair] = gradient.status[2 * pair + 1] = 0;
        continue;
      }
      ++gradient.used[p];
      const double* direction = direction_.data() + pair * parameters_;
      for (std::size_t i = 0; i < parameters_; ++i) mean[i] += slope * direction[i];
    }
    if (every_parameter_) {
      if (gradient.used[p] < static_cast<int>(pairs_)) gradient.used[p] = 0;
    } else if (gradient.used[p] > 0) {
      for (std::size_t i = 0; i < parameters_; ++i) mean[i] /= gradient.used[p];
    }
  }
}

}  // namespace phigrad
