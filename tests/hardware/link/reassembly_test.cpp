#include "hardware/link/reassembly.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/hardware/link/rollout_fixture.hpp"

namespace phigrad::link {
namespace {

using namespace fixture;

/// What has arrived, by definition: a set of numbers.
struct Arrived {
  std::set<std::uint64_t> rows;

  std::uint64_t contiguous() const {
    std::uint64_t n = 0;
    while (rows.count(n) != 0) ++n;
    return n;
  }
};

// Breaks when a row is lost, taken twice or changed, or the rollout is complete a block too early
// or not at the end, under loss, repetition and any order, blocks cut differently each time they
// are sent, and a window much shorter than the rollout.
TEST(Reassembly, AcceptsEachRowOnceWhateverTheNetworkDoes) {
  std::mt19937 random(314);
  for (int round = 0; round < 60; ++round) {
    const std::size_t sample_count = 1 + random() % 400;
    const Sent sent(random, sample_count, random() % (sample_count / 7 + 2));
    ReassemblyCaps caps;
    caps.window = 1 + random() % 64;
    Reassembly rollout(sent.begin, caps);
    Arrived samples, segments;
    std::uint64_t accepted = 0, duplicates = 0, beyond = 0;
    bool end_came = false;
    int steps = 0;
    while (!rollout.complete()) {
      ASSERT_LT(++steps, 20000) << "the rollout does not come to its end";
      if (random() % 10 == 0) {
        ASSERT_TRUE(rollout.take(sent.end));
        end_came = true;
      } else {
        const bool of_samples = sent.end.segments == 0 || random() % 3 != 0;
        const std::uint64_t rows = of_samples ? sent.end.samples : sent.end.segments;
        Arrived& arrived = of_samples ? samples : segments;
        // Mostly what a robot would send again, from the first row that is missing; else any.
        const std::uint64_t missing = std::min(arrived.contiguous(), rows - 1);
        const std::uint64_t first = random() % 2 == 0 ? random() % rows : missing;
        const auto most = std::min<std::uint64_t>(rows - first, 1 + random() % 40);
        const Frame block = sent.block(of_samples ? MessageType::samples : MessageType::segments,
                                       first, static_cast<std::uint32_t>(most));
        const Taken taken = rollout.take(block);
        ASSERT_TRUE(taken.belongs);
        ASSERT_EQ(taken.conflicts, 0U);
        Taken expected;
        for (std::uint64_t i = first; i < first + most; ++i) {
          if (arrived.rows.count(i) != 0) {
            ++expected.duplicates;
          } else if (i >= arrived.contiguous() + caps.window) {
            ++expected.beyond;
          } else {
            ++expected.accepted;
            arrived.rows.insert(i);
          }
        }
        ASSERT_EQ(taken.accepted, expected.accepted);
        ASSERT_EQ(taken.duplicates, expected.duplicates);
        ASSERT_EQ(taken.beyond, expected.beyond);
        accepted += taken.accepted;
        duplicates += taken.duplicates;
        beyond += taken.beyond;
      }
      ASSERT_EQ(rollout.contiguous_samples(), samples.contiguous());
      ASSERT_EQ(rollout.contiguous_segments(), segments.contiguous());
      ASSERT_EQ(rollout.complete(), end_came && samples.rows.size() == sent.end.samples &&
                                        segments.rows.size() == sent.end.segments);
    }
    EXPECT_EQ(accepted, sent.end.samples + sent.end.segments);
    EXPECT_EQ(rollout.totals().accepted, accepted);
    EXPECT_EQ(rollout.totals().duplicates, duplicates);
    EXPECT_EQ(rollout.totals().beyond, beyond);
    EXPECT_EQ(bytes_of(rollout.samples()), sent.samples);
    EXPECT_EQ(bytes_of(rollout.segments()), sent.segments);
    EXPECT_EQ(rollout.fault(), RolloutFault::none);
  }
}

// Breaks when a rollout that ended before its first sample cannot be told from one that is lost.
TEST(Reassembly, CompletesAnEmptyRollout) {
  Reassembly rollout(sample_begin());
  EXPECT_FALSE(rollout.complete());
  RolloutEnd end;
  end.rollout = 9;
  EXPECT_TRUE(rollout.take(end));
  EXPECT_TRUE(rollout.complete());
}

}  // namespace
}  // namespace phigrad::link
