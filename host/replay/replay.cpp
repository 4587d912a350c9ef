#include "host/replay/replay.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "host/engine/engine.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/replay/recorded_grid.hpp"
#include "host/support/error.hpp"
#include "host/train/optimiser.hpp"

namespace phigrad {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// How far a command recomputed from the same numbers may be off before the sample is flagged.
double command_tolerance(const ReplayOptions& options) {
  if (options.precision == "float") return 1e-4;
  return options.theta.empty() ? 1e-12 : 2e-6;  // setpoints recorded; network and spline
}

struct Source {
  std::string log;
  int index;
  RecordedRollout rollout;
  double recorded_loss;
  RecordedOnGrid on_grid;
  std::string place() const { return log + ", rollout " + std::to_string(index); }
};

std::vector<Source> read_sources(const std::vector<std::filesystem::path>& logs) {
  std::vector<Source> sources;
  for (const auto& path : logs) {
    RecordedLog log = read_log(path);
    for (std::size_t i = 0; i < log.rollouts.size(); ++i) {
      sources.push_back({path.string(),
                         static_cast<int>(i),
                         std::move(log.rollouts[i]),
                         log.recorded_losses[i],
                         {}});
    }
  }
  return sources;
}

/// All rollouts on one grid, each as a policy of its own, so that each has its own gradient.
class Replayer {
 public:
  Replayer(const Experiment& e, const ReplayOptions& options, std::vector<Source> sources)
      : e_(e), options_(options), sources_(std::move(sources)) {
    BatchShape shape;
    shape.policies = static_cast<int>(sources_.size());
    shape.dt = e.common.rollout.dt_s;
    shape.ragged = true;
    for (const Source& s : sources_) {
      shape.segments = std::max(shape.segments, grid_segments(s.rollout));
      shape.steps_per_segment = std::max(shape.steps_per_segment, grid_steps(s.rollout));
    }
    engine_ =
        Engine::create(engine_spec(e, options.backend, options.precision, shape.segments), shape);
    load();
  }

  Replay run() {
    score_and_differentiate();
    const std::vector<std::vector<double>> commands = engine_->commands(options_.theta.empty());
    const std::vector<GrowthCurve> growth = options_.growth
                                                ? engine_->growth(last_lag(longest()))
                                                : std::vector<GrowthCurve>(sources_.size());
    Replay result;
    result.backend = engine_->description();
    result.command_tolerance = command_tolerance(options_);
    for (std::size_t b = 0; b < sources_.size(); ++b) {
      result.rollouts.push_back(summary(b, commands[b], growth[b]));
    }
    return result;
  }

 private:
  // The transient at the front and the few pairs at the back are left out of the slope: the
  // recorded car's 1140 samples give lags 100 to 800.
  static int first_lag(int samples) { return samples * 100 / 1140; }
  static int last_lag(int samples) { return std::max(samples * 800 / 1140, 1); }

  int longest() const {
    std::size_t samples = 0;
    for (const Source& s : sources_) samples = std::max(samples, s.rollout.samples());
    return static_cast<int>(samples);
  }

  void load() {
    const BatchShape& shape = engine_->shape();
    const GradientSettings& g = e_.common.gradient;
    windows_.drop = g.drop_segments;
    int shortest = std::numeric_limits<int>::max();
    std::vector<GridTrajectory> grids;
    for (Source& s : sources_) {
      const int segments = static_cast<int>(s.rollout.segments());
      const int end = std::min(e_.window_end(segments), grid_segments(s.rollout));
      shortest = std::min(shortest, end);
      windows_.end.push_back(end);
      s.on_grid = lay_on_grid(s.rollout, shape.segments, shape.steps_per_segment, s.place());
      grids.push_back(s.on_grid.grid);
    }
    windows_.length = g.window_segments > 0 ? g.window_segments : shortest - g.drop_segments;
    if (windows_.length < 1 || windows_.drop + windows_.length > shortest) {
      throw Error(Exit::input,
                  "a rollout of " + std::to_string(shortest) +
                      " usable segments holds no window of " + std::to_string(windows_.length) +
                      " after " + std::to_string(windows_.drop) + " dropped",
                  sources_.front().log,
                  "lower gradient.drop_segments or gradient.window_segments (--set)");
    }
    engine_->set_plant(e_.setup.plant);
    engine_->set_model(e_.setup.model);
    engine_->load(grids);
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
      for (std::size_t b = 0; b < sources_.size(); ++b) {
        theta.insert(theta.end(), options_.theta.begin(), options_.theta.end());
      }
      engine_->set_policies(theta);
    }
    engine_->score(windows_, scores_);
    GradientOptions options;
    options.chain = e_.common.gradient.chain;
    options.truncate = e_.common.gradient.truncate_steps;
    if (options_.theta.empty()) {
      engine_->adjoint(windows_, options, gradient_);
    } else {
      engine_->gradient(windows_, options, gradient_);
      engine_->decide();  // commands are the policy's, not the record's, from here on
    }
  }

  ReplayedRollout summary(std::size_t b, const std::vector<double>& commands,
                          const GrowthCurve& growth) const {
    const Source& s = sources_[b];
    ReplayedRollout r{s.log,
                      s.index,
                      static_cast<int>(s.rollout.samples()),
                      static_cast<int>(s.rollout.segments()),
                      none,
                      s.recorded_loss,
                      none,
                      0,
                      none,
                      none,
                      none,
                      {},
                      {}};
    for (const SampleFault& fault : find_faults(s.rollout)) {
      (fault.warning ? r.notes : r.quarantined).push_back(fault.text);
    }
    if (gradient_.status[b] >= 0 && r.quarantined.empty()) {
      r.quarantined.push_back("the adjoint leaves the numbers at slot " +
                              std::to_string(gradient_.status[b]));
    }
    if (!r.quarantined.empty()) return r;
    check_commands(s, commands, r);
    r.loss = scores_.loss[b];
    r.gradient_norm = gradient_norm(b);
    r.path_error = path_error(s.rollout);
    r.alpha_model = growth_rate(growth.log_mean, first_lag(r.samples), last_lag(r.samples));
    return r;
  }

  void check_commands(const Source& s, const std::vector<double>& commands,
                      ReplayedRollout& r) const {
    const double tolerance = command_tolerance(options_);
    const auto nu = static_cast<std::size_t>(engine_->nu());
    int off = 0, undefined = 0;
    double worst_off = 0;
    r.command_error_max = 0;
    for (std::size_t slot = 0; slot < s.on_grid.slot_sample.size(); ++slot) {
      const int sample = s.on_grid.slot_sample[slot];
      if (sample < 0) continue;
      double error = 0;
      for (std::size_t i = 0; i < nu; ++i) {
        const double e =
            std::abs(commands[slot * nu + i] - s.rollout.us(i, static_cast<std::size_t>(sample)));
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
    r.command_mismatches = off + undefined + s.on_grid.leading;
    if (s.on_grid.leading > 0) {
      r.notes.push_back(std::to_string(s.on_grid.leading) +
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

  double path_error(const RecordedRollout& r) const {
    if (!e_.setup.path_error) return none;
    double sum = 0;
    for (std::size_t i = 0; i < r.samples(); ++i) sum += e_.setup.path_error(r.xs.column(i));
    return sum / static_cast<double>(r.samples());
  }

  const Experiment& e_;
  const ReplayOptions& options_;
  std::vector<Source> sources_;
  std::unique_ptr<Engine> engine_;
  Windows windows_;
  Scores scores_;
  Gradient gradient_;
};

}  // namespace

double growth_rate(const std::vector<double>& log_mean, int first_lag, int last_lag) {
  first_lag = std::max(first_lag, 1);
  last_lag = std::min(last_lag, static_cast<int>(log_mean.size()));
  const int n = last_lag - first_lag + 1;
  if (n < 2) return none;
  double mean_lag = 0, mean_log = 0;
  for (int lag = first_lag; lag <= last_lag; ++lag) {
    mean_lag += lag;
    mean_log += log_mean[static_cast<std::size_t>(lag - 1)];
  }
  mean_lag /= n;
  mean_log /= n;
  double covariance = 0, variance = 0;
  for (int lag = first_lag; lag <= last_lag; ++lag) {
    const double d = lag - mean_lag;
    covariance += d * (log_mean[static_cast<std::size_t>(lag - 1)] - mean_log);
    variance += d * d;
  }
  return std::exp(covariance / variance);
}

Replay replay(const Experiment& experiment, const std::vector<std::filesystem::path>& logs,
              const ReplayOptions& options) {
  if (!experiment.setup.reads_recordings) {
    throw Error(Exit::input, "robot \"" + experiment.robot + "\" has no recorded logs",
                experiment.name, "use a config of the robot that was recorded, car or go1");
  }
  return Replayer(experiment, options, read_sources(logs)).run();
}

}  // namespace phigrad
