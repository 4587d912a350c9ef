// Recorded rollouts through the engine's kernels: losses, commands, gradients and growth along
// them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/robots/registered.hpp"
#include "host/rollouts/logged_rollout.hpp"

namespace phigrad {

struct ReplayOptions {
  std::string backend = "auto";
  std::string precision = "double";
  std::vector<double> theta;  // [np] policy to differentiate; empty: the recorded decisions
  bool growth = true;         // compute alpha_model, most of a replay's time
  bool proposals = false;     // compute proposal and correction, of the decisions on record
};

/// One rollout of a log. Numbers are NaN where the rollout is quarantined or has none.
struct ReplayedRollout {
  std::string log;
  int index;  // within the log, from 0
  int samples, segments;
  double loss, recorded_loss;
  double command_error_max;  // over the samples that are not flagged, largest input component
  int command_mismatches;    // flagged samples
  double gradient_norm;      // of θ, or of the recorded decisions
  double alpha_model;        // growth a step of the model's closed loop
  double path_error;         // m, mean over all samples
  /// [nz] What the gradient proposes: the change, alike in all decisions, along which the loss
  /// falls fastest, −Σ ∂loss/∂z over the segments. Empty where not asked for, or quarantined.
  std::vector<double> proposal;
  /// [nz] What was decided less what a policy of zeros decides, mean over the segments with
  /// samples.
  std::vector<double> correction;
  std::vector<std::string> quarantined;  // reasons; empty: sound
  std::vector<std::string> notes;        // what was flagged and why, warnings
};

struct Replay {
  std::vector<ReplayedRollout> rollouts;
  std::string backend;
  double command_tolerance;            // a command off by more is flagged
  std::vector<std::string> decisions;  // [nz] names of what a decision holds
};

/// Replays all rollouts of the logs (run directories, the authors' files) in one batch. Throws
/// Error(Exit::input) for a log of another robot, a rollout too short for the windows, or a policy
/// that does not fit.
Replay replay(const Experiment& experiment, const std::vector<std::filesystem::path>& logs,
              const ReplayOptions& options);
Replay replay_rollouts(const Experiment& experiment, std::vector<LoggedRollout> rollouts,
                       const ReplayOptions& options);

}  // namespace phigrad
