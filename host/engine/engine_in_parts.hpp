// An engine for a batch that does not fit in memory: one engine works on its parts in turn.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/engine/engine_plan.hpp"

namespace phigrad {

/// Gives the bits of an engine that holds the whole batch: trajectories are computed alone, and
/// sums over them are exact. Where something is asked of a part that is no longer in memory, it is
/// simulated or loaded again, under the policies and parameters that were set then; what is
/// expected of a simulation (Engine::expect) is taken while each part is there, so that training
/// goes through each part once. What was given, [B, nx] starts or recorded trajectories, is kept.
class EngineInParts : public Engine {
 public:
  /// make(shape): an engine for so much of what is planned. Throws as it does.
  EngineInParts(const EnginePlan& plan,
                const std::function<std::unique_ptr<Engine>(const BatchShape& shape)>& make);

  const BatchShape& shape() const override { return cut_.whole; }
  int nx() const override { return engine_->nx(); }
  int nu() const override { return engine_->nu(); }
  int nz() const override { return engine_->nz(); }
  int parameters() const override { return engine_->parameters(); }
  bool has_path() const override { return engine_->has_path(); }
  bool has_setpoint_command() const override { return engine_->has_setpoint_command(); }
  bool head_depends_on_state() const override { return engine_->head_depends_on_state(); }
  std::string description() const override;
  const RunsOn& runs_on() const override { return engine_->runs_on(); }
  std::int64_t memory() const override;
  std::int64_t parts() const override { return cut_.parts(); }

  void set_policies(const std::vector<double>& theta) override;
  void set_plant(const std::vector<double>& packs) override;
  void set_model(const std::vector<double>& packs) override;
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
  /// Batches of one trajectory are never in parts: gradient() does it all.
  void differentiate_ahead(const Windows&, const GradientOptions&, int) override {}
  void adjoint(const Windows& windows, const GradientOptions& options, Gradient& gradient) override;
  std::vector<double> decision_gradient(std::int64_t b) const override;
  Trajectory trajectory(std::int64_t b) const override;
  std::vector<std::vector<double>> commands(bool from_setpoints) override;
  std::vector<Linearisation> linearise() override;
  std::vector<std::vector<TransitionMatrix>> transition(
      const std::vector<std::pair<int, int>>& pairs) override;
  std::vector<std::array<double, n_suprema>> suprema(const Windows& windows) override;
  /// Throws Error(Exit::device) where pairs are to be counted, or lengths differ.
  std::vector<GrowthCurve> growth(int max_lag, GrowthCounts* counts) override;

 private:
  /// What was set last: shared, since a batch remembers what it was simulated with.
  struct Numbers {
    std::shared_ptr<const std::vector<double>> theta, plant, model, settings, baseline;
    std::shared_ptr<const Disturbance> disturbance;

    bool operator==(const Numbers& o) const {
      return theta == o.theta && plant == o.plant && model == o.model && settings == o.settings &&
             baseline == o.baseline && disturbance == o.disturbance;
    }
  };
  /// What came of the parts: rows of all of them, and exact sums where parts are rollouts of one
  /// policy.
  struct Gathered {
    Windows windows;
    GradientOptions options;
    Scores scores;
    Gradient gradient;
    GradientSums sums;
    bool scored = false, differentiated = false;
  };

  /// Part i, in memory, with what is expected of it done where that is asked for. Which part is
  /// there is nothing that others see, hence const.
  Engine& in_memory(std::int64_t i, bool expected = false) const;
  /// What of the numbers is not among those that it has.
  void give(const Numbers& numbers, const Numbers& has, const BatchPart& part,
            Engine& engine) const;
  void disturb_part(const Disturbance& whole, const BatchPart& part, Engine& engine) const;
  Windows windows_of(const BatchPart& part, const Windows& windows) const;
  /// Where sums are taken they hold the squares anyway.
  GradientOptions taken(GradientOptions options) const {
    options.variance = options.variance || cut_.by_rollouts();
    return options;
  }
  void add_scores(const BatchPart& part, Engine& engine);
  void add_gradient_of(const BatchPart& part, Engine& engine);
  /// What is in memory, and what was gathered, is of other numbers.
  void forget();
  /// The rows that call(part, engine) gives of each part, one after the other.
  template <class Call>
  auto rows_of_parts(const Call& call);

  BatchCut cut_;
  std::size_t plant_size_, model_size_;  // of a pack
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Engine> last_engine_;  // of the last part, where that is smaller
  Numbers numbers_;
  Derivatives of_ = Derivatives::model;
  std::optional<Expectation> expectation_;
  // The batch: what it was simulated with from which starts, or what was loaded; and with which
  // numbers it was decided anew.
  Numbers simulated_with_;
  std::vector<double> states_, times_;
  std::vector<GridTrajectory> recorded_;
  std::optional<Numbers> decided_with_;
  Gathered gathered_;
  std::function<void(const BatchPart& part, Engine& engine)> differentiated_;  // last, by what
  mutable std::int64_t resident_ = -1;
};

}  // namespace phigrad
