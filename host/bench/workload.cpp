#include "host/bench/workload.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "host/experiment/in_place.hpp"
#include "host/experiment/simulated_source.hpp"
#include "host/train/optimiser.hpp"

namespace phigrad {
namespace {

/// The rollouts of one set, under one policy or several.
class SimulatedWork : public Workload {
 public:
  explicit SimulatedWork(const BenchCase& c, int policies = 1, bool all_samples = false)
      : case_(c), asked_(c.expectation()), engine_(c.engine(policies, false, all_samples)) {
    for (int p = 0; p < policies; ++p) theta_.insert(theta_.end(), c.theta.begin(), c.theta.end());
    engine_->set_policies(theta_);
  }
  const Engine& engine() const override { return *engine_; }

 protected:
  void simulate(std::size_t set) {
    const SimulatedStarts& starts = case_.sets[set];
    if (!starts.disturbance.keys.empty()) engine_->disturb(starts.disturbance);
    engine_->simulate(starts.states, starts.times);
  }
  void differentiate() {
    engine_->score(asked_.windows, scores_);
    engine_->gradient(asked_.windows, asked_.options, gradient_);
  }

  const BenchCase& case_;
  Expectation asked_;
  std::unique_ptr<Engine> engine_;
  std::vector<double> theta_;  // [P, np]
};

class RolloutWork : public SimulatedWork {
 public:
  using SimulatedWork::SimulatedWork;
  void run(std::size_t set) override { simulate(set); }
};

class GradientWork : public SimulatedWork {
 public:
  explicit GradientWork(const BenchCase& c) : SimulatedWork(c) { engine_->expect(asked_); }
  void run(std::size_t set) override {
    simulate(set);
    differentiate();
  }
};

/// Whatever works on rollouts that are there: those of the first set.
class LoadedWork : public SimulatedWork {
 public:
  explicit LoadedWork(const BenchCase& c, bool all_samples = false)
      : SimulatedWork(c, 1, all_samples) {
    simulate(0);
  }
};

class AdjointWork : public LoadedWork {
 public:
  using LoadedWork::LoadedWork;
  void run(std::size_t /*set*/) override {
    engine_->adjoint(asked_.windows, asked_.options, gradient_);
  }
};

class TransitionWork : public LoadedWork {
 public:
  explicit TransitionWork(const BenchCase& c) : LoadedWork(c, true) {
    // From eight steps of the rollout to its end.
    constexpr int pairs = 8;
    const int steps = c.steps();
    for (int i = 0; i < pairs; ++i) pairs_.emplace_back(steps, steps * i / pairs);
  }
  void run(std::size_t /*set*/) override { engine_->transition(pairs_); }

 private:
  std::vector<std::pair<int, int>> pairs_;
};

class GrowthWork : public LoadedWork {
 public:
  explicit GrowthWork(const BenchCase& c) : LoadedWork(c, true) {}
  void run(std::size_t /*set*/) override { engine_->growth(case_.steps()); }
};

/// An iteration of training without its store: starts, rollouts, scores, gradient, update. Each
/// goes from the same policies, so that none runs away.
class IterationWork : public SimulatedWork {
 public:
  explicit IterationWork(const BenchCase& c)
      : SimulatedWork(c),
        source_({{&c.experiment}, 1}),
        optimiser_(make_optimiser(c.experiment.common.optimiser, 1, engine_->parameters())) {}
  void run(std::size_t set) override {
    theta_ = case_.theta;
    engine_->set_policies(theta_);
    source_.next(static_cast<int>(set), theta_, *engine_);
    differentiate();
    optimiser_->step(theta_.data(), gradient_.mean.data(), gradient_.used.data());
  }

 private:
  SimulatedSource source_;
  std::unique_ptr<Optimiser> optimiser_;
};

/// Updates of many policies, each of the config's rollouts, where they lie: as many as the engine
/// makes at once, and eight at most, of size 0, so that each call does the same work. Where it
/// makes none there, one by way of the host, each from the same policies.
class PopulationWork : public SimulatedWork {
 public:
  explicit PopulationWork(const BenchCase& c)
      : SimulatedWork(c, policies_of(c)),
        iterations_(std::min(8, engine_->iterations_at_once(asked_))) {
    if (iterations_ == 0) {
      engine_->expect(asked_);
      start_ = theta_;
      optimiser_ =
          make_optimiser(c.experiment.common.optimiser, policies_of(c), engine_->parameters());
      return;
    }
    UpdateRule rule = update_rules({{&c.experiment}, 1}).front();
    rule.step = 0;
    constexpr int updates = 1 << 17;  // of all calls
    engine_->begin_training(theta_, {rule}, updates);
    starts_.resize(c.sets.size());
    for (std::size_t set = 0; set < starts_.size(); ++set) {
      TrainingStarts& s = starts_[set];
      s.asked = asked_;
      s.iterations = iterations_;
      for (int i = 0; i < iterations_; ++i) {
        const SimulatedStarts& of = c.sets[(set + static_cast<std::size_t>(i)) % c.sets.size()];
        s.states.insert(s.states.end(), of.states.begin(), of.states.end());
        s.times.insert(s.times.end(), of.times.begin(), of.times.end());
      }
    }
  }
  int iterations() const override { return std::max(1, iterations_); }
  void run(std::size_t set) override {
    if (iterations_ == 0) return run_by_host(set);
    if (!case_.sets[set].disturbance.keys.empty()) engine_->disturb(case_.sets[set].disturbance);
    engine_->train(starts_[set], history_);
    gradient_.status = history_.status;
  }

 private:
  /// As many as the batch holds of rollout.per_update rollouts; of one where that does not divide
  /// it.
  static int policies_of(const BenchCase& c) {
    return c.batch % c.rollouts_per_update == 0 ? c.batch / c.rollouts_per_update : c.batch;
  }

  void run_by_host(std::size_t set) {
    theta_ = start_;
    engine_->set_policies(theta_);
    simulate(set);
    differentiate();
    optimiser_->step(theta_.data(), gradient_.mean.data(), gradient_.used.data());
  }

  int iterations_;
  std::vector<TrainingStarts> starts_;  // by set
  // By way of the host:
  std::vector<double> start_;  // [P, np]
  std::unique_ptr<Optimiser> optimiser_;
};

/// A recorded batch: loaded, decided anew, scored, differentiated.
class ReplayWork : public Workload {
 public:
  explicit ReplayWork(const BenchCase& c) : asked_(c.expectation()), engine_(c.engine(1, true)) {
    engine_->set_policies(c.theta);
    const std::unique_ptr<Engine> simulator = c.engine(1, false, true);
    simulator->set_policies(c.theta);
    for (const SimulatedStarts& starts : c.sets) {
      simulator->disturb(starts.disturbance);
      simulator->simulate(starts.states, starts.times);
      std::vector<GridTrajectory> grids;
      grids.reserve(static_cast<std::size_t>(c.batch));
      for (int b = 0; b < c.batch; ++b) {
        grids.push_back(
            recorded(simulator->trajectory(b), starts.times[static_cast<std::size_t>(b)]));
      }
      recorded_.push_back(std::move(grids));
    }
  }
  const Engine& engine() const override { return *engine_; }

  void run(std::size_t set) override {
    engine_->load(recorded_[set]);
    engine_->decide();
    engine_->score(asked_.windows, scores_);
    engine_->gradient(asked_.windows, asked_.options, gradient_);
  }

 private:
  /// Whole segments, decided where they began.
  GridTrajectory recorded(Trajectory t, double start_s) const {
    const BatchShape& shape = engine_->shape();
    const int nx = engine_->nx();
    GridTrajectory grid;
    for (int j = 0; j < shape.segments; ++j) {
      grid.segment_time.push_back(start_s + j * (shape.dt * shape.steps_per_segment));
      grid.count.push_back(shape.steps_per_segment);
      const auto state = t.states.begin() + std::ptrdiff_t{j} * shape.steps_per_segment * nx;
      grid.decided_at.insert(grid.decided_at.end(), state, state + nx);
      for (int k = 0; k < shape.steps_per_segment; ++k) grid.since_refresh.push_back(k * shape.dt);
    }
    grid.states = std::move(t.states);
    grid.inputs = std::move(t.inputs);
    grid.decisions = std::move(t.decisions);
    grid.status = t.status;
    return grid;
  }

  Expectation asked_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::vector<GridTrajectory>> recorded_;  // by set, [B]
};

template <class W>
std::unique_ptr<Workload> make(const BenchCase& c) {
  return std::make_unique<W>(c);
}

}  // namespace

const std::vector<WorkloadKind>& workload_kinds() {
  static const std::vector<WorkloadKind> kinds = {
      {"rollout", "the plant rolled out", &make<RolloutWork>},
      {"gradient", "rollout, score, adjoint, pull-back and deterministic mean",
       &make<GradientWork>},
      {"adjoint", "the adjoint of rollouts that are loaded", &make<AdjointWork>},
      {"transition", "eight products Phi(T, s) of loaded rollouts", &make<TransitionWork>},
      {"growth", "growth of Phi over all pairs of steps", &make<GrowthWork>},
      {"replay", "a recorded batch loaded, decided anew, scored, differentiated",
       &make<ReplayWork>},
      {"iteration", "an iteration of training, without the store", &make<IterationWork>},
      {"population",
       "updates of many policies where they lie, of rollout.per_update rollouts each (of one where "
       "those do not divide the batch)",
       &make<PopulationWork>},
  };
  return kinds;
}

std::unique_ptr<Workload> make_workload(const std::string& what, const BenchCase& c) {
  for (const WorkloadKind& kind : workload_kinds()) {
    if (what == kind.name) return kind.make(c);
  }
  throw std::invalid_argument("no work called " + what);
}

}  // namespace phigrad
