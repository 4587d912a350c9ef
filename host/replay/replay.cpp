#include "host/replay/replay.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/engine/engine.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/rollouts/rollout_grid.hpp"
#include "host/rollouts/stored_rollout.hpp"
#include "host/statistics/line_fit.hpp"
#include "host/support/error.hpp"
#include "host/train/optimiser.hpp"

namespace phigrad {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// How far a command recomputed from the same numbers may be off before the sample is flagged.
double command_tolerance(const ReplayOptions& options) {
  if (options.precision == "float") return 1e-4;
  return options.theta.empty() ? 1e-12 : 2e-6;  // decisions recorded; network and spline
}

/// All rollouts on one grid, each as a policy of its own, so that each has its own gradient.
class Replayer {
 public:
  Replayer(const Experiment& e, const ReplayOptions& options, std::vector<LoggedRollout> rollouts)
      : e_(e),
        options_(options),
        rollouts_(std::move(rollouts)),
        windows_(windows_over(rollouts_, e)) {
    const GridSize size = grid_size(rollouts_, e.setup.steps_per_segment);
    BatchShape shape;
    shape.policies = static_cast<int>(rollouts_.size());
    shape.segments = size.segments;
    shape.steps_per_segment = size.steps_per_segment;
    shape.dt = e.common.rollout.dt_s;
    shape.ragged = true;
    engine_ =
        Engine::create(engine_spec(e, options.backend, options.precision, shape.segments), shape);
    engine_->set_plant(e.setup.plant);
    engine_->set_model(e.setup.model);
    std::vector<GridTrajectory> grids;
    for (const LoggedRollout& r : rollouts_) {
      on_grid_.push_back(lay_on_grid(r, size, engine_->nz()));
      grids.push_back(on_grid_.back().grid);
    }
    engine_->load(grids);
  }

  Replay run() {
    score_and_differentiate();
    const std::vector<GrowthCurve> growth = options_.growth
                                                ? engine_->growth(growth_lags(longest()).last)
                                                : std::vector<GrowthCurve>(rollouts_.size());
    // From the setpoints on record where there are any, else through the plan.
    const bool recorded = options_.theta.empty();
    const auto from_setpoints = recorded && engine_->has_setpoint_command()
                                    ? engine_->commands(true)
                                    : std::vector<std::vector<double>>();
    const std::vector<std::vector<double>> from_plan = engine_->commands(false);
    Replay result;
    result.backend = engine_->description();
    result.command_tolerance = command_tolerance(options_);
    for (std::size_t b = 0; b < rollouts_.size(); ++b) {
      const bool has_setpoints = !from_setpoints.empty() && !rollouts_[b].setpoints.empty();
      result.rollouts.push_back(
          summary(b, has_setpoints ? from_setpoints[b] : from_plan[b], growth[b]));
    }
    if (options_.proposals) add_proposals(result);
    return result;
  }

 private:
  int longest() const {
    int samples = 0;
    for (const LoggedRollout& r : rollouts_) samples = std::max(samples, r.samples());
    return samples;
  }

  void score_and_differentiate() {
    if (!options_.theta.empty()) {
      const auto np = static_cast<std::size_t>(engine_->parameters());
      if (options_.theta.size() != np) {
        throw Error(Exit::input,
                    "the policy has " + std::to_string(options_.theta.size()) +
                        " parameters, this robot's has " + std::to_string(np),
                    "--policy", "use a policy that was trained for this config");
      }
      std::vector<double> theta;
      for (std::size_t b = 0; b < rollouts_.size(); ++b) {
        theta.insert(theta.end(), options_.theta.begin(), options_.theta.end());
      }
      engine_->set_policies(theta);
    }
    engine_->score(windows_, scores_);
    const GradientOptions options = gradient_options(e_);
    if (options_.theta.empty()) {
      engine_->adjoint(windows_, options, gradient_);
    } else {
      engine_->gradient(windows_, options, gradient_);
      engine_->decide();  // commands are the policy's, not the record's, from here on
    }
  }

  ReplayedRollout summary(std::size_t b, const std::vector<double>& commands,
                          const GrowthCurve& growth) const {
    const LoggedRollout& logged = rollouts_[b];
    ReplayedRollout r{logged.log,
                      logged.index,
                      logged.samples(),
                      logged.segments(),
                      none,
                      logged.recorded_loss,
                      none,
                      0,
                      none,
                      none,
                      none,
                      {},
                      {},
                      logged.quarantined,
                      logged.notes};
    if (gradient_.status[b] >= 0 && r.quarantined.empty()) {
      r.quarantined.push_back("the adjoint leaves the numbers at slot " +
                              std::to_string(gradient_.status[b]));
    }
    if (!r.quarantined.empty()) return r;
    check_commands(b, commands, r);
    r.loss = scores_.loss[b];
    r.gradient_norm = gradient_norm(b);
    r.path_error = path_error(logged);
    const LagRange lags = growth_lags(r.samples);
    r.alpha_model = growth_rate(growth.log_mean, lags.first, lags.last);
    return r;
  }

  /// Last, as it decides anew.
  void add_proposals(Replay& result) {
    const auto nz = static_cast<std::size_t>(engine_->nz());
    result.decisions = e_.setup.decisions;
    for (std::size_t i = result.decisions.size(); i < nz; ++i) {
      result.decisions.push_back("z" + std::to_string(i));
    }
    const auto decided = [&](std::size_t b) {
      const std::vector<double> z = engine_->trajectory(static_cast<std::int64_t>(b)).decisions;
      const std::vector<double>& count = on_grid_[b].grid.count;  // 0: padding
      std::vector<double> mean(nz, 0.0);
      const auto own = std::count_if(count.begin(), count.end(), [](double n) { return n > 0; });
      for (std::size_t j = 0; j < count.size(); ++j) {
        if (count[j] == 0) continue;
        for (std::size_t i = 0; i < nz; ++i) {
          mean[i] += z[(j + 1) * nz + i] / static_cast<double>(own);
        }
      }
      return mean;
    };
    const auto sound = [&](std::size_t b) { return result.rollouts[b].quarantined.empty(); };
    for (std::size_t b = 0; b < rollouts_.size(); ++b) {
      if (!sound(b)) continue;
      ReplayedRollout& r = result.rollouts[b];
      r.proposal.assign(nz, 0.0);
      const std::vector<double> g = engine_->decision_gradient(static_cast<std::int64_t>(b));
      for (std::size_t i = 0; i < g.size(); ++i) r.proposal[i % nz] -= g[i];
      r.correction = decided(b);
    }
    const auto np = static_cast<std::size_t>(engine_->parameters());
    engine_->set_policies(std::vector<double>(rollouts_.size() * np, 0.0));
    engine_->decide();
    for (std::size_t b = 0; b < rollouts_.size(); ++b) {
      if (!sound(b)) continue;
      ReplayedRollout& r = result.rollouts[b];
      const std::vector<double> nominal = decided(b);
      for (std::size_t i = 0; i < nz; ++i) r.correction[i] -= nominal[i];
    }
  }

  void check_commands(std::size_t b, const std::vector<double>& commands,
                      ReplayedRollout& r) const {
    const LoggedRollout& logged = rollouts_[b];
    const RolloutOnGrid& on_grid = on_grid_[b];
    const double tolerance = std::max(command_tolerance(options_), logged.command_noise);
    const auto nu = static_cast<std::size_t>(engine_->nu());
    int off = 0, undefined = 0;
    double worst_off = 0;
    r.command_error_max = 0;
    for (std::size_t slot = 0; slot < on_grid.slot_sample.size(); ++slot) {
      const int sample = on_grid.slot_sample[slot];
      if (sample < 0) continue;
      double error = 0;
      for (std::size_t i = 0; i < nu; ++i) {
        const double e = std::abs(commands[slot * nu + i] -
                                  logged.inputs[static_cast<std::size_t>(sample) * nu + i]);
        error = std::isnan(e) ? e : std::max(error, e);
        if (std::isnan(error)) break;
      }
      if (std::isnan(error)) {
        ++undefined;
      } else if (error > tolerance) {
        ++off;
        worst_off = std::max(worst_off, error);
      } else {
        r.command_error_max = std::max(r.command_error_max, error);
      }
    }
    r.command_mismatches = off + undefined + on_grid.leading;
    if (on_grid.leading > 0) {
      r.notes.push_back(std::to_string(on_grid.leading) +
                        " commands flagged: given before the first decision on record");
    }
    if (undefined > 0) {
      r.notes.push_back(std::to_string(undefined) +
                        " commands flagged: recomputed to NaN, the recorded setpoint stands still");
    }
    if (off > 0) {
      r.notes.push_back(std::to_string(off) + " commands flagged: off by up to " +
                        number_text(worst_off) + " from what setpoint and gains on record give");
    }
  }

  double gradient_norm(std::size_t b) const {
    std::vector<double> g;
    if (options_.theta.empty()) {
      g = engine_->decision_gradient(static_cast<std::int64_t>(b));
    } else {
      const auto np = static_cast<std::ptrdiff_t>(engine_->parameters());
      const auto begin = gradient_.mean.begin() + static_cast<std::ptrdiff_t>(b) * np;
      g.assign(begin, begin + np);
    }
    return gradient_norms(g, 1).front();
  }

  double path_error(const LoggedRollout& r) const {
    if (!e_.setup.path_error) return none;
    double sum = 0;
    for (int i = 0; i < r.samples(); ++i) {
      sum += e_.setup.path_error(r.states.data() + std::ptrdiff_t{i} * r.nx);
    }
    return sum / r.samples();
  }

  const Experiment& e_;
  const ReplayOptions& options_;
  std::vector<LoggedRollout> rollouts_;
  std::vector<RolloutOnGrid> on_grid_;
  std::unique_ptr<Engine> engine_;
  Windows windows_;
  Scores scores_;
  Gradient gradient_;
};

}  // namespace

Replay replay(const Experiment& experiment, const std::vector<std::filesystem::path>& logs,
              const ReplayOptions& options) {
  std::vector<LoggedRollout> rollouts;
  for (const std::filesystem::path& log : logs) {
    for (LoggedRollout& r : read_rollouts(log, experiment.setup)) rollouts.push_back(std::move(r));
  }
  return replay_rollouts(experiment, std::move(rollouts), options);
}

Replay replay_rollouts(const Experiment& experiment, std::vector<LoggedRollout> rollouts,
                       const ReplayOptions& options) {
  require_known_model(experiment);
  return Replayer(experiment, options, std::move(rollouts)).run();
}

}  // namespace phigrad
