#include "host/experiment/training.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "host/engine/engine.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/rollouts/stored_rollout.hpp"
#include "host/support/error.hpp"
#include "host/support/trace.hpp"
#include "host/train/optimiser.hpp"

namespace phigrad {
namespace {

constexpr const char* initial_name = "initial";

/// One training run in memory: the straight line from rollouts to policies.
class Training {
 public:
  Training(const Experiment& experiment, const TrainingOptions& options, RunStore& store)
      : e_(experiment),
        options_(options),
        store_(store),
        policies_(stored_policies(store, options.seeds)),
        own_source_(options.source != nullptr ? nullptr : make_source(experiment, policies_)),
        source_(options.source != nullptr ? *options.source : *own_source_),
        engine_(make_engine()),
        optimiser_(make_optimiser(experiment.common.optimiser, policies_, engine_->parameters())) {
    engine_->set_plant(e_.setup.plant);
    engine_->set_model(e_.setup.model);
    restore();
  }

  TrainingResult run() {
    TrainingResult result;
    result.backend = engine_->description();
    int iteration = store_.next_iteration();
    for (; iteration < e_.common.optimiser.iterations; ++iteration) {
      if (options_.stop != nullptr && options_.stop->load()) {
        result.interrupted = true;
        break;
      }
      if (!collect(iteration)) {
        result.interrupted = true;
        break;
      }
      score(iteration);
      if (!replacement_) {
        differentiate(iteration);
        update();
      }
      commit(iteration);
      report(iteration);
    }
    result.finished = iteration;
    return result;
  }

 private:
  static int stored_policies(const RunStore& store, int seeds) {
    const std::optional<Array> initial = store.policy(initial_name);
    return initial ? static_cast<int>(initial->shape.at(0)) : seeds;
  }

  std::unique_ptr<Engine> make_engine() const {
    const BatchShape shape = source_.shape();
    if (shape.policies != policies_) {
      throw Error(Exit::input,
                  "the run has " + std::to_string(policies_) + " policies, its rollouts are of " +
                      std::to_string(shape.policies),
                  store_.directory().string(), "start another run for these rollouts");
    }
    return Engine::create(
        engine_spec(e_, options_.backend, precision_name(e_.common.precision), shape.segments),
        shape);
  }

  void restore() {
    const std::vector<std::int64_t> layout = {policies_, engine_->parameters()};
    if (const std::optional<Checkpoint> last = store_.latest()) {
      theta_ = last->policies.values<double>();
      optimiser_->set_state(last->optimiser.shape == std::vector<std::int64_t>{0}
                                ? std::vector<double>{}
                                : last->optimiser.values<double>());
    } else if (const std::optional<Array> initial = store_.policy(initial_name)) {
      theta_ = initial->values<double>();
    } else {
      theta_ = initial_policies(e_, policies_, engine_->parameters());
      store_.put_policy(initial_name, Array::of(theta_.data(), layout));
    }
    if (theta_.size() != static_cast<std::size_t>(layout[0] * layout[1])) {
      throw Error(Exit::input, "the stored policies do not fit this robot",
                  store_.directory().string(), "resume with the program that started the run");
    }
  }

  /// False where the run is to end first.
  bool collect(int iteration) {
    const TraceRange range("collect rollouts");
    engine_->set_policies(theta_);
    const std::optional<Windows> windows = source_.next(iteration, theta_, *engine_);
    if (windows) windows_ = *windows;
    return windows.has_value();
  }

  void score(int iteration) {
    const TraceRange range("score");
    engine_->score(windows_, scores_);
    cost_.clear();
    for (int p = 0; p < policies_; ++p) cost_.push_back(mean_of(scores_.loss, p));
    replacement_ = source_.replace_update(iteration, cost_);
    if (!replacement_) return;
    theta_ = replacement_->theta;
    optimiser_ = make_optimiser(e_.common.optimiser, policies_, engine_->parameters());
  }

  void differentiate(int iteration) {
    const TraceRange range("gradient");
    engine_->gradient(windows_, gradient_options(e_), gradient_);
    if (*std::max_element(gradient_.used.begin(), gradient_.used.end()) > 0) return;
    const int slot = gradient_.status.front();
    throw Error(Exit::numeric,
                "the gradient leaves the numbers in every rollout of iteration " +
                    std::to_string(iteration) + ", at step " + std::to_string(slot) +
                    " of the first",
                e_.name,
                "shorten the chain (gradient.chain, gradient.truncate_steps), lower "
                "rollout.dt_s or optimiser.step, or change the controller");
  }

  void update() {
    const TraceRange range("optimise");
    norms_ = gradient_norms(gradient_.mean, policies_);
    optimiser_->step(theta_, gradient_.mean, gradient_.used);
  }

  void commit(int iteration) {
    const TraceRange range("commit");
    Iteration record;
    record.index = iteration;
    if (replacement_) record.events.push_back(replacement_->why);
    for (int p = 0; p < policies_; ++p) {
      const bool used = !replacement_ && gradient_.used[static_cast<std::size_t>(p)] > 0;
      Metric m;
      m.policy = p;
      m.cost = cost_[static_cast<std::size_t>(p)];
      m.path_error = mean_of(scores_.path_error, p);
      m.gradient_norm =
          used ? norms_[static_cast<std::size_t>(p)] : std::numeric_limits<double>::quiet_NaN();
      m.step = e_.common.optimiser.step;
      record.metrics.push_back(m);
      if (!used && !replacement_) {
        record.events.push_back("seed " + std::to_string(seed_of_policy(e_, p)) +
                                ": the gradient left the numbers, its policy was not updated");
      }
    }
    record.policies = Array::of(theta_.data(), {policies_, engine_->parameters()});
    const std::vector<double> state = optimiser_->state();
    if (!state.empty()) {
      record.optimiser = Array::of(state.data(), {static_cast<std::int64_t>(state.size())});
    }
    if (!source_.keeps_own_rollouts() && keeps_rollouts(iteration)) {
      record.rollouts = engine_->shape().trajectories();
      record.rollout = [&](std::int64_t b) { return stored_rollout(iteration, b); };
    }
    store_.commit(record);
    last_ = record.metrics;
  }

  bool keeps_rollouts(int iteration) const {
    const Keep keep = e_.common.store.rollouts;
    const bool end = iteration == 0 || iteration + 1 == e_.common.optimiser.iterations;
    return keep == Keep::all || (keep == Keep::ends && end);
  }

  StoredRollout stored_rollout(int iteration, std::int64_t b) const {
    const BatchShape& shape = engine_->shape();
    LoggedRollout logged = source_.logged(*engine_, b);
    logged.recorded_loss = scores_.loss[static_cast<std::size_t>(b)];
    StoredRollout r;
    r.iteration = iteration;
    r.policy = static_cast<int>(b / shape.rollouts);
    r.rollout = static_cast<int>(b % shape.rollouts);
    r.provenance = logged.log;
    r.arrays = arrays_of(logged);
    return r;
  }

  void report(int iteration) const {
    if (!options_.on_iteration) return;
    std::vector<double> cost, path, norm;
    for (const Metric& m : last_) {
      cost.push_back(m.cost);
      path.push_back(m.path_error);
      norm.push_back(m.gradient_norm);
    }
    options_.on_iteration({iteration, e_.common.optimiser.iterations, spread_of(cost),
                           spread_of(path), spread_of(norm).mean});
  }

  double mean_of(const std::vector<double>& values, int policy) const {
    const int rollouts = e_.common.rollout.per_update;
    double sum = 0;
    for (int r = 0; r < rollouts; ++r) {
      sum += values[static_cast<std::size_t>(policy * rollouts + r)];
    }
    return sum / rollouts;
  }

  const Experiment& e_;
  const TrainingOptions& options_;
  RunStore& store_;
  int policies_;
  std::unique_ptr<RolloutSource> own_source_;
  RolloutSource& source_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Optimiser> optimiser_;
  Windows windows_;
  std::vector<double> theta_;  // [P, np]
  Scores scores_;
  std::vector<double> cost_;                // [P]
  std::optional<Replacement> replacement_;  // of this iteration's update
  Gradient gradient_;
  std::vector<double> norms_;
  std::vector<Metric> last_;
};

}  // namespace

Spread spread_of(const std::vector<double>& values) {
  double sum = 0;
  int n = 0;
  for (const double v : values) {
    if (!std::isfinite(v)) continue;
    sum += v;
    ++n;
  }
  if (n == 0) return {std::nan(""), std::nan("")};
  const double mean = sum / n;
  double squares = 0, widest = 0;
  for (const double v : values) {
    if (!std::isfinite(v)) continue;
    squares += (v - mean) * (v - mean);
    widest = std::max(widest, std::abs(v - mean));
  }
  // What the rounding of the mean makes of equal values is no spread.
  const bool equal = widest <= 1e-14 * std::abs(mean);
  return {mean, n > 1 && !equal ? std::sqrt(squares / (n - 1)) : 0.0};
}

std::vector<double> initial_policies(const Experiment& e, int policies, int parameters) {
  std::vector<double> theta;
  for (int p = 0; p < policies; ++p) {
    RandomStream stream(seed_of_policy(e, p), Draw::policy, 0, 0);
    const std::vector<double> one = e.setup.initial_policy(stream, parameters);
    theta.insert(theta.end(), one.begin(), one.end());
  }
  return theta;
}

TrainingResult train(const Experiment& experiment, const TrainingOptions& options,
                     RunStore& store) {
  return Training(experiment, options, store).run();
}

}  // namespace phigrad
