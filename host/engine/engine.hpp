// The engine: one batch of trajectories of one robot, its gradients and its transition matrices, on
// whichever backend. The virtual boundary is one call a batch; numbers cross it as doubles.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/engine/results.hpp"
#include "kernels/entry/update_arguments.hpp"

namespace phigrad {

/// Where an engine runs, for figures; Engine::description() says it to people.
struct RunsOn {
  std::string flavour;  // "v4": the instruction set; "cuda"
  int lanes = 1;        // trajectories a register holds
  int threads = 0;      // of the processor; 0 on a GPU
};

/// How an engine has a batch's samples, its states and inputs.
enum class Tape {
  store,      // all of them, in memory
  recompute,  // simulated again, a stretch of segments after the other, when they are asked for
  automatic   // as is expected to be faster where it runs (host/engine/tape.hpp)
};

/// Whether a policy's network is on a GPU's tensor cores, in rollouts and gradients: to other bits
/// than without them, to nearly all that floats have or (bf16) from operands of 8.
enum class TensorCores { off, tf32x3, bf16 };

/// What will be asked of an engine beside rollouts, scores and gradients of what a segment decided:
/// it takes memory.
struct Asked {
  bool disturbance = false;    // of simulations
  bool head_jacobian = false;  // gradients for which passes_decisions_again()
  bool suprema = false;
  int growth_counts = 0;  // growth(), in so many sets of counts: P / GrowthCounts::policies
  bool sums = false;      // add_gradient(), or a variance
  int stretch = 0;        // gradients that run through so many segments on their own; 0: none
  int rules = 0;          // begin_training() with so many rules, of Adam, for so many updates
  bool adam = false;
  int updates = 0;
  // What Tape::recompute cannot do:
  bool faults = false;  // of sensors and commands, in the disturbance
  bool all_samples =
      false;  // other things than scores, the model's gradients and a few trajectories
};

/// What the kernels of a robot need beside the trajectories.
struct EngineSpec {
  std::string kernels;              // bundle in the registry, "car"
  std::string precision = "float";  // "float" or "double"
  std::string backend = "auto";     // "cpu", "cuda", "auto"
  std::string flavour;              // CPU instruction set; empty: the best there is
  int threads = 0;                  // 0: all this process may use
  std::int64_t chunk_blocks = 0;    // blocks whose gradients are held at once; 0: as memory suits
  std::int64_t memory_bytes = 0;    // that the batch may take; 0: three quarters of what is free
  Tape tape = Tape::store;
  TensorCores tensor_cores = TensorCores::off;
  Asked asked;
  Integrator plant_integrator = Integrator::euler;
  Integrator model_integrator = Integrator::euler;
  std::vector<double> policy;     // policy pack
  std::vector<double> objective;  // objective pack
  std::vector<double> schedule;   // [slots, n_schedule], may be empty
};

/// Sizes of a batch; all buffers are made for them at construction, or, where they do not fit in
/// memory, those of its largest part.
struct BatchShape {
  int policies = 1;           // P
  int rollouts = 1;           // R of each policy; trajectory b = policy · R + rollout
  int segments = 1;           // S
  int steps_per_segment = 1;  // K
  double dt = 0;              // s
  bool ragged = false;        // segments of differing length (recorded, live)

  std::int64_t trajectories() const { return std::int64_t{policies} * rollouts; }
  int slots() const { return segments * steps_per_segment; }
};

/// A recorded or live trajectory on the grid of segments × steps; see BatchView.
struct GridTrajectory {
  std::vector<double> states;         // [S·K + 1, nx]
  std::vector<double> inputs;         // [S·K, nu]
  std::vector<double> decisions;      // [S + 1, nz]
  std::vector<double> segment_time;   // [S], s
  std::vector<double> since_refresh;  // [S·K], s
  std::vector<double> count;          // [S]
  std::vector<double> decided_at;     // [S, nx]
  std::vector<double> setpoints;      // [S·K, 6], may be empty
  double status = -1;                 // −1, or the first slot that is not finite
};

/// Windows of `length` segments after `drop`, stride 1, that end by segment end[b].
struct Windows {
  int drop = 0;
  int length = 1;
  std::vector<double> end;  // [B], or [1] for all

  bool operator==(const Windows& o) const {
    return drop == o.drop && length == o.length && end == o.end;
  }
};

/// Where a gradient comes from: the adjoint through the model's derivatives, or the exploration
/// noise of the inputs, without a model (which needs disturb(); chain and truncation do not count).
enum class Estimator { model, likelihood_ratio };

/// Whether sensitivities come by a decision more than once; how it answers to its state is then
/// kept.
inline bool passes_decisions_again(Chain chain, int truncate) {
  return chain == Chain::window || (chain == Chain::rollout && truncate > 0);
}

struct GradientOptions {
  Chain chain = Chain::segment;
  int truncate = 0;       // steps; 0 = no limit
  bool variance = false;  // over the rollouts of a policy (needs R ≥ 2)
  Estimator estimator = Estimator::model;

  bool operator==(const GradientOptions& o) const {
    return chain == o.chain && truncate == o.truncate && variance == o.variance &&
           estimator == o.estimator;
  }
};

/// Bytes of a batch that a thread simulates, scores and differentiates at a time where that is
/// expected: what its second cache holds.
inline constexpr std::int64_t bytes_at_once = std::int64_t{256} << 10;

/// What will be asked of a batch.
struct Expectation {
  Windows windows;
  GradientOptions options;  // of Estimator::model
};

/// What disturbs simulations.
struct Disturbance {
  std::vector<NoiseKey> keys;     // [B]; empty: nothing does
  std::vector<double> deviation;  // [B, nx + nu] or [nx + nu], of the noise of the next state's and
                                  // the input's
  std::vector<double> faults;     // [B, fault_numbers(nx, nu)] or that many; empty: none
  int delay = 0;                  // steps that a command takes to the plant, where there are faults
};

/// Whose derivatives are taken along a trajectory.
enum class Derivatives { model, plant };

/// Iterations of training: where each one's rollouts start, and what they are differentiated by.
struct TrainingStarts {
  Expectation asked;                  // without a variance
  int iterations = 0;                 // N
  std::vector<double> states;         // [N, B, nx]
  std::vector<double> times;          // [N, B], s
  std::uint32_t noise_iteration = 0;  // NoiseKey::iteration of the first; one more for each next
};

class Engine {
 public:
  virtual ~Engine() = default;

  /// A batch that does not fit in memory (EngineSpec::memory_bytes) is worked on in parts, to the
  /// same bits: each is simulated, or loaded, again whenever something else is asked of it. Throws
  /// Error: Exit::input for an unknown bundle, an integrator the model does not have, or a pack of
  /// the wrong size, a tape that does not go with what is asked, or tensor cores for what they
  /// cannot do; Exit::device for `cuda` or tensor cores without a GPU or for want of memory. With
  /// Tape::recompute what samples of all trajectories are read for, load() and decide() are
  /// refused: Error(Exit::input).
  static std::unique_ptr<Engine> create(const EngineSpec& spec, const BatchShape& shape);

  virtual const BatchShape& shape() const = 0;
  virtual int nx() const = 0;
  virtual int nu() const = 0;
  virtual int nz() const = 0;
  virtual int parameters() const = 0;  // np
  virtual bool has_path() const = 0;   // path_error is defined
  virtual bool has_setpoint_command() const = 0;
  virtual bool head_depends_on_state() const = 0;
  /// "cpu v3, 8 lanes, 2 threads" and, for `auto`, why.
  virtual std::string description() const = 0;
  virtual const RunsOn& runs_on() const = 0;
  /// Bytes of the device's memory that its buffers took at most since it was made.
  virtual std::int64_t memory() const = 0;
  /// In how many parts the batch is worked on; 1: it is all in memory.
  virtual std::int64_t parts() const { return 1; }

  virtual void set_policies(const std::vector<double>& theta) = 0;  // [P, np]
  virtual void set_plant(const std::vector<double>& packs) = 0;     // [B, size] or [size]
  virtual void set_model(const std::vector<double>& packs) = 0;     // [B, size] or [size]

  /// The policies' settings from now on, the robot's policy pack, in place of the spec's.
  virtual void set_settings(const std::vector<double>& policy) = 0;

  /// Of the simulations that follow; without keys, none. A plant with a state of its own takes no
  /// noise of states: throws Error(Exit::input).
  virtual void disturb(const Disturbance& disturbance) = 0;
  /// What a sample is expected to cost [B], from other trajectories than those that follow: the
  /// likelihood ratio subtracts it. 0 unless told. Needs noise.
  virtual void set_baseline(const std::vector<double>& cost) = 0;
  /// Whose derivatives are taken from now on, with whose integrator: the model's unless told. The
  /// plant's only where it is of the model's type: else throws Error(Exit::input).
  virtual void differentiate(Derivatives of) = 0;

  /// What will be asked of each batch that is simulated from now on: simulate() scores and
  /// differentiates it too, block by block, while a block is in the cache, and score(), gradient()
  /// or add_gradient() find it done, to the same bits, if nothing that they depend on was changed
  /// in between. Without one, simulate() simulates alone.
  virtual void expect(const std::optional<Expectation>& expectation) = 0;
  /// Rolls the plant out from states [B, nx] at task times [B], s.
  virtual void simulate(const std::vector<double>& states, const std::vector<double>& times) = 0;
  /// Takes recorded trajectories instead (shape().ragged).
  virtual void load(const std::vector<GridTrajectory>& recorded) = 0;
  /// For a batch of one trajectory that is still arriving: takes its segments from `first` on, as
  /// many as `part` has, the state behind them where it has that, and its status.
  virtual void load_segments(int first, const GridTrajectory& part) = 0;
  /// Replaces the decisions by those of the policies at the recorded states.
  virtual void decide() = 0;

  virtual void score(const Windows& windows, Scores& scores) = 0;
  virtual void gradient(const Windows& windows, const GradientOptions& options,
                        Gradient& gradient) = 0;
  /// Adds the sums of this batch's gradients to `sums`, which is empty or of another batch.
  virtual void add_gradient(const Windows& windows, const GradientOptions& options,
                            GradientSums& sums) = 0;
  /// Differentiates what gradient() would of the segments before `end`, which are loaded. The next
  /// gradient() goes on from there, to the same bits, if its windows and options are these and no
  /// policy, model or loaded segment was changed in between. Chain segment and batches of one
  /// trajectory alone: else gradient() does it all.
  virtual void differentiate_ahead(const Windows& windows, const GradientOptions& options,
                                   int end) = 0;
  /// The adjoint alone, up to the decisions: for batches without a policy.
  virtual void adjoint(const Windows& windows, const GradientOptions& options,
                       Gradient& gradient) = 0;
  /// ∂loss/∂z [S, nz] of trajectory b, left by the last gradient() or adjoint().
  virtual std::vector<double> decision_gradient(std::int64_t b) const = 0;

  /// Training where the policies lie, to the bits of simulate(), score(), gradient() and an
  /// Optimiser in turn, without the host in between. How many iterations a call of train() takes at
  /// most; 0: it is not for this engine, or those calls are faster.
  virtual int iterations_at_once(const Expectation& /*asked*/) const { return 0; }
  /// From policies theta [P, np], policy p by rule p / (P / rules), all of one kind.
  virtual void begin_training(const std::vector<double>& theta,
                              const std::vector<UpdateRule>& rules, int updates);
  /// Noise is as disturb() said last, which has keys of the first iteration.
  virtual void train(const TrainingStarts& starts, TrainingHistory& history);
  /// The policies [P, np] by now.
  virtual std::vector<double> trained() const;

  virtual Trajectory trajectory(std::int64_t b) const = 0;
  /// Inputs recomputed: through the plan, or (`from_setpoints`) from recorded setpoints [S·K, nu].
  virtual std::vector<std::vector<double>> commands(bool from_setpoints) = 0;
  virtual std::vector<Linearisation> linearise() = 0;  // [B]
  /// Φ(t, s) for pairs {t, s}, t ≥ s, over each trajectory's closed loop: [B][pair].
  virtual std::vector<std::vector<TransitionMatrix>> transition(
      const std::vector<std::pair<int, int>>& pairs) = 0;
  /// Suprema of what Theorem 1 asks for [B][n_suprema], plant against model (of one type).
  virtual std::vector<std::array<double, n_suprema>> suprema(const Windows& windows) = 0;
  /// Growth over all pairs up to max_lag [B]; padded slots are left out. Counts the pairs too,
  /// where `counts` is given.
  virtual std::vector<GrowthCurve> growth(int max_lag, GrowthCounts* counts) = 0;
  std::vector<GrowthCurve> growth(int max_lag) { return growth(max_lag, nullptr); }
};

}  // namespace phigrad
