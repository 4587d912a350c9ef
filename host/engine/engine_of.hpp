// The engine in one precision: buffers of a batch on a device, and the calls that run its kernels.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "host/engine/buffer_sizes.hpp"
#include "host/engine/engine.hpp"
#include "host/engine/stretches.hpp"
#include "host/engine/training_buffers.hpp"
#include "host/statistics/exact_value.hpp"

namespace phigrad {

/// A backend chosen for a robot, with its kernels.
template <class S>
struct Placement {
  std::unique_ptr<Device> device;
  const RobotKernels<S>* kernels;
  std::string description;
  RunsOn runs_on;
  bool recompute = false;  // samples are simulated again
};

template <class S>
class EngineOf : public Engine {
 public:
  EngineOf(const EngineSpec& spec, const BatchShape& shape, Placement<S> placement);

  const BatchShape& shape() const override { return shape_; }
  int nx() const override { return k_.nx; }
  int nu() const override { return k_.nu; }
  int nz() const override { return k_.nz; }
  int parameters() const override { return parameters_; }
  bool has_path() const override { return k_.has_path; }
  bool has_setpoint_command() const override { return k_.has_setpoint_command; }
  bool head_depends_on_state() const override { return k_.head_depends_on_state; }
  std::string description() const override { return description_; }
  const RunsOn& runs_on() const override { return runs_on_; }
  std::int64_t memory() const override { return device_->most_allocated(); }

  void set_policies(const std::vector<double>& theta) override;
  void set_plant(const std::vector<double>& packs) override {
    repeatable_ = false;
    set_packs(plant_, packs, k_.plant_size);
  }
  void set_model(const std::vector<double>& packs) override {
    ahead_.reset();
    set_packs(model_, packs, k_.model_size);
  }
  void set_settings(const std::vector<double>& policy) override;
  void disturb(const Disturbance& disturbance) override;
  void set_baseline(const std::vector<double>& cost) override;
  void differentiate(Derivatives of) override;
  void expect(const std::optional<Expectation>& expectation) override;
  void simulate(const std::vector<double>& states, const std::vector<double>& times) override;
  void load(const std::vector<GridTrajectory>& recorded) override;
  void load_segments(int first, const GridTrajectory& part) override;
  void decide() override;
  void score(const Windows& windows, Scores& scores) override;
  void gradient(const Windows& windows, const GradientOptions& options,
                Gradient& gradient) override;
  void add_gradient(const Windows& windows, const GradientOptions& options,
                    GradientSums& sums) override;
  void differentiate_ahead(const Windows& windows, const GradientOptions& options,
                           int end) override;
  int iterations_at_once(const Expectation& asked) const override;
  void begin_training(const std::vector<double>& theta, const std::vector<UpdateRule>& rules,
                      int updates) override;
  void train(const TrainingStarts& starts, TrainingHistory& history) override;
  std::vector<double> trained() const override;
  void adjoint(const Windows& windows, const GradientOptions& options, Gradient& gradient) override;
  std::vector<double> decision_gradient(std::int64_t b) const override;
  Trajectory trajectory(std::int64_t b) const override;
  std::vector<std::vector<double>> commands(bool from_setpoints) override;
  std::vector<Linearisation> linearise() override;
  std::vector<std::vector<TransitionMatrix>> transition(
      const std::vector<std::pair<int, int>>& pairs) override;
  std::vector<std::array<double, n_suprema>> suprema(const Windows& windows) override;
  std::vector<GrowthCurve> growth(int max_lag, GrowthCounts* counts) override;

 private:
  /// What the next score() and gradient() need not do again.
  struct Ahead {
    Windows windows;
    GradientOptions options;
    int adjoint = 0;    // segments
    int pull_back = 0;  // segments; all of them: reduced, too
    bool scored = false;

    /// Begins anew, in the memory that it has.
    void start(const Windows& w, const GradientOptions& o) {
      windows = w;
      options = o;
      reset();
    }
    void reset() {
      adjoint = pull_back = 0;
      scored = false;
    }
    bool is_of(const Windows& w, const GradientOptions& o) const {
      return adjoint > 0 && windows == w && options == o;
    }
  };

  RowBuffer<S> rows(const Formula& n) { return {*device_, n.value(), slots_.count, slots_.width}; }
  BatchView<S> batch() const;

  // Where samples are simulated again (engine_again.inl):
  bool recomputes() const { return sizes_.again > 0; }
  /// Throws where what is asked needs them all.
  void require_samples(const char* what) const;
  /// Throws where they would be others by now.
  void require_repeatable() const;
  /// The last simulation, of a range of segments, again.
  RolloutArgs<S> again(const RolloutArgs<S>& first, SegmentRange range) const;
  /// f(range) for the segments that are simulated again at a time, as a gradient goes through them.
  template <class F>
  void each_range(Chain chain, const F& f) const;
  void score_again(const ScoreView<S>& score);
  Trajectory trajectory_again(std::int64_t b) const;
  /// The adjoint of blocks that were simulated by `rollout`.
  void launch_adjoint(const RolloutArgs<S>& rollout, const AdjointArgs<S>& adjoint,
                      LaunchRange blocks) const;
  /// Blocks whose samples and decisions stay in the cache from one kernel to the next.
  std::int64_t blocks_in_cache() const;

  /// What simulate() is told of where and when trajectories start.
  void set_start_times(const std::vector<double>& times);
  RolloutArgs<S> simulation();
  // Training where the policies lie (engine_training.inl):
  BeginIterationArgs<S> begin_iteration_args(bool with_times);
  UpdateArgs<S> update_args();
  /// Whether the starts' times are among what it laid out, since they change.
  bool lay_out(const TrainingStarts& starts);
  void read_history(int iterations, TrainingHistory& history);

  PolicyView<S> policy() const;
  WindowView<S> window(const Windows& windows);
  void set_packs(RowBuffer<S>& buffer, const std::vector<double>& packs, int size);
  /// Pack and integrator of what is differentiated.
  Rows<S> dynamics() const { return of_plant_ ? plant_.view() : model_.view(); }
  Integrator integrator() const {
    return of_plant_ ? spec_.plant_integrator : spec_.model_integrator;
  }
  ScoreView<S> score_view(const Windows& windows);
  AdjointArgs<S> adjoint_args(const Windows& windows, const GradientOptions& options,
                              SegmentRange range);
  PullBackArgs<S> pull_back_args(SegmentRange range, std::int64_t first_block) const;
  bool through_head(const GradientOptions& options) const {
    return options.chain != Chain::segment && k_.head_depends_on_state && has_policies_;
  }
  bool needs_head_jacobian(const GradientOptions& options) const {
    return through_head(options) && passes_decisions_again(options.chain, options.truncate);
  }
  /// Rolls out, scores and differentiates part by part, up to the decisions or, with `pulls_back`,
  /// θ; after(first block, blocks) launches what is made of a chunk.
  template <class After>
  void launch_expected(const RolloutArgs<S>& rollout, const AdjointArgs<S>& adjoint,
                       const GradientOptions& options, bool pulls_back, const After& after);
  /// All that is expected of the batch, part by part.
  void run_expected(RolloutArgs<S> rollout);
  void run_adjoint(const Windows& windows, const GradientOptions& options, SegmentRange range);
  /// The gradient's stretches, where they are worth being cut out of the batch; else none.
  Stretches stretches_to_cut(const Windows& windows, const GradientOptions& options,
                             SegmentRange range) const;
  void run_cut_adjoint(const AdjointArgs<S>& args, const Stretches& stretches);
  void run_likelihood_ratio(const Windows& windows);
  /// The estimate that the options ask for, up to the decisions.
  void run_estimator(const Windows& windows, const GradientOptions& options, SegmentRange range);
  void read_status(std::vector<int>& status);
  void read_status(Gradient& gradient);
  /// Σ g and, with `squares`, Σ g² of the batch, into sums_ or totals_; calls chunk(first_slot,
  /// count) where there are none.
  template <class Chunk>
  void pull_back(SegmentRange range, bool squares, const Chunk& chunk);
  /// Makes what the gradients are added up in, before launches that may be captured.
  void make_room_for_sums(bool squares);
  void clear_sums(bool squares);
  /// Begins arguments_ of a sequence that begins with kernel `first` and pulls that range back.
  template <class Kernel>
  void start_arguments(Kernel first, SegmentRange range, bool squares);
  ReduceArgs<S> reduce_args(std::int64_t first_block, std::int64_t blocks, bool squares) const;
  /// Adds up a chunk's gradients, in sums_ or totals_.
  void reduce(std::int64_t first_block, std::int64_t blocks, bool squares);
  void read_means(std::int64_t first_slot, std::int64_t count, Gradient& gradient);
  void read_sums(const GradientOptions& options, Gradient& gradient);
  /// Column b of a buffer, in doubles.
  std::vector<double> column(const RowBuffer<S>& buffer, std::int64_t b) const;
  /// All of them, [B][rows].
  std::vector<std::vector<double>> columns(const RowBuffer<S>& buffer) const;
  /// The closed loop of every trajectory without its padded slots, and each one's length.
  RowBuffer<S> closed_loops(RowBuffer<S>& lengths, int& longest);

  EngineSpec spec_;
  BatchShape shape_;
  std::unique_ptr<Device> device_;
  RobotKernels<S> k_;
  std::string description_;
  RunsOn runs_on_;
  BufferSizes sizes_;
  const Slots& slots_;
  int parameters_;
  RolloutArgs<S> simulated_{};  // as the batch was, last
  bool repeatable_ = false;     // it would give the same samples
  bool of_plant_ = false;       // differentiate(Derivatives::plant) was called
  bool has_policies_ = false;   // set_policies was called
  std::optional<Expectation> expectation_;
  Ahead ahead_;
  LaunchArguments arguments_;  // of what is launched again and again
  std::vector<S> staging_;
  mutable std::vector<S> read_back_;

  DeviceArray<S> theta_shared_;
  RowBuffer<S> theta_lane_;
  DeviceArray<S> schedule_;
  RowBuffer<S> plant_, model_, initial_;
  RowBuffer<S> noise_deviation_, faults_, baseline_;
  int delay_ = 0;  // steps that a command takes to the plant
  bool has_faults_ = false;
  LeftToChance drawn_{};
  DeviceArray<NoiseKey> noise_keys_;
  RowBuffer<S> states_, inputs_, decisions_, segment_time_, since_, count_, decided_at_, status_;
  std::vector<double> simulated_from_;  // start times [B] that segment_time_ holds; empty: others
  RowBuffer<S> setpoints_;
  RowBuffer<S> window_end_, loss_, path_error_;
  std::vector<double> windows_until_;  // Windows::end that window_end_ holds
  RowBuffer<S> decision_bar_, head_jacobian_, adjoint_status_, theta_bar_, carry_;
  std::optional<CutBatch<S>> cut_;
  DeviceArray<GradientSum> sums_;
  DeviceArray<double> totals_;
  DeviceArray<GradientSum> partials_;
  std::optional<TrainingBuffers<S>> training_;
  std::vector<GradientSum> host_sums_;
  std::vector<double> host_totals_;
};

extern template class EngineOf<float>;
extern template class EngineOf<double>;

}  // namespace phigrad
