#include "host/experiment/in_place.hpp"

#include <algorithm>

#include "host/experiment/learner.hpp"
#include "host/experiment/simulated_start.hpp"
#include "host/rollouts/rollout_grid.hpp"
#include "host/support/trace.hpp"

namespace phigrad {

bool can_train_in_place(const Cohort& cohort) {
  const OptimiserKind kind = cohort.first().common.optimiser.type;
  return std::all_of(
      cohort.experiments.begin(), cohort.experiments.end(), [&](const Experiment* e) {
        return e->common.gradient.estimator == UpdateEstimator::model && !e->setup.learned_model &&
               e->common.rollout.drift.empty() && e->common.optimiser.type == kind;
      });
}

std::vector<UpdateRule> update_rules(const Cohort& cohort) {
  std::vector<UpdateRule> rules;
  for (const Experiment* e : cohort.experiments) {
    const OptimiserSettings& o = e->common.optimiser;
    rules.push_back(
        {o.type == OptimiserKind::adam, o.step, o.clip_norm, o.beta1, o.beta2, o.epsilon});
  }
  return rules;
}

const std::vector<double>& Learner::theta() const {
  if (theta_is_old_) theta_ = engine_->trained();
  theta_is_old_ = false;
  return theta_;
}

int Learner::advance(int iteration, int end, const std::function<void()>& each) {
  if (const int done = train_in_place(iteration, end, each); done > 0) return done;
  if (!collect(iteration)) return 0;
  score();
  differentiate();
  update();
  each();
  return 1;
}

int Learner::train_in_place(int iteration, int end, const std::function<void()>& each) {
  if (!in_place_) return 0;
  const Experiment& first = cohort_.first();
  TrainingStarts starts;
  starts.asked = {windows_over(first.common.rollout.segments, first), gradient_options(first)};
  starts.iterations = std::min(engine_->iterations_at_once(starts.asked), end - iteration);
  starts.noise_iteration = static_cast<std::uint32_t>(iteration);
  if (starts.iterations < 1) return 0;
  for (int i = 0; i < starts.iterations; ++i) {
    const SimulatedStarts* const of_iteration = source_.starts(iteration + i);
    if (of_iteration == nullptr) return 0;
    starts.states.insert(starts.states.end(), of_iteration->states.begin(),
                         of_iteration->states.end());
    starts.times.insert(starts.times.end(), of_iteration->times.begin(), of_iteration->times.end());
    if (i == 0) engine_->disturb(of_iteration->disturbance);
  }
  const TraceRange range("train in place");
  if (!training_) engine_->begin_training(theta_, update_rules(cohort_), end - iteration);
  training_ = theta_is_old_ = true;
  engine_->train(starts, history_);
  const auto trajectories = static_cast<std::size_t>(engine_->shape().trajectories());
  const auto policies = static_cast<std::size_t>(cohort_.policies());
  const auto part = [](const auto& values, std::size_t i, std::size_t count, auto& into) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(i * count);
    into.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  };
  for (std::size_t i = 0; i < static_cast<std::size_t>(starts.iterations); ++i) {
    part(history_.loss, i, trajectories, scores_.loss);
    part(history_.path_error, i, trajectories, scores_.path_error);
    part(history_.gradient_norm, i, policies, norm_);
    cost_ = mean_over_rollouts(scores_.loss);
    path_error_ = mean_over_rollouts(scores_.path_error);
    each();
  }
  return starts.iterations;
}

}  // namespace phigrad
