// The authors' own files, read whole: shapes as shared/data/README.md states them.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "host/records/recordings.hpp"
#include "tests/host/records/julia_fixture.hpp"
#include "tests/support/recorded_file.hpp"

namespace phigrad {
namespace {

class RecordedFiles : public ::testing::Test {
 protected:
  void SetUp() override { REQUIRE_RECORDINGS(); }

  std::filesystem::path file(const std::string& name) const {
    return recorded_file(name + ".bson");
  }
};

std::size_t count_faults(const RecordedLog& log, FaultKind kind) {
  std::size_t count = 0;
  for (const RecordedRollout& rollout : log.rollouts) {
    for (const SampleFault& fault : find_faults(rollout)) count += fault.kind == kind ? 1 : 0;
  }
  return count;
}

std::size_t count_unsound(const RecordedLog& log) {
  std::size_t count = 0;
  for (const RecordedRollout& rollout : log.rollouts) {
    for (const SampleFault& fault : find_faults(rollout)) count += fault.warning ? 0 : 1;
  }
  return count;
}

double wraps(const RecordedLog& log) {
  double count = 0;
  for (const RecordedRollout& r : log.rollouts) {
    for (std::size_t k = 1; k < r.samples(); ++k) {
      count += std::abs(r.xs(3, k) - r.xs(3, k - 1)) > 3 ? 1 : 0;
    }
  }
  return count;
}

// Breaks when a training file of the car loses a rollout, its losses, or a known fault.
TEST_F(RecordedFiles, CarTraining) {
  const RecordedLog first = read_log(file("jetracer_training_1"));
  const RecordedLog third = read_log(file("jetracer_training_3"));
  for (const RecordedLog* log : {&first, &third}) {
    ASSERT_EQ(log->rollouts.size(), 15u);
    ASSERT_EQ(log->recorded_losses.size(), 15u);
    for (const RecordedRollout& r : log->rollouts) {
      EXPECT_NEAR(r.ts.back(), 22.8, 0.2);
      EXPECT_NEAR(double(r.samples()), 1139, 8);
      EXPECT_EQ(r.segments(), 156u);
      EXPECT_NEAR(double(r.idx_segs.size()), 155.5, 0.5);
      EXPECT_LE(r.idx_segs.back(), int(r.samples()));
      EXPECT_EQ(r.loss, 0);
    }
    EXPECT_EQ(count_faults(*log, FaultKind::segment_count_mismatch), 12u);
    EXPECT_EQ(count_unsound(*log), 0u);
  }
  EXPECT_NEAR(first.recorded_losses.front(), 2165.50, 0.01);
  EXPECT_NEAR(first.recorded_losses.back(), 415.66, 0.01);
  EXPECT_NEAR(third.recorded_losses.front(), 1773.59, 0.01);
  EXPECT_NEAR(third.recorded_losses.back(), 427.27, 0.01);
  EXPECT_EQ(wraps(first), 120);
  EXPECT_EQ(wraps(third), 124);
  EXPECT_EQ(count_faults(first, FaultKind::sample_before_first_segment), 8u);
  EXPECT_EQ(count_faults(third, FaultKind::sample_before_first_segment), 10u);
  // The one sample whose control setpoint is empty.
  EXPECT_EQ(third.rollouts[0].idx_segs.front(), 1);
  for (std::size_t row = 0; row < 6; ++row) EXPECT_EQ(third.rollouts[0].ctrl_setpoints(row, 0), 0);
}

// Breaks when the quadruped's slower files, or their losses, are read differently.
TEST_F(RecordedFiles, QuadrupedTraining) {
  const RecordedLog log = read_log(file("go1_0p5_training"));
  ASSERT_EQ(log.rollouts.size(), 10u);
  for (const RecordedRollout& r : log.rollouts) {
    EXPECT_NEAR(r.ts.back(), 60, 0.1);
    EXPECT_NEAR(double(r.samples()), 600.5, 0.5);
    EXPECT_EQ(r.segments(), 64u);
    EXPECT_EQ(r.loss, 0);
  }
  EXPECT_NEAR(log.recorded_losses.front(), 519.690, 0.001);
  EXPECT_NEAR(log.recorded_losses.back(), 101.328, 0.001);
  EXPECT_EQ(count_faults(log, FaultKind::segment_count_mismatch), 2u);
  EXPECT_EQ(count_unsound(log), 0u);
}

// Breaks when an evaluation is not accepted as a log of one rollout.
TEST_F(RecordedFiles, Evaluations) {
  struct Expected {
    const char* name;
    std::size_t samples, segments, starts;
    double loss;  // NaN: none recorded
  };
  const Expected table[] = {{"jetracer_eval_initial", 1755, 240, 239, NAN},
                            {"jetracer_eval_learned", 1757, 240, 239, NAN},
                            {"go1_0p5_eval_initial", 1134, 120, 120, NAN},
                            {"go1_0p5_eval_learned", 1134, 120, 120, NAN},
                            {"car_sim_0p5_eval_initial", 840, 120, 120, 142.97810635},
                            {"car_sim_0p5_eval_learned", 840, 120, 120, 14.40615670}};
  for (const Expected& expected : table) {
    const RecordedLog log = read_log(file(expected.name));
    ASSERT_EQ(log.rollouts.size(), 1u);
    const RecordedRollout& r = log.rollouts.front();
    EXPECT_EQ(r.samples(), expected.samples) << expected.name;
    EXPECT_EQ(r.segments(), expected.segments) << expected.name;
    EXPECT_EQ(r.idx_segs.size(), expected.starts) << expected.name;
    EXPECT_EQ(count_unsound(log), 0u) << expected.name;
    if (std::isnan(expected.loss)) {
      EXPECT_TRUE(std::isnan(log.recorded_losses.front())) << expected.name;
    } else {
      EXPECT_NEAR(log.recorded_losses.front(), expected.loss, 1e-8) << expected.name;
    }
  }
}

// Breaks when rows and columns are swapped or an index still counts from 1: the simulated car's
// segments start every 7 samples, at states that are copies of the samples there.
TEST_F(RecordedFiles, SimulatedSegmentsStartAtTheirSamples) {
  const RecordedLog log = read_log(file("car_sim_0p5_eval_learned"));
  const RecordedRollout& r = log.rollouts.front();
  for (std::size_t j = 0; j < r.segments(); ++j) {
    ASSERT_EQ(r.idx_segs[j], int(7 * j));
    for (std::size_t row = 0; row < 4; ++row) {
      EXPECT_EQ(r.x0_segs(row, j), r.xs(row, 7 * j)) << "segment " << j << ", row " << row;
    }
  }
  EXPECT_TRUE(find_faults(r).empty());
}

// Breaks when a layer is lost or transposed.
TEST_F(RecordedFiles, Policies) {
  for (const char* name : {"car_sim_0p5_policy", "go1_0p5_policy"}) {
    const DenseNetwork network = read_network(file(name));
    ASSERT_EQ(network.layers.size(), 3u);
    const std::size_t outs[] = {64, 64, 10};
    const std::size_t ins[] = {6, 64, 64};
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(network.layers[i].weights.rows, outs[i]);
      EXPECT_EQ(network.layers[i].weights.cols, ins[i]);
      EXPECT_EQ(network.layers[i].bias.size(), outs[i]);
      EXPECT_EQ(network.layers[i].activation, "tanh");
    }
  }
  EXPECT_TRUE(fixture::contains(fixture::input_error([this] { read_log(file("go1_0p5_policy")); }),
                                "pass it with --policy"));
}

// Breaks when scales, seeds and iterations are confused: means as the paper tables them.
TEST_F(RecordedFiles, MismatchLosses) {
  const MismatchLosses losses = read_mismatch_losses(file("car_mismatch_losses"));
  ASSERT_EQ(losses.scales, 4u);
  ASSERT_EQ(losses.seeds, 10u);
  ASSERT_EQ(losses.iterations, 25u);
  const std::size_t iterations[] = {0, 5, 9, 14, 24};
  const double means[4][5] = {{137.1, 33.9, 16.0, 9.6, 8.3},
                              {136.7, 40.4, 19.9, 11.5, 7.9},
                              {137.0, 56.1, 31.6, 18.3, 9.8},
                              {136.2, 78.3, 54.5, 35.1, 17.7}};
  for (std::size_t scale = 0; scale < 4; ++scale) {
    for (std::size_t i = 0; i < 5; ++i) {
      double sum = 0;
      for (std::size_t seed = 0; seed < 10; ++seed) sum += losses(scale, seed, iterations[i]);
      EXPECT_NEAR(sum / 10, means[scale][i], 0.051) << "scale " << scale << ", column " << i;
    }
  }
}

}  // namespace
}  // namespace phigrad
