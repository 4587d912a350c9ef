#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "host/records/recordings.hpp"

namespace phigrad {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// N = 6 samples, S = 3 segments, nothing to find.
RecordedRollout clean() {
  RecordedRollout r;
  r.ts = {0, 1, 2, 3, 4, 5};
  r.xs = {4, 6, std::vector<double>(24, 1)};
  r.us = {2, 6, std::vector<double>(12, 1)};
  r.idx_segs = {0, 2, 6};  // the last starts after the last sample, as in the recordings
  r.t0_segs = {0, 2, 4};
  r.x0_segs = {4, 3, std::vector<double>(12, 1)};
  r.setpoints = {4, 3, std::vector<double>(12, 1)};
  r.gain_adjs = {6, 3, std::vector<double>(18, 1)};
  r.ctrl_setpoints = {6, 6, std::vector<double>(36, 1)};
  r.xf = {1, 1, 1, 1};
  return r;
}

SampleFault only_fault(const RecordedRollout& rollout) {
  const std::vector<SampleFault> faults = find_faults(rollout);
  EXPECT_EQ(faults.size(), 1u);
  return faults.empty() ? SampleFault{} : faults.front();
}

void expect_fault(const SampleFault& fault, FaultKind kind, const char* field, std::size_t count,
                  std::size_t first, const char* text) {
  EXPECT_EQ(fault.kind, kind) << fault.text;
  EXPECT_EQ(fault.field, field) << fault.text;
  EXPECT_EQ(fault.count, count) << fault.text;
  EXPECT_EQ(fault.first, first) << fault.text;
  EXPECT_EQ(fault.text, text);
}

// Breaks when a sound rollout is flagged.
TEST(RecordingFaults, CleanRolloutHasNone) { EXPECT_TRUE(find_faults(clean()).empty()); }

// Breaks when values are counted in place of samples, or a field is not looked at.
TEST(RecordingFaults, CountsSamplesThatAreNotFinite) {
  RecordedRollout r = clean();
  r.xs(0, 2) = nan;
  r.xs(3, 2) = infinity;
  r.xs(1, 5) = -infinity;
  const SampleFault fault = only_fault(r);
  expect_fault(fault, FaultKind::non_finite, "xs", 2, 2,
               "xs: 2 samples not finite (first: sample 2)");
  EXPECT_FALSE(fault.warning);

  const auto field_of = [](const std::function<void(RecordedRollout&)>& damage) {
    RecordedRollout damaged = clean();
    damage(damaged);
    const SampleFault found = only_fault(damaged);
    EXPECT_EQ(found.kind, FaultKind::non_finite);
    return found.field;
  };
  EXPECT_EQ(field_of([](RecordedRollout& d) { d.ts[3] = nan; }), "ts");
  EXPECT_EQ(field_of([](RecordedRollout& d) { d.us(1, 5) = nan; }), "us");
  EXPECT_EQ(field_of([](RecordedRollout& d) { d.task_t0 = nan; }), "task_t0");
  EXPECT_EQ(field_of([](RecordedRollout& d) { d.t0_segs[1] = nan; }), "t0_segs");
  EXPECT_EQ(field_of([](RecordedRollout& d) { d.x0_segs(3, 2) = nan; }), "x0_segs");
  EXPECT_EQ(field_of([](RecordedRollout& d) { d.setpoints(3, 2) = nan; }), "setpoints");
  EXPECT_EQ(field_of([](RecordedRollout& d) { d.gain_adjs(5, 2) = nan; }), "gain_adjs");
  EXPECT_EQ(field_of([](RecordedRollout& d) { d.ctrl_setpoints(5, 5) = nan; }), "ctrl_setpoints");
  EXPECT_EQ(field_of([](RecordedRollout& d) { d.xf[3] = nan; }), "xf");
  EXPECT_EQ(field_of([](RecordedRollout& d) { d.loss = nan; }), "loss");
}

// Breaks when a repeated time passes for progress.
TEST(RecordingFaults, FindsTimesThatDoNotIncrease) {
  RecordedRollout r = clean();
  r.ts = {0, 1, 1, 3, 2, 5};
  expect_fault(only_fault(r), FaultKind::time_not_increasing, "ts", 2, 2,
               "ts: 2 samples not after the one before (first: sample 2)");
  r = clean();
  r.t0_segs = {0, 2, 1};
  expect_fault(only_fault(r), FaultKind::time_not_increasing, "t0_segs", 1, 2,
               "t0_segs: 1 segment not after the one before (first: segment 2)");
}

// Breaks when a segment outside the samples would later be used as an index.
TEST(RecordingFaults, FindsBadSegmentStarts) {
  RecordedRollout r = clean();
  r.idx_segs = {0, 4, 4};
  expect_fault(only_fault(r), FaultKind::segment_index_not_increasing, "idx_segs", 1, 2,
               "idx_segs: 1 segment not after the one before (first: segment 2)");
  r.idx_segs = {-1, 4, 7};
  expect_fault(only_fault(r), FaultKind::segment_index_out_of_range, "idx_segs", 2, 0,
               "idx_segs: 2 segments starting outside the 6 samples (first: segment 0)");
}

// Breaks when the two faults that most recordings have would bar them from use.
TEST(RecordingFaults, WarnsOfUnownedSamplesAndMissingSegments) {
  RecordedRollout r = clean();
  r.idx_segs = {2, 3, 6};
  SampleFault fault = only_fault(r);
  expect_fault(fault, FaultKind::sample_before_first_segment, "idx_segs", 2, 0,
               "idx_segs: 2 samples before the first segment");
  EXPECT_TRUE(fault.warning);
  r.idx_segs = {0, 3};
  fault = only_fault(r);
  expect_fault(fault, FaultKind::segment_count_mismatch, "idx_segs", 1, 2,
               "idx_segs: the robot recorded 2 segment starts, the trainer (t0_segs) 3");
  EXPECT_TRUE(fault.warning);
  r.idx_segs = {0, 1, 2, 3, 4};
  expect_fault(only_fault(r), FaultKind::segment_count_mismatch, "idx_segs", 2, 3,
               "idx_segs: the robot recorded 5 segment starts, the trainer (t0_segs) 3");
}

// Breaks when a rollout without any segment start is read past its end.
TEST(RecordingFaults, TakesARolloutWithoutSegmentStarts) {
  RecordedRollout r = clean();
  r.idx_segs.clear();
  const std::vector<SampleFault> faults = find_faults(r);
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0].kind, FaultKind::sample_before_first_segment);
  EXPECT_EQ(faults[0].count, 6u);
  EXPECT_EQ(faults[1].kind, FaultKind::segment_count_mismatch);
  EXPECT_EQ(faults[1].count, 3u);
}

// Breaks when a hostile start overflows the count of unowned samples.
TEST(RecordingFaults, BoundsUnownedSamples) {
  RecordedRollout r = clean();
  r.idx_segs = {std::numeric_limits<int>::max()};
  const std::vector<SampleFault> faults = find_faults(r);
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_EQ(faults[1].kind, FaultKind::sample_before_first_segment);
  EXPECT_EQ(faults[1].count, 6u);
}

}  // namespace
}  // namespace phigrad
