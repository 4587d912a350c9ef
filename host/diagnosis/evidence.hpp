// What a diagnosis goes by: numbers gathered from a run directory, from logs, or from rollouts of
// the simulated plant.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/robots/registered.hpp"
#include "host/rollouts/logged_rollout.hpp"
#include "host/statistics/jackknife.hpp"
#include "host/store/run_store.hpp"

namespace phigrad {

struct IterationNumbers {
  int index = 0;
  double cost = 0, gradient_norm = 0, path_error = 0;  // NaN where there is none; m
};

struct NamedNumber {
  std::string name;
  double value;
};

/// Cost, over the same rollouts, after a step of so many times the planned one; multiple 0 first.
struct LineOfCosts {
  std::vector<double> multiple, cost;
};

/// Growth of the loops if the config were changed so.
struct RemedyTrial {
  std::vector<std::string> set;  // assignments as --set takes them: "rollout.dt_s=0.005"
  std::optional<double> alpha_model, alpha_plant;

  /// Whether what is known of the loops does not grow.
  bool calm() const;
};

/// What is wrong with rollouts on record: how often, and where first ("log, rollout 3, sample 17").
struct StreamNumbers {
  int rollouts = 0;
  std::int64_t samples = 0, commands = 0;  // commands: those compared
  std::int64_t non_finite = 0, gaps = 0, segments_apart = 0, commands_off = 0;
  std::string first_non_finite, first_gap, first_segment_apart, first_command_off;
  std::vector<std::string> quarantined;  // other reasons of the readers, with their place
  std::string not_replayed;              // why no command could be recomputed; empty: they were
};

struct Evidence {
  std::string gathered_from;  // "16 simulated rollouts of 300 steps"
  std::vector<IterationNumbers> iterations;
  int planned_updates = 0;  // 0: unknown
  int rollouts = 0;         // that the loops and the gradients were measured on
  int left_the_numbers = 0;
  int steps = 0;                                     // of a rollout
  int reach = 0;                                     // steps that the gradient looks back, at most
  std::optional<Estimate> alpha_model, alpha_plant;  // growth of the closed loops a step
  std::optional<Estimate> cosine;                    // of our gradient to the plant's whole one
  std::optional<Estimate> cosine_of_model;    // to the plant's with our chain: the model's part
  std::optional<Estimate> cosine_of_chain;    // of that to the whole one: the truncation's part
  std::optional<LineOfCosts> line;            // along the next update
  std::vector<NamedNumber> saturated_inputs;  // part of the samples at a limit
  std::vector<NamedNumber> output_slopes;     // of the network's outputs; 1: as idle ones
  bool gradient_is_zero = false;
  std::vector<RemedyTrial> trials;  // where a loop grows
  StreamNumbers stream;
  std::vector<std::string> unknown;  // what cannot be told, and why
};

/// Whether a loop that is stable would be a surprise: alpha's interval lies above 1, and what grows
/// so over a rollout is not within the transient of a stable loop.
bool unstable(const std::optional<Estimate>& alpha, int steps);

/// What evidence is gathered from.
struct Material {
  std::vector<IterationNumbers> iterations;
  std::vector<LoggedRollout> rollouts;  // on record; may be none
  std::vector<double> theta;            // [np] the policy to look at; empty: as before learning
  std::vector<double> update;           // [np] the last one; empty: unknown
  bool simulated = true;                // the config's plant is what was, or would be, driven
};

/// Throws Error(Exit::input) where rollouts do not fit the config.
Evidence gather(const Experiment& experiment, const Material& material);

/// Of a run directory, of logs (run directories or the authors'), or of a config alone.
Material material_of_run(const Experiment& experiment, const RunStore& store);
Material material_of_logs(const Experiment& experiment,
                          const std::vector<std::filesystem::path>& logs);

/// Cost and norms by iteration, means over the seeds, from a run's metrics alone: no rollout is
/// looked at.
std::vector<IterationNumbers> iterations_of(const RunStore& store);

/// The last sound rollout on record, or one of the simulated plant; nothing where there is neither.
std::optional<LoggedRollout> rollout_to_look_at(const Experiment& experiment,
                                                const Material& material);

/// Name of decision component i: the robot's, or its number.
std::string decision_name(const RobotSetup& setup, int i);

}  // namespace phigrad
