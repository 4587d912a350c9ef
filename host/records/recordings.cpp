#include "host/records/recordings.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr const char* remedy_record = "give the file as it was recorded";

// Field order of the authors' struct RolloutData.
enum RolloutField : std::size_t {
  f_ts,
  f_xs,
  f_us,
  f_task_t0,
  f_idx_segs,
  f_t0_segs,
  f_x0_segs,
  f_setpoints,
  f_gain_adjs,
  f_ctrl_setpoints,
  f_xf,
  f_loss,
  rollout_fields
};

enum class Recording { training, rollout, policy, losses, unknown };

Recording identify(const JuliaValue& root) {
  if (root.kind() == JuliaKind::numbers) return Recording::losses;
  if (root.kind() != JuliaKind::structure) return Recording::unknown;
  const std::string name = root.local_type_name();
  if (name == "TrainingData") return Recording::training;
  if (name == "RolloutData") return Recording::rollout;
  if (name == "Chain") return Recording::policy;
  return Recording::unknown;
}

/// Throws for a file that holds something other than the `wanted` thing.
[[noreturn]] void fail_other(const JuliaValue& root, const std::string& wanted) {
  switch (identify(root)) {
    case Recording::training:
    case Recording::rollout:
      throw Error(Exit::input, "this is a recorded log, not " + wanted, root.place(),
                  "pass it as a LOG");
    case Recording::policy:
      throw Error(Exit::input, "this is a policy, not " + wanted, root.place(),
                  "pass it with --policy");
    case Recording::losses:
      throw Error(Exit::input, "this is a bare table of numbers, not " + wanted, root.place(),
                  "give a recorded training file, evaluation or policy");
    case Recording::unknown:
      break;
  }
  throw Error(Exit::input, "holds " + root.describe() + ", not " + wanted, root.place(),
              remedy_record);
}

void require_extents(const JuliaValue& value, const std::vector<std::size_t>& wanted,
                     const std::string& why) {
  const std::vector<std::size_t> extents = value.extents();
  if (extents != wanted) {
    throw Error(Exit::input,
                "holds " + shape_text(extents) + " numbers where " + shape_text(wanted) +
                    " are needed (" + why + ")",
                value.place(), remedy_record);
  }
}

Table read_table(const JuliaValue& value, std::size_t rows, std::size_t cols,
                 const std::string& why) {
  require_extents(value, {rows, cols}, why);
  return {rows, cols, value.reals()};
}

/// The length of an array of one dimension, at least 1.
std::size_t read_length(const JuliaValue& value, const char* of_what) {
  const std::vector<std::size_t> extents = value.extents();
  if (extents.size() != 1 || extents.front() == 0) {
    throw Error(
        Exit::input,
        "holds " + shape_text(extents) + " numbers where a list of " + of_what + " is needed",
        value.place(), remedy_record);
  }
  return extents.front();
}

/// Segment starts counted from 1 in the file, from 0 in the result.
std::vector<int> read_segment_starts(const JuliaValue& value) {
  if (value.extents().size() != 1)
    value.fail("holds " + value.describe() + " where a list is needed");
  std::vector<int> starts;
  for (const std::int64_t from_one : value.integers()) {
    if (from_one <= std::numeric_limits<int>::min() || from_one > std::numeric_limits<int>::max()) {
      value.fail("holds the sample number " + std::to_string(from_one) + ", which no log can have");
    }
    starts.push_back(static_cast<int>(from_one - 1));
  }
  return starts;
}

RecordedRollout read_rollout(const JuliaFile& file, const JuliaValue& value) {
  if (value.kind() != JuliaKind::structure || value.local_type_name() != "RolloutData" ||
      value.size() != rollout_fields) {
    value.fail("holds " + value.describe() + " where a RolloutData of " +
               std::to_string(rollout_fields) + " fields is needed");
  }
  file.charge(sizeof(RecordedRollout), value.place());
  static constexpr const char* names[rollout_fields] = {
      "ts",      "xs",        "us",        "task_t0",        "idx_segs", "t0_segs",
      "x0_segs", "setpoints", "gain_adjs", "ctrl_setpoints", "xf",       "loss"};
  const auto field = [&value](RolloutField index) {
    return value.item(index, std::string("field ") + names[index]);
  };
  const std::size_t samples = read_length(field(f_ts), "sample times");
  const std::size_t segments = read_length(field(f_t0_segs), "segment times");
  const std::string per_sample = "ts has " + std::to_string(samples) + " samples";
  const std::string per_segment = "t0_segs has " + std::to_string(segments) + " segments";

  RecordedRollout rollout;
  rollout.ts = field(f_ts).reals();
  rollout.xs = read_table(field(f_xs), 4, samples, per_sample);
  rollout.us = read_table(field(f_us), 2, samples, per_sample);
  rollout.task_t0 = field(f_task_t0).number();
  rollout.idx_segs = read_segment_starts(field(f_idx_segs));
  rollout.t0_segs = field(f_t0_segs).reals();
  rollout.x0_segs = read_table(field(f_x0_segs), 4, segments, per_segment);
  rollout.setpoints = read_table(field(f_setpoints), 4, segments, per_segment);
  rollout.gain_adjs = read_table(field(f_gain_adjs), 6, segments, per_segment);
  rollout.ctrl_setpoints = read_table(field(f_ctrl_setpoints), 6, samples, per_sample);
  require_extents(field(f_xf), {4}, "one state");
  rollout.xf = field(f_xf).reals();
  rollout.loss = field(f_loss).number();
  return rollout;
}

RecordedLog read_training(const JuliaFile& file, const JuliaValue& root) {
  if (root.size() != 2) {
    root.fail("holds a TrainingData of " + std::to_string(root.size()) +
              " fields where losses and rollouts are needed");
  }
  const JuliaValue losses = root.item(0, "field losses");
  const JuliaValue list = root.item(1, "");
  if (list.kind() != JuliaKind::list || list.size() == 0) {
    list.fail("holds " + list.describe() + " where a list of rollouts is needed");
  }
  require_extents(losses, {list.size()}, "there are " + std::to_string(list.size()) + " rollouts");
  RecordedLog log;
  log.recorded_losses = losses.reals();
  for (std::size_t i = 0; i < list.size(); ++i) {
    log.rollouts.push_back(read_rollout(file, list.item(i, "rollout " + std::to_string(i))));
  }
  return log;
}

DenseNetwork::Layer read_layer(const JuliaValue& value) {
  if (value.kind() != JuliaKind::structure || value.local_type_name() != "Dense" ||
      value.size() != 3) {
    value.fail("holds " + value.describe() + " where a Dense layer is needed");
  }
  const auto require_float = [](const JuliaValue& numbers) {
    const std::string type = numbers.local_type_name();
    if (numbers.kind() != JuliaKind::numbers || (type != "Float64" && type != "Float32")) {
      numbers.fail("holds " + numbers.describe() + " where Float32 or Float64 are needed");
    }
  };
  const JuliaValue weights = value.item(0, "weights");
  require_float(weights);
  const std::vector<std::size_t> extents = weights.extents();
  if (extents.size() != 2 || extents[0] == 0 || extents[1] == 0) {
    weights.fail("holds " + weights.describe() + " where a matrix is needed");
  }
  const JuliaValue bias = value.item(1, "bias");
  require_float(bias);
  require_extents(bias, {extents[0]}, "the layer has " + std::to_string(extents[0]) + " outputs");

  const JuliaValue activation = value.item(2, "activation");
  if (activation.kind() != JuliaKind::structure || activation.local_type_name() != "#tanh") {
    throw Error(Exit::input, "holds " + activation.describe() + " where #tanh is needed",
                activation.place(), "give a policy whose layers all end in tanh");
  }
  DenseNetwork::Layer layer{{extents[0], extents[1], weights.reals()}, bias.reals(), "tanh"};
  const auto finite = [](double x) { return std::isfinite(x); };
  const auto require_finite = [&finite](const std::vector<double>& numbers, const JuliaValue& at) {
    if (std::all_of(numbers.begin(), numbers.end(), finite)) return;
    throw Error(Exit::input, "holds a value that is not finite", at.place(),
                "give a policy from an update that succeeded");
  };
  require_finite(layer.weights.data, weights);
  require_finite(layer.bias, bias);
  return layer;
}

}  // namespace

RecordedLog read_log(const JuliaFile& file) {
  const JuliaValue root = file.root();
  switch (identify(root)) {
    case Recording::training:
      return read_training(file, root);
    case Recording::rollout: {
      RecordedLog log;
      log.rollouts.push_back(read_rollout(file, root));
      const double loss = log.rollouts.front().loss;
      const double none = std::numeric_limits<double>::quiet_NaN();
      log.recorded_losses.push_back(loss != 0 ? loss : none);
      return log;
    }
    case Recording::policy:
    case Recording::losses:
    case Recording::unknown:
      break;
  }
  fail_other(root, "a recorded log");
}

DenseNetwork read_network(const JuliaFile& file) {
  const JuliaValue root = file.root();
  if (identify(root) != Recording::policy) fail_other(root, "a policy");
  // Flux keeps the layers of a Chain in a tuple, its only field.
  const JuliaValue layers = root.size() == 1 ? root.item(0, "") : root;
  if (layers.kind() != JuliaKind::tuple || layers.size() == 0) {
    layers.fail("holds " + layers.describe() + " where a tuple of layers is needed");
  }
  DenseNetwork network;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const JuliaValue value = layers.item(i, "layer " + std::to_string(i));
    file.charge(sizeof(DenseNetwork::Layer), value.place());
    DenseNetwork::Layer layer = read_layer(value);
    if (i > 0 && layer.weights.cols != network.outputs()) {
      value.fail("takes " + std::to_string(layer.weights.cols) +
                 " inputs, and the layer before has " + std::to_string(network.outputs()) +
                 " outputs");
    }
    network.layers.push_back(std::move(layer));
  }
  return network;
}

MismatchLosses read_mismatch_losses(const JuliaFile& file) {
  const JuliaValue root = file.root();
  if (identify(root) != Recording::losses) fail_other(root, "a table of costs");
  const std::vector<std::size_t> extents = root.extents();
  if (extents.size() != 3 || std::count(extents.begin(), extents.end(), std::size_t{0}) > 0) {
    root.fail("holds " + root.describe() + " where scales x seeds x iterations are needed");
  }
  return {extents[0], extents[1], extents[2], root.reals()};
}

RecordedLog read_log(const std::filesystem::path& path) {
  const JuliaFile file = JuliaFile::read(path);
  return read_log(file);
}

DenseNetwork read_network(const std::filesystem::path& path) {
  const JuliaFile file = JuliaFile::read(path);
  return read_network(file);
}

MismatchLosses read_mismatch_losses(const std::filesystem::path& path) {
  const JuliaFile file = JuliaFile::read(path);
  return read_mismatch_losses(file);
}

}  // namespace phigrad
