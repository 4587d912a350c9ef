// A rollout as it happened, wherever it came from: the authors' recordings, a run directory, a live
// robot. What replay and training take, whatever the robot.
#pragma once

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "host/records/recordings.hpp"
#include "host/robots/robot_setup.hpp"

namespace phigrad {

/// N samples in S segments; times are the task's. Values may be non-finite: `quarantined` says so.
struct LoggedRollout {
  std::string log;  // where it lies, or who sent it
  int index = 0;    // within the log, from 0
  int nx = 0, nu = 0, nz = 0;

  std::vector<double> states;       // [N + 1, nx], the last one follows the last sample
  std::vector<double> inputs;       // [N, nu]
  std::vector<double> sample_time;  // [N], s
  std::vector<double> setpoints;    // [N, 6] tracked at each sample; empty where not logged

  std::vector<int> segment_begin;    // [S] first sample (its length may differ in recordings)
  std::vector<double> segment_time;  // [S], at which a segment was decided, s
  std::vector<double> decided_at;    // [S, nx] the state that the head saw
  std::vector<double> decisions;     // [S + 1, nz], row 0 precedes the first segment's

  double recorded_loss = std::numeric_limits<double>::quiet_NaN();
  double command_noise = 0;              // that the log's own precision adds to a recomputed input
  std::vector<std::string> quarantined;  // why it must not be learned from; empty: sound
  std::vector<std::string> notes;

  int samples() const { return static_cast<int>(sample_time.size()); }    // N
  int segments() const { return static_cast<int>(segment_time.size()); }  // S
  std::string place() const { return log + ", rollout " + std::to_string(index); }
};

/// All rollouts of a file of the authors' (car and go1 alone). Throws Error(Exit::input) where it
/// cannot be read, is of another robot, or is a run directory.
std::vector<LoggedRollout> read_recordings(const std::filesystem::path& file,
                                           const RobotSetup& setup);

/// What reads a log: read_recordings, or read_rollouts where run directories can be read, too.
using ReadRollouts = std::vector<LoggedRollout> (*)(const std::filesystem::path& log,
                                                    const RobotSetup& setup);

/// One rollout of the authors' recordings.
LoggedRollout logged_rollout(const RecordedRollout& rollout, double recorded_loss,
                             const std::string& log, int index);

/// Throws Error(Exit::input) where a rollout has other numbers of states or inputs than the robot.
void require_robot(const std::vector<LoggedRollout>& rollouts, const RobotSetup& setup);

}  // namespace phigrad
