// find_faults: what is questionable in the values of a recorded rollout.
#include <algorithm>
#include <cmath>
#include <utility>

#include "host/records/recordings.hpp"

namespace phigrad {
namespace {

struct Tally {
  std::size_t count = 0;
  std::size_t first = 0;

  void add(std::size_t index) {
    if (count++ == 0) first = index;
  }
};

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string first_text(const char* noun, const Tally& tally) {
  return std::string(" (first: ") + noun + " " + std::to_string(tally.first) + ")";
}

class FaultList {
 public:
  void add(FaultKind kind, bool warning, const char* field, const Tally& tally,
           const std::string& text) {
    if (tally.count == 0) return;
    faults_.push_back({kind, warning, field, tally.count, tally.first, field + (": " + text)});
  }

  /// Columns of `rows` values with a value that is not finite.
  void add_non_finite(const char* field, const char* column, const std::vector<double>& values,
                      std::size_t rows) {
    Tally tally;
    for (std::size_t col = 0; col < values.size() / rows; ++col) {
      const auto begin = values.begin() + static_cast<std::ptrdiff_t>(col * rows);
      const auto end = begin + static_cast<std::ptrdiff_t>(rows);
      if (!std::all_of(begin, end, [](double x) { return std::isfinite(x); })) tally.add(col);
    }
    add(FaultKind::non_finite, false, field, tally,
        counted(tally.count, column) + " not finite" + first_text(column, tally));
  }

  /// Entries that are not above the one before. A NaN is not also reported as a step back.
  template <class T>
  void add_not_increasing(FaultKind kind, const char* field, const char* entry,
                          const std::vector<T>& values) {
    Tally tally;
    for (std::size_t i = 1; i < values.size(); ++i) {
      if (values[i] <= values[i - 1]) tally.add(i);
    }
    add(kind, false, field, tally,
        counted(tally.count, entry) + " not after the one before" + first_text(entry, tally));
  }

  std::vector<SampleFault> take() { return std::move(faults_); }

 private:
  std::vector<SampleFault> faults_;
};

}  // namespace

std::vector<SampleFault> find_faults(const RecordedRollout& rollout) {
  FaultList list;
  list.add_non_finite("ts", "sample", rollout.ts, 1);
  list.add_not_increasing(FaultKind::time_not_increasing, "ts", "sample", rollout.ts);
  list.add_non_finite("xs", "sample", rollout.xs.data, 4);
  list.add_non_finite("us", "sample", rollout.us.data, 2);
  list.add_non_finite("task_t0", "value", {rollout.task_t0}, 1);

  const std::vector<int>& starts = rollout.idx_segs;
  list.add_not_increasing(FaultKind::segment_index_not_increasing, "idx_segs", "segment", starts);
  Tally outside;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    // N itself is a segment that starts after the last sample; the recordings have such.
    if (starts[i] < 0 || static_cast<std::size_t>(starts[i]) > rollout.samples()) outside.add(i);
  }
  list.add(FaultKind::segment_index_out_of_range, false, "idx_segs", outside,
           counted(outside.count, "segment") + " starting outside the " +
               counted(rollout.samples(), "sample") + first_text("segment", outside));
  Tally unowned;
  unowned.count = rollout.samples();
  if (!starts.empty()) {
    unowned.count = std::min(unowned.count, static_cast<std::size_t>(std::max(starts.front(), 0)));
  }
  list.add(FaultKind::sample_before_first_segment, true, "idx_segs", unowned,
           counted(unowned.count, "sample") + " before the first segment");
  const std::size_t fewer = std::min(starts.size(), rollout.segments());
  const Tally unmatched{std::max(starts.size(), rollout.segments()) - fewer, fewer};
  list.add(FaultKind::segment_count_mismatch, true, "idx_segs", unmatched,
           "the robot recorded " + counted(starts.size(), "segment start") +
               ", the trainer (t0_segs) " + std::to_string(rollout.segments()));

  list.add_non_finite("t0_segs", "segment", rollout.t0_segs, 1);
  list.add_not_increasing(FaultKind::time_not_increasing, "t0_segs", "segment", rollout.t0_segs);
  list.add_non_finite("x0_segs", "segment", rollout.x0_segs.data, 4);
  list.add_non_finite("setpoints", "segment", rollout.setpoints.data, 4);
  list.add_non_finite("gain_adjs", "segment", rollout.gain_adjs.data, 6);
  list.add_non_finite("ctrl_setpoints", "sample", rollout.ctrl_setpoints.data, 6);
  list.add_non_finite("xf", "value", rollout.xf, 1);
  list.add_non_finite("loss", "value", {rollout.loss}, 1);
  return list.take();
}

}  // namespace phigrad
