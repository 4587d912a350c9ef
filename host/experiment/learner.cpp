#include "host/experiment/learner.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "host/engine/engine_plan.hpp"
#include "host/engine/thread_pool.hpp"
#include "host/experiment/drift.hpp"
#include "host/experiment/evaluation.hpp"
#include "host/experiment/in_place.hpp"
#include "host/experiment/tracking_error.hpp"
#include "host/support/error.hpp"
#include "host/support/trace.hpp"

namespace phigrad {
namespace {

std::unique_ptr<Engine> engine_for(const Cohort& cohort, const BatchShape& shape,
                                   const std::string& backend, bool in_place) {
  const Experiment& e = cohort.first();
  const int expected = cohort.policies() * (perturbs(e) ? e.common.rollout.per_update : 1);
  if (shape.policies != expected) {
    throw Error(Exit::input,
                "the run has " + std::to_string(expected) + " policies, its rollouts are of " +
                    std::to_string(shape.policies),
                e.name, "start another run for these rollouts");
  }
  EngineSpec spec = training_spec(e, backend, shape.segments);
  if (in_place) {
    spec.asked.rules = static_cast<int>(cohort.experiments.size());
    spec.asked.adam = e.common.optimiser.type == OptimiserKind::adam;
    spec.asked.updates = e.common.optimiser.iterations;
  }
  return Engine::create(spec, shape);
}

/// The experiments' packs, one for each trajectory; or the one that all have.
std::vector<double> packs_of(const Cohort& cohort, std::int64_t rollouts,
                             std::vector<double> RobotSetup::*pack) {
  if (cohort.experiments.size() == 1) return cohort.first().setup.*pack;
  std::vector<double> packs;
  for (const Experiment* e : cohort.experiments) {
    const std::vector<double>& one = e->setup.*pack;
    for (std::int64_t i = 0; i < cohort.seeds * rollouts; ++i) {
      packs.insert(packs.end(), one.begin(), one.end());
    }
  }
  return packs;
}

}  // namespace

void require_trainable(const Experiment& e, const std::string& backend) {
  if (perturbs(e)) Perturbations({{&e}, 1}, policy_parameters(e));
  drifted(e, e.common.optimiser.iterations);
  if (e.common.rollout.tape == Tape::recompute || e.common.tensor_cores != TensorCores::off) {
    BatchShape shape;
    shape.steps_per_segment = e.setup.steps_per_segment;
    shape.ragged = e.common.rollout.live || !e.common.rollout.logs.empty();
    choose_backend(training_spec(e, backend, e.common.rollout.segments), shape);
  }
}

bool can_be_resumed(const Experiment& e) {
  return !e.setup.learned_model && e.common.gradient.estimator != UpdateEstimator::redesign;
}

Learner::Learner(const Cohort& cohort, RolloutSource& source, const std::string& backend,
                 bool in_place)
    : cohort_(cohort),
      source_(source),
      in_place_(in_place && can_train_in_place(cohort)),
      engine_(engine_for(cohort, source.shape(), backend, in_place_)),
      rollouts_(engine_->shape().trajectories() / cohort.policies()) {
  for (const Experiment* e : cohort_.experiments) {
    optimisers_.push_back(
        make_optimiser(e->common.optimiser, cohort_.seeds, engine_->parameters()));
  }
  if (perturbs(cohort_.first())) perturbations_.emplace(cohort_, engine_->parameters());
  if (cohort_.first().common.gradient.estimator == UpdateEstimator::redesign) {
    redesign_.emplace(cohort_, backend);
  }
  if (cohort_.first().setup.learned_model) {
    for (int p = 0; p < cohort_.policies(); ++p) {
      models_.push_back(cohort_.of(p).setup.learned_model(cohort_.seed_of(p)));
    }
  }
  engine_->set_plant(packs_of(cohort_, rollouts_, &RobotSetup::plant));
  engine_->set_model(packs_of(cohort_, rollouts_, &RobotSetup::model));
}

void Learner::drift(int iteration) {
  const auto stands = [](const Experiment* e) { return e->common.rollout.drift.empty(); };
  if (std::all_of(cohort_.experiments.begin(), cohort_.experiments.end(), stands)) return;
  std::vector<Experiment> now;
  Cohort as_they_are{{}, cohort_.seeds};
  for (const Experiment* e : cohort_.experiments) now.push_back(drifted(*e, iteration));
  for (const Experiment& e : now) as_they_are.experiments.push_back(&e);
  for (const Experiment& e : now) {
    if (e.setup.policy == now.front().setup.policy) continue;
    throw Error(Exit::input, "controllers that drift apart share a batch", e.name,
                "let them drift alike, or study them one by one");
  }
  engine_->set_settings(now.front().setup.policy);
  engine_->set_plant(packs_of(as_they_are, rollouts_, &RobotSetup::plant));
  if (models_.empty()) {
    engine_->set_model(packs_of(as_they_are, rollouts_, &RobotSetup::model));
  }
}

void Learner::restart(std::vector<double> theta) {
  set_theta(std::move(theta));
  for (std::size_t i = 0; i < optimisers_.size(); ++i) {
    optimisers_[i] = make_optimiser(cohort_.experiments[i]->common.optimiser, cohort_.seeds,
                                    engine_->parameters());
  }
}

bool Learner::collect(int iteration) {
  const TraceRange range("collect rollouts");
  drift(iteration);
  engine_->set_policies(perturbations_ ? perturbations_->around(theta_, iteration) : theta_);
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
  switch (cohort_.first().common.gradient.estimator) {
    case UpdateEstimator::model:
      fit_models();
      take_gradient(Estimator::model, false, gradient_);
      break;
    case UpdateEstimator::likelihood_ratio:
      engine_->set_baseline(baselines());
      take_gradient(Estimator::likelihood_ratio, false, gradient_);
      break;
    case UpdateEstimator::inverse_variance:
      weigh_by_inverse_variance();
      break;
    case UpdateEstimator::spsa:
    case UpdateEstimator::finite_differences:
      perturbations_->estimate(scores_.loss, gradient_);
      break;
    case UpdateEstimator::tracking_error:
      tracking_error(cohort_, *engine_, source_, gradient_);
      break;
    case UpdateEstimator::redesign:
      redesign_->take(*engine_, source_, theta_, gradient_);
      break;
  }
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

void Learner::fit_models() {
  if (models_.empty()) return;
  for (std::int64_t b = 0; b < engine_->shape().trajectories(); ++b) {
    const Trajectory t = engine_->trajectory(b);
    models_[static_cast<std::size_t>(policy_of(b))]->add(t.states, t.inputs, engine_->shape().dt);
  }
  std::vector<std::vector<double>> packs(models_.size());
  ThreadPool(0).parallel_for(
      static_cast<std::int64_t>(models_.size()), [&](std::int64_t begin, std::int64_t end) {
        for (auto p = static_cast<std::size_t>(begin); p < static_cast<std::size_t>(end); ++p) {
          packs[p] = models_[p]->fit();
        }
      });
  std::vector<double> of_trajectories;
  for (std::int64_t b = 0; b < engine_->shape().trajectories(); ++b) {
    const std::vector<double>& pack = packs[static_cast<std::size_t>(policy_of(b))];
    of_trajectories.insert(of_trajectories.end(), pack.begin(), pack.end());
  }
  engine_->set_model(of_trajectories);
}

void Learner::take_gradient(Estimator estimator, bool variance, Gradient& gradient) {
  GradientOptions options = gradient_options(cohort_.first());
  options.estimator = estimator;
  options.variance = variance;
  engine_->gradient(windows_, options, gradient);
}

/// A sample's share of what the policy's other rollouts cost: independent of the rollout's noise.
std::vector<double> Learner::baselines() const {
  const BatchShape& shape = engine_->shape();
  const double windows = windows_.end.front() - windows_.length - windows_.drop + 1;
  const double samples = windows * windows_.length * shape.steps_per_segment;
  std::vector<double> baselines;
  for (std::size_t b = 0; b < scores_.loss.size(); ++b) {
    const double all = cost_[static_cast<std::size_t>(policy_of(static_cast<std::int64_t>(b)))] *
                       static_cast<double>(rollouts_);
    const double others = (all - scores_.loss[b]) / static_cast<double>(rollouts_ - 1);
    baselines.push_back(std::isfinite(others) ? others / samples : 0.0);
  }
  return baselines;
}

/// The model's gradient and the likelihood ratio, each policy's by the inverse of the traces of
/// their covariances; a bias of the model's is not counted. One that does not hold has no weight.
void Learner::weigh_by_inverse_variance() {
  fit_models();
  take_gradient(Estimator::model, true, gradient_);
  engine_->set_baseline(baselines());
  take_gradient(Estimator::likelihood_ratio, true, zeroth_order_);
  const auto np = static_cast<std::size_t>(engine_->parameters());
  for (std::size_t p = 0; p < gradient_.used.size(); ++p) {
    const auto precision = [&](const Gradient& g) {
      double trace = 0;
      for (std::size_t i = 0; i < np; ++i) trace += g.variance[p * np + i];
      return g.used[p] > 1 && trace > 0 ? g.used[p] / trace : 0.0;
    };
    const double model = precision(gradient_), zeroth = precision(zeroth_order_);
    if (!(model + zeroth > 0)) {
      gradient_.used[p] = 0;
      continue;
    }
    const double share = zeroth / (model + zeroth);
    for (std::size_t i = p * np; i < (p + 1) * np; ++i) {
      const double ours = share < 1 ? (1 - share) * gradient_.mean[i] : 0;
      gradient_.mean[i] = ours + (share > 0 ? share * zeroth_order_.mean[i] : 0);
    }
    gradient_.used[p] = std::max(gradient_.used[p], zeroth_order_.used[p]);
  }
}

std::vector<double> Learner::mean_over_rollouts(const std::vector<double>& values) const {
  const auto rollouts = static_cast<std::size_t>(rollouts_);
  std::vector<double> means;
  for (std::size_t p = 0; p < values.size() / rollouts; ++p) {
    double sum = 0;
    for (std::size_t r = 0; r < rollouts; ++r) sum += values[p * rollouts + r];
    means.push_back(sum / static_cast<double>(rollouts));
  }
  return means;
}

}  // namespace phigrad
