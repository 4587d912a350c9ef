#include "host/experiment/learner.hpp"

#include <limits>
#include <optional>

#include "host/support/error.hpp"
#include "host/support/trace.hpp"

namespace phigrad {
namespace {

std::unique_ptr<Engine> engine_for(const Cohort& cohort, const BatchShape& shape,
                                   const std::string& backend) {
  const Experiment& e = cohort.first();
  if (shape.policies != cohort.policies()) {
    throw Error(Exit::input,
                "the run has " + std::to_string(cohort.policies()) +
                    " policies, its rollouts are of " + std::to_string(shape.policies),
                e.name, "start another run for these rollouts");
  }
  return Engine::create(engine_spec(e, backend, precision_name(e.common.precision), shape.segments),
                        shape);
}

/// The experiments' packs, one for each trajectory; or the one that all have.
std::vector<double> packs_of(const Cohort& cohort, int rollouts,
                             std::vector<double> RobotSetup::*pack) {
  if (cohort.experiments.size() == 1) return cohort.first().setup.*pack;
  std::vector<double> packs;
  for (const Experiment* e : cohort.experiments) {
    const std::vector<double>& one = e->setup.*pack;
    for (int i = 0; i < cohort.seeds * rollouts; ++i) {
      packs.insert(packs.end(), one.begin(), one.end());
    }
  }
  return packs;
}

}  // namespace

Learner::Learner(const Cohort& cohort, RolloutSource& source, const std::string& backend)
    : cohort_(cohort), source_(source), engine_(engine_for(cohort, source.shape(), backend)) {
  for (const Experiment* e : cohort_.experiments) {
    optimisers_.push_back(
        make_optimiser(e->common.optimiser, cohort_.seeds, engine_->parameters()));
  }
  const int rollouts = engine_->shape().rollouts;
  engine_->set_plant(packs_of(cohort_, rollouts, &RobotSetup::plant));
  engine_->set_model(packs_of(cohort_, rollouts, &RobotSetup::model));
}

void Learner::restart(std::vector<double> theta) {
  theta_ = std::move(theta);
  for (std::size_t i = 0; i < optimisers_.size(); ++i) {
    optimisers_[i] = make_optimiser(cohort_.experiments[i]->common.optimiser, cohort_.seeds,
                                    engine_->parameters());
  }
}

bool Learner::collect(int iteration) {
  const TraceRange range("collect rollouts");
  engine_->set_policies(theta_);
  const std::optional<Windows> windows = source_.next(iteration, theta_, *engine_);
  if (windows) windows_ = *windows;
  return windows.has_value();
}

void Learner::score() {
  const TraceRange range("score");
  engine_->score(windows_, scores_);
  cost_ = mean_over_rollouts(scores_.loss);
  path_error_ = mean_over_rollouts(scores_.path_error);
}

void Learner::differentiate() {
  const TraceRange range("gradient");
  engine_->gradient(windows_, gradient_options(cohort_.first()), gradient_);
  norm_ = gradient_norms(gradient_.mean, cohort_.policies());
  for (std::size_t p = 0; p < norm_.size(); ++p) {
    if (gradient_.used[p] == 0) norm_[p] = std::numeric_limits<double>::quiet_NaN();
  }
}

void Learner::update() {
  const TraceRange range("optimise");
  const auto seeds = static_cast<std::size_t>(cohort_.seeds);
  const auto parameters = static_cast<std::size_t>(engine_->parameters());
  for (std::size_t i = 0; i < optimisers_.size(); ++i) {
    const std::size_t first = i * seeds;
    optimisers_[i]->step(theta_.data() + first * parameters,
                         gradient_.mean.data() + first * parameters, gradient_.used.data() + first);
  }
}

std::vector<double> Learner::mean_over_rollouts(const std::vector<double>& values) const {
  const auto rollouts = static_cast<std::size_t>(engine_->shape().rollouts);
  std::vector<double> means;
  for (std::size_t p = 0; p < values.size() / rollouts; ++p) {
    double sum = 0;
    for (std::size_t r = 0; r < rollouts; ++r) sum += values[p * rollouts + r];
    means.push_back(sum / static_cast<double>(rollouts));
  }
  return means;
}

std::vector<double> initial_policies(const Cohort& cohort, int parameters) {
  std::vector<double> theta;
  for (int p = 0; p < cohort.policies(); ++p) {
    RandomStream stream(cohort.seed_of(p), Draw::policy, 0, 0);
    const std::vector<double> one = cohort.of(p).setup.initial_policy(stream, parameters);
    theta.insert(theta.end(), one.begin(), one.end());
  }
  return theta;
}

}  // namespace phigrad
