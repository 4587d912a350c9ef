#include "host/experiment/training.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <optional>

#include "host/experiment/learner.hpp"
#include "host/rollouts/stored_rollout.hpp"
#include "host/support/error.hpp"
#include "host/support/trace.hpp"

namespace phigrad {
namespace {

constexpr const char* initial_name = "initial";

/// An update that moves every policy by this times its own length, and one, is no update.
constexpr double absurd_update = 1e6;

/// One training run: what the learner computes, kept in the store.
class Training {
 public:
  Training(const Experiment& experiment, const TrainingOptions& options, RunStore& store)
      : e_(experiment),
        options_(options),
        store_(store),
        cohort_{{&experiment}, stored_policies(store, options.seeds)},
        own_source_(options.source != nullptr ? nullptr
                                              : make_source(experiment, cohort_.policies())),
        source_(options.source != nullptr ? *options.source : *own_source_),
        learner_(cohort_, source_, options.backend) {
    restore();
  }

  TrainingResult run() {
    TrainingResult result;
    result.backend = learner_.engine().description();
    int iteration = store_.next_iteration();
    for (; iteration < e_.common.optimiser.iterations; ++iteration) {
      if (options_.stop != nullptr && options_.stop->load()) {
        result.interrupted = true;
        break;
      }
      if (!learner_.collect(iteration)) {
        result.interrupted = true;
        break;
      }
      score(iteration);
      if (!replacement_) {
        differentiate(iteration);
        learner_.update();
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

  void restore() {
    const std::vector<std::int64_t> layout = {cohort_.policies(), learner_.parameters()};
    if (const std::optional<Checkpoint> last = store_.latest()) {
      require_resumable();
      learner_.set_theta(last->policies.values<double>());
      learner_.optimiser(0).set_state(last->optimiser.shape == std::vector<std::int64_t>{0}
                                          ? std::vector<double>{}
                                          : last->optimiser.values<double>());
    } else if (const std::optional<Array> initial = store_.policy(initial_name)) {
      learner_.set_theta(initial->values<double>());
    } else {
      learner_.set_theta(initial_policies(cohort_, learner_.parameters()));
      store_.put_policy(initial_name, Array::of(learner_.theta().data(), layout));
    }
    if (learner_.theta().size() != static_cast<std::size_t>(layout[0] * layout[1])) {
      throw Error(Exit::input, "the stored policies do not fit this robot",
                  store_.directory().string(), "resume with the program that started the run");
    }
  }

  void require_resumable() const {
    if (can_be_resumed(e_)) return;
    throw Error(Exit::input, "a run whose model is fitted as it goes cannot be resumed",
                store_.directory().string(), "start it again in another directory");
  }

  void score(int iteration) {
    learner_.score();
    replacement_ = source_.replace_update(iteration, learner_.cost());
    if (replacement_) learner_.restart(replacement_->theta);
  }

  void differentiate(int iteration) {
    learner_.differentiate();
    const Gradient& g = learner_.gradient();
    const std::string where = " of iteration " + std::to_string(iteration);
    if (*std::max_element(g.used.begin(), g.used.end()) == 0) {
      stop("the gradient leaves the numbers in every rollout" + where + ", at step " +
           std::to_string(g.status.front()) + " of the first");
    }
    const double update = smallest_update();
    if (update > absurd_update) {
      char text[32];
      std::snprintf(text, sizeof text, "%.1g", update);
      stop(std::string("the gradient") + where + " would move every policy by " + text +
           " times its own length");
    }
  }

  [[noreturn]] void stop(const std::string& problem) const {
    throw Error(Exit::numeric, problem, e_.name,
                "shorten the chain (gradient.chain, gradient.truncate_steps), lower "
                "rollout.dt_s or optimiser.step, or change the controller");
  }

  /// The least that gradient descent without clipping would move a policy by, over one more than
  /// the policy's length; 0 for other rules, whose updates are bounded.
  double smallest_update() const {
    const OptimiserSettings& o = e_.common.optimiser;
    if (o.type != OptimiserKind::gradient_descent || o.clip_norm > 0) return 0;
    const std::vector<double> lengths = gradient_norms(learner_.theta(), cohort_.policies());
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t p = 0; p < lengths.size(); ++p) {
      if (learner_.gradient().used[p] == 0) continue;
      least = std::min(least, o.step * learner_.gradient_norm()[p] / (1 + lengths[p]));
    }
    return least;
  }

  void commit(int iteration) {
    const TraceRange range("commit");
    Iteration record;
    record.index = iteration;
    if (replacement_) record.events.push_back(replacement_->why);
    for (int p = 0; p < cohort_.policies(); ++p) {
      const auto i = static_cast<std::size_t>(p);
      const bool used = !replacement_ && learner_.gradient().used[i] > 0;
      Metric m;
      m.policy = p;
      m.cost = learner_.cost()[i];
      m.path_error = learner_.path_error()[i];
      m.gradient_norm =
          used ? learner_.gradient_norm()[i] : std::numeric_limits<double>::quiet_NaN();
      m.step = e_.common.optimiser.step;
      record.metrics.push_back(m);
      if (!used && !replacement_) {
        record.events.push_back("seed " + std::to_string(cohort_.seed_of(p)) +
                                ": the gradient left the numbers, its policy was not updated");
      }
    }
    record.policies =
        Array::of(learner_.theta().data(), {cohort_.policies(), learner_.parameters()});
    const std::vector<double> state = learner_.optimiser(0).state();
    if (!state.empty()) {
      record.optimiser = Array::of(state.data(), {static_cast<std::int64_t>(state.size())});
    }
    if (!source_.keeps_own_rollouts() && keeps_rollouts(iteration)) {
      record.rollouts = learner_.engine().shape().trajectories();
      record.rollout = [&](std::int64_t b) { return stored_rollout(iteration, b); };
    }
    store_.commit(record);
    last_ = record.metrics;
  }

  bool keeps_rollouts(int iteration) const {
    if (perturbs(e_)) return false;  // they are of other parameters than the policy's
    const Keep keep = e_.common.store.rollouts;
    const bool end = iteration == 0 || iteration + 1 == e_.common.optimiser.iterations;
    return keep == Keep::all || (keep == Keep::ends && end);
  }

  StoredRollout stored_rollout(int iteration, std::int64_t b) const {
    LoggedRollout logged = source_.logged(learner_.engine(), b);
    logged.recorded_loss = learner_.scores().loss[static_cast<std::size_t>(b)];
    StoredRollout r;
    r.iteration = iteration;
    r.policy = learner_.policy_of(b);
    r.rollout = learner_.rollout_of(b);
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

  const Experiment& e_;
  const TrainingOptions& options_;
  RunStore& store_;
  Cohort cohort_;
  std::unique_ptr<RolloutSource> own_source_;
  RolloutSource& source_;
  Learner learner_;
  std::optional<Replacement> replacement_;  // of this iteration's update
  std::vector<Metric> last_;
};

}  // namespace

TrainingResult train(const Experiment& experiment, const TrainingOptions& options,
                     RunStore& store) {
  return Training(experiment, options, store).run();
}

}  // namespace phigrad
