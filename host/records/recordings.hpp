// What the method's authors recorded, as typed values: rollouts, training logs, policies.
//
// All readers take untrusted files. Whatever does not fit is an Error(Exit::input) that names the
// file, the rollout (counted from 0) and the field.
#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "host/records/julia_bson.hpp"
#include "host/records/table.hpp"

namespace phigrad {

/// One run of a robot or of the authors' simulation: N samples, S segments.
/// State rows are x, y (m), v (m/s), phi (rad); the units of the inputs are the robot's (car:
/// throttle and steer without unit; quadruped: m/s and rad/s).
struct RecordedRollout {
  std::vector<double> ts;       // [N] s since the rollout's start
  Table xs;                     // [4, N]
  Table us;                     // [2, N]
  double task_t0 = 0;           // s, task time at the start
  std::vector<int> idx_segs;    // sample at which a segment starts, counted from 0 (from 1 in the
                                // file); N: after the last sample. Its length may differ from S
  std::vector<double> t0_segs;  // [S] s, task time at which a segment starts
  Table x0_segs;                // [4, S] state from which the setpoint was computed
  Table setpoints;              // [4, S] corrected x, y (m) and their rates (m/s)
  Table gain_adjs;              // [6, S] added to the controller's gains
  Table ctrl_setpoints;         // [6, N] x, y, their first and second derivatives (m, m/s, m/s^2)
  std::vector<double> xf;       // [4] state after the last sample
  double loss = 0;              // 0 when not recorded

  std::size_t samples() const { return ts.size(); }        // N
  std::size_t segments() const { return t0_segs.size(); }  // S
};

struct RecordedLog {
  std::vector<RecordedRollout> rollouts;
  /// Windowed training loss of each rollout as the authors computed it, or the cost of an
  /// evaluation; NaN where none is recorded. As long as `rollouts`.
  std::vector<double> recorded_losses;
};

/// A chain of dense tanh layers: y = tanh(weights * x + bias).
struct DenseNetwork {
  struct Layer {
    Table weights;             // [out, in]
    std::vector<double> bias;  // [out]
    std::string activation;    // "tanh"
  };
  std::vector<Layer> layers;

  std::size_t inputs() const { return layers.front().weights.cols; }
  std::size_t outputs() const { return layers.back().weights.rows; }
};

/// Training cost for every model scale, seed and iteration of the authors' mismatch study.
struct MismatchLosses {
  std::size_t scales = 0;      // 4: the model's terms times 1, 0.75, 0.5, 0.25
  std::size_t seeds = 0;       // 10
  std::size_t iterations = 0;  // 25
  std::vector<double> data;    // [scales, seeds, iterations], the scale fastest

  double operator()(std::size_t scale, std::size_t seed, std::size_t iteration) const {
    return data[(iteration * seeds + seed) * scales + scale];
  }
};

/// Reads a training file or a single rollout (an evaluation). Every rollout has at least one sample
/// and one segment, and fields of fitting shapes; values may be non-finite: see find_faults.
RecordedLog read_log(const std::filesystem::path& path);
RecordedLog read_log(const JuliaFile& file);

/// Reads a policy network. Layers fit each other, every activation is tanh, every value is finite.
DenseNetwork read_network(const std::filesystem::path& path);
DenseNetwork read_network(const JuliaFile& file);

/// Reads the table of costs of the mismatch study.
MismatchLosses read_mismatch_losses(const std::filesystem::path& path);
MismatchLosses read_mismatch_losses(const JuliaFile& file);

enum class FaultKind {
  non_finite,                    // a NaN or an infinity
  time_not_increasing,           // ts or t0_segs stays or goes back
  segment_index_not_increasing,  // idx_segs stays or goes back
  segment_index_out_of_range,    // idx_segs outside 0 … N
  sample_before_first_segment,   // samples that no segment owns
  segment_count_mismatch,        // idx_segs and t0_segs differ in length
};

/// A finding about the samples of one field of a rollout that is otherwise well formed.
struct SampleFault {
  FaultKind kind;
  bool warning;       // the rest of the rollout is sound: most recordings of the real car have one
  std::string field;  // "xs"
  std::size_t count;  // samples, or segments in a field that has one column a segment
  std::size_t first;  // the first of them, counted from 0
  std::string text;   // one line for the user
};

/// Everything questionable in a rollout's values, in the order of its fields. Empty when clean.
std::vector<SampleFault> find_faults(const RecordedRollout& rollout);

}  // namespace phigrad
