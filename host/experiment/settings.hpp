// The part of a config that every robot shares, described once for reading, the resolved copy and
// the schema.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/config/place.hpp"
#include "host/engine/engine.hpp"
#include "kernels/entry/arguments.hpp"

namespace phigrad {

struct StartSettings {
  bool on_task = false;
  std::vector<double> state;
  std::vector<double> half_width;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("on_task", on_task, v.optional,
            "start on the task at a time drawn uniformly from the lap, instead of at `state`");
    v.field("state", state, v.optional, "start state, the state's units; empty: zeros");
    v.field("half_width", half_width, v.optional,
            "half width of the uniform draw around the start, the state's units; empty: zeros",
            v.at_least(0));
  }
};

struct NoiseSettings {
  std::vector<double> state;
  std::vector<double> input;

  bool any() const { return !state.empty() || !input.empty(); }

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("state", state, v.optional,
            "standard deviation of what is added to each component of the state at every step, the "
            "state's units; empty: none",
            v.at_least(0));
    v.field("input", input, v.optional,
            "standard deviation of what is added to each input at every step, exploration, the "
            "input's units; empty: none",
            v.at_least(0));
  }
};

/// What is wrong between the policy and the plant.
struct FaultSettings {
  double command_delay_s = 0;
  double command_loss = 0;
  std::vector<double> command_bias, sensor_bias, sensor_noise;

  bool any() const {
    return command_delay_s > 0 || command_loss > 0 || !command_bias.empty() ||
           !sensor_bias.empty() || !sensor_noise.empty();
  }

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("command_delay_s", command_delay_s, v.optional,
            "time that a command takes to the plant, which gets none (zero) before the first, s: "
            "whole steps",
            v.at_least(0));
    v.field("command_loss", command_loss, v.optional,
            "probability that a command is lost: the plant then holds the last that arrived",
            v.between(0, 1));
    v.field("command_bias", command_bias, v.optional,
            "what the plant gets beside each input, the input's units; empty: nothing");
    v.field("sensor_bias", sensor_bias, v.optional,
            "what the policy sees, and a rollout records, beside each state, the state's units; "
            "empty: nothing");
    v.field("sensor_noise", sensor_noise, v.optional,
            "standard deviation of Gaussian noise in what the policy sees, and a rollout records, "
            "of each state, the state's units; empty: none",
            v.at_least(0));
  }
};

struct RolloutSettings {
  double dt_s = 0.02;
  int segments = 1;
  int per_update = 1;
  StartSettings start;
  NoiseSettings noise;
  FaultSettings faults;
  std::vector<std::string> drift;
  std::vector<std::string> logs;
  bool live = false;
  int memory_mib = 0;
  Tape tape = Tape::automatic;

  bool is_disturbed() const { return noise.any() || faults.any(); }
  int delay_steps() const { return static_cast<int>(std::lround(faults.command_delay_s / dt_s)); }

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("dt_s", dt_s, v.required, "time step, s", v.above(0));
    v.field("segments", segments, v.optional, "segments of a simulated rollout",
            v.between(1, 1000000));
    v.field("per_update", per_update, v.optional, "rollouts averaged into one update",
            v.between(1, 10000000));
    v.section("start", start, "where simulated rollouts start");
    v.section("noise", noise, "Gaussian noise of simulated rollouts");
    v.section("faults", faults, "what is wrong between the policy and a simulated plant");
    v.field("drift", drift, v.optional,
            "numbers of plant, model or controller that change from the first iteration to the "
            "last, linearly: \"plant.accel_gain=11.25..7\"");
    v.field("logs", logs, v.optional,
            "run directories or recordings to learn from, in their order and over again; empty: "
            "the plant is simulated");
    v.field("live", live, v.optional,
            "rollouts come from robots, over the link: phigrad learn sets it");
    v.field("memory_mib", memory_mib, v.optional,
            "MiB that a batch of rollouts may take; what does not fit is worked on in parts, to "
            "the same bits; 0: three quarters of what is free",
            v.between(0, 1 << 24));
    v.choice("tape", tape,
             {{"auto", Tape::automatic}, {"store", Tape::store}, {"recompute", Tape::recompute}},
             v.optional,
             "what training keeps of simulated rollouts until they are differentiated: all states "
             "and inputs, or where each segment was decided, from where they are simulated again, "
             "to the same bits; auto: as is expected to be faster (some GPUs recompute)");
  }
};

/// What updates go by. The first four after `model` look at costs of the plant's rollouts, the last
/// two at its states: they are no gradients.
enum class UpdateEstimator {
  model,
  likelihood_ratio,
  inverse_variance,
  spsa,
  finite_differences,
  tracking_error,
  redesign
};

struct GradientSettings {
  UpdateEstimator estimator = UpdateEstimator::model;
  double radius = 0.05;
  double lead_s = 0;
  Chain chain = Chain::segment;
  int truncate_steps = 0;
  int drop_segments = 0;
  int drop_last_segments = 0;
  int window_segments = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v.choice("estimator", estimator,
             {{"model", UpdateEstimator::model},
              {"likelihood_ratio", UpdateEstimator::likelihood_ratio},
              {"inverse_variance", UpdateEstimator::inverse_variance},
              {"spsa", UpdateEstimator::spsa},
              {"finite_differences", UpdateEstimator::finite_differences},
              {"tracking_error", UpdateEstimator::tracking_error},
              {"redesign", UpdateEstimator::redesign}},
             v.optional,
             "the model's derivatives along the rollouts; REINFORCE from the inputs' noise, costs "
             "to go less a baseline; both by the inverse of their variances; antithetic random "
             "perturbations of the parameters; central differences in each parameter; iterative "
             "learning control, a table over the lap by the error at its place; no learning of a "
             "policy, but gains that are best on a model fitted to all rollouts so far (with "
             "optimiser.step 1)");
    v.field("radius", radius, v.optional,
            "spsa, finite_differences: what is added to a parameter, and taken away", v.above(0));
    v.field("lead_s", lead_s, v.optional,
            "tracking_error: how long before an error what it corrects was decided, s",
            v.at_least(0));
    v.choice("chain", chain,
             {{"segment", Chain::segment}, {"window", Chain::window}, {"rollout", Chain::rollout}},
             v.optional,
             "how far back the state's sensitivity reaches: within the segment (the authors'), the "
             "window, or the whole rollout (the theorem's)");
    v.field("truncate_steps", truncate_steps, v.optional,
            "steps a sensitivity reaches back at most; 0: no limit", v.at_least(0));
    v.field("drop_segments", drop_segments, v.optional,
            "segments at the start that no window holds", v.at_least(0));
    v.field("drop_last_segments", drop_last_segments, v.optional,
            "segments at the end that no window holds", v.at_least(0));
    v.field("window_segments", window_segments, v.optional,
            "segments a window holds; windows start at every segment; 0: all in one window",
            v.at_least(0));
  }
};

enum class OptimiserKind { gradient_descent, adam };

struct OptimiserSettings {
  OptimiserKind type = OptimiserKind::gradient_descent;
  double step = 1e-3;
  int iterations = 10;
  double clip_norm = 0;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;

  template <class Visitor>
  void describe(Visitor& v) {
    v.choice("type", type,
             {{"gradient_descent", OptimiserKind::gradient_descent}, {"adam", OptimiserKind::adam}},
             v.optional, "update rule");
    v.field("step", step, v.required, "step size", v.above(0));
    v.field("iterations", iterations, v.optional, "updates", v.between(1, 100000000));
    v.field("clip_norm", clip_norm, v.optional,
            "longest gradient that is not shortened to this norm; 0: no clipping", v.at_least(0));
    v.field("beta1", beta1, v.optional, "Adam: decay of the mean", v.at_least(0).below(1));
    v.field("beta2", beta2, v.optional, "Adam: decay of the square", v.at_least(0).below(1));
    v.field("epsilon", epsilon, v.optional, "Adam: added to the root", v.above(0));
  }
};

struct EvaluationSettings {
  std::vector<double> start;
  double start_time_s = 0;
  int segments = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("start", start, v.optional, "start state, the state's units; empty: zeros");
    v.field("start_time_s", start_time_s, v.optional, "task time at the start, s");
    v.field("segments", segments, v.optional, "segments; 0: as many as a rollout", v.at_least(0));
  }
};

enum class Keep { all, ends, none };

struct StoreSettings {
  Keep rollouts = Keep::ends;

  template <class Visitor>
  void describe(Visitor& v) {
    v.choice("rollouts", rollouts, {{"all", Keep::all}, {"ends", Keep::ends}, {"none", Keep::none}},
             v.optional,
             "which simulated rollouts the run keeps: all, those of the first and last iteration, "
             "none (any can be simulated again, bit for bit)");
  }
};

struct LiveSettings {
  double segment_slack = 1.25;
  double step_slack = 2.5;
  bool use_tripped = false;
  std::uint64_t first_version = 1;
  bool rollback = true;
  double rollback_sigmas = 3;
  int rollback_after = 2;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("segment_slack", segment_slack, v.optional,
            "room for rollouts of so many times rollout.segments", v.between(1, 100));
    v.field("step_slack", step_slack, v.optional,
            "room for segments of so many times the policy's steps a segment", v.between(1, 100));
    v.field("use_tripped", use_tripped, v.optional,
            "learn also from rollouts that the robot's safety cut short");
    v.field(
        "first_version", first_version, v.optional,
        "version of the first policy; 1: a new run takes the time in ms instead, so that robots "
        "which remember an earlier run's policies know which are newer",
        v.at_least(1));
    v.field("rollback", rollback, v.optional,
            "go back to the best policy where the cost rises, instead of learning on");
    v.field("rollback_sigmas", rollback_sigmas, v.optional,
            "noise that the cost may exceed the best by", v.at_least(0));
    v.field("rollback_after", rollback_after, v.optional,
            "worse iterations in a row that are a relapse", v.between(1, 16));
  }
};

enum class Precision { single_, double_ };

/// Everything but the robot's own sections.
struct CommonSettings {
  std::uint64_t seed = 1;
  Precision precision = Precision::single_;
  TensorCores tensor_cores = TensorCores::off;
  RolloutSettings rollout;
  GradientSettings gradient;
  OptimiserSettings optimiser;
  EvaluationSettings evaluation;
  StoreSettings store;
  LiveSettings live;
};

}  // namespace phigrad
