#include "hardware/agent/ring.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

namespace phigrad {
namespace {

/// A record large enough to be torn: all its words follow from its number.
struct Sample {
  std::uint64_t number;
  std::array<std::uint64_t, 15> words;

  static Sample of(std::uint64_t number) {
    Sample sample{number, {}};
    for (std::size_t i = 0; i < sample.words.size(); ++i) sample.words[i] = number * (i + 3);
    return sample;
  }
  bool whole() const { return words == of(number).words; }
};

// Breaks when records come out in another order, or changed, also after many turns of the ring.
TEST(Ring, GivesBackWhatItTook) {
  Ring<Sample, 4> ring;
  Sample sample = Sample::of(99);
  EXPECT_FALSE(ring.pop(sample));
  EXPECT_EQ(sample.number, 99u);
  std::uint64_t pushed = 0;
  std::uint64_t popped = 0;
  for (int turn = 0; turn < 100; ++turn) {
    for (int i = 0; i < 1 + turn % 4; ++i) EXPECT_TRUE(ring.push(Sample::of(pushed++)));
    while (ring.pop(sample)) {
      EXPECT_TRUE(sample.whole());
      EXPECT_EQ(sample.number, popped++);
    }
  }
  EXPECT_EQ(popped, pushed);
  EXPECT_EQ(ring.dropped(), 0u);
}

// Breaks when a full ring overwrites, takes fewer than it says, or counts its drops wrongly.
TEST(Ring, AFullRingRefusesTheNewest) {
  Ring<Sample, 8> ring;
  for (std::uint64_t i = 0; i < 8; ++i) EXPECT_TRUE(ring.push(Sample::of(i)));
  for (std::uint64_t i = 8; i < 13; ++i) EXPECT_FALSE(ring.push(Sample::of(i)));
  EXPECT_EQ(ring.dropped(), 5u);
  Sample sample{};
  for (std::uint64_t i = 0; i < 8; ++i) {
    EXPECT_TRUE(ring.pop(sample));
    EXPECT_EQ(sample.number, i);
  }
  EXPECT_FALSE(ring.pop(sample));
  EXPECT_TRUE(ring.push(Sample::of(13)));
  EXPECT_EQ(ring.dropped(), 5u);
}

struct Outcome {
  std::uint64_t received = 0;
  std::uint64_t torn = 0;
  std::uint64_t out_of_order = 0;
  std::uint64_t missing = 0;  // gaps in the numbers
};

/// One thread pushes `count` records, another pops them. Where `wait`, the producer tries again
/// until the ring takes it, else a refused record is gone.
template <std::size_t Capacity>
Outcome run(Ring<Sample, Capacity>& ring, std::uint64_t count, bool wait) {
  std::atomic<bool> done{false};
  std::thread producer([&] {
    for (std::uint64_t i = 0; i < count; ++i) {
      while (!ring.push(Sample::of(i)) && wait) std::this_thread::yield();
    }
    done.store(true, std::memory_order_release);
  });
  // So that some are dropped for certain.
  while (!wait && ring.dropped() == 0 && !done.load()) std::this_thread::yield();
  Outcome outcome;
  std::uint64_t expected = 0;
  Sample sample{};
  for (;;) {
    const bool last_look = done.load(std::memory_order_acquire);
    if (ring.pop(sample)) {
      ++outcome.received;
      outcome.torn += sample.whole() ? 0 : 1;
      outcome.out_of_order += sample.number < expected ? 1 : 0;
      outcome.missing += sample.number - expected;
      expected = sample.number + 1;
    } else if (last_look) {
      break;
    } else {
      std::this_thread::yield();
    }
  }
  outcome.missing += count - expected;
  producer.join();
  return outcome;
}

// Breaks when one of 10^6 records between two threads is lost, doubled, torn or overtaken.
TEST(Ring, AMillionRecordsBetweenTwoThreads) {
  const auto ring = std::make_unique<Ring<Sample, 256>>();
  const Outcome outcome = run(*ring, 1'000'000, true);
  EXPECT_EQ(outcome.received, 1'000'000u);
  EXPECT_EQ(outcome.torn, 0u);
  EXPECT_EQ(outcome.out_of_order, 0u);
  EXPECT_EQ(outcome.missing, 0u);
}

// Breaks when the count of drops is not exact: received + dropped = sent, gap for gap.
TEST(Ring, CountsEveryDropBetweenTwoThreads) {
  const auto ring = std::make_unique<Ring<Sample, 16>>();
  const Outcome outcome = run(*ring, 1'000'000, false);
  EXPECT_EQ(outcome.received + ring->dropped(), 1'000'000u);
  EXPECT_EQ(outcome.missing, ring->dropped());
  EXPECT_GT(ring->dropped(), 0u);
  EXPECT_EQ(outcome.torn, 0u);
  EXPECT_EQ(outcome.out_of_order, 0u);
}

}  // namespace
}  // namespace phigrad
