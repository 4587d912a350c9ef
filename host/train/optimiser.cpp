#include "host/train/optimiser.hpp"

#include <cmath>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

double norm(const double* v, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += v[i] * v[i];
  return std::sqrt(sum);
}

class Rule : public Optimiser {
 public:
  Rule(const OptimiserSettings& settings, std::size_t policies, std::size_t parameters)
      : settings_(settings), policies_(policies), parameters_(parameters) {}

  void step(double* theta, const double* gradient, const int* used) override {
    for (std::size_t p = 0; p < policies_; ++p) {
      if (used[p] == 0) continue;
      const double* g = gradient + p * parameters_;
      double factor = 1;
      if (settings_.clip_norm > 0) {
        const double length = norm(g, parameters_);
        if (length > settings_.clip_norm) factor = settings_.clip_norm / length;
      }
      update(p, theta + p * parameters_, g, factor);
    }
  }

 protected:
  virtual void update(std::size_t policy, double* theta, const double* gradient, double factor) = 0;

  static void require(bool fits) {
    if (fits) return;
    throw Error(Exit::input, "the stored optimiser state is not of this optimiser", "run.db",
                "resume with the config that the run was started with");
  }

  const OptimiserSettings settings_;
  const std::size_t policies_, parameters_;
};

class GradientDescent : public Rule {
 public:
  using Rule::Rule;
  std::vector<double> state() const override { return {}; }
  void set_state(const std::vector<double>& state) override { require(state.empty()); }

 protected:
  void update(std::size_t /*policy*/, double* theta, const double* gradient,
              double factor) override {
    const double step = settings_.step * factor;
    for (std::size_t i = 0; i < parameters_; ++i) theta[i] -= step * gradient[i];
  }
};

class Adam : public Rule {
 public:
  Adam(const OptimiserSettings& settings, std::size_t policies, std::size_t parameters)
      : Rule(settings, policies, parameters), state_(policies * (1 + 2 * parameters), 0.0) {}

  std::vector<double> state() const override { return state_; }
  void set_state(const std::vector<double>& state) override {
    require(state.size() == state_.size());
    state_ = state;
  }

 protected:
  void update(std::size_t policy, double* theta, const double* gradient, double factor) override {
    // Of a policy: the number of its updates, then the means, then the squares.
    double* const count = state_.data() + policy * (1 + 2 * parameters_);
    double* const mean = count + 1;
    double* const square = mean + parameters_;
    *count += 1;
    const double mean_bias = 1 - std::pow(settings_.beta1, *count);
    const double square_bias = 1 - std::pow(settings_.beta2, *count);
    for (std::size_t i = 0; i < parameters_; ++i) {
      const double g = gradient[i] * factor;
      mean[i] = settings_.beta1 * mean[i] + (1 - settings_.beta1) * g;
      square[i] = settings_.beta2 * square[i] + (1 - settings_.beta2) * g * g;
      theta[i] -= settings_.step * (mean[i] / mean_bias) /
                  (std::sqrt(square[i] / square_bias) + settings_.epsilon);
    }
  }

 private:
  std::vector<double> state_;
};

}  // namespace

std::unique_ptr<Optimiser> make_optimiser(const OptimiserSettings& settings, int policies,
                                          int parameters) {
  const auto p = static_cast<std::size_t>(policies);
  const auto n = static_cast<std::size_t>(parameters);
  if (settings.type == OptimiserKind::adam) return std::make_unique<Adam>(settings, p, n);
  return std::make_unique<GradientDescent>(settings, p, n);
}

std::vector<double> gradient_norms(const std::vector<double>& gradient, int policies) {
  const auto p = static_cast<std::size_t>(policies);
  const std::size_t n = gradient.size() / p;
  std::vector<double> norms;
  for (std::size_t i = 0; i < p; ++i) norms.push_back(norm(gradient.data() + i * n, n));
  return norms;
}

}  // namespace phigrad
