// A result does not depend on batch size, place in the batch, order, chunks or threads: 0 differing
// bits, over every bundle, precision and instruction set.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/support/bits.hpp"
#include "tests/support/fingerprints.hpp"

namespace phigrad {
namespace {

using namespace fingerprint;

using namespace fingerprint;

double norm(const std::vector<double>& v) {
  return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
}

class Determinism : public ::testing::TestWithParam<KernelEntry> {
 protected:
  const EngineCase case_{GetParam()};

  bool is_network() const { return case_.size.parameters(segments) > 1000; }

  /// Trajectories of a batch of n are what they are alone.
  void expect_alone(std::size_t n) const {
    const std::vector<Variant> which = n < 1000 ? variants : std::vector<Variant>{variants[1]};
    const Members m = Members::first(n);
    std::vector<std::size_t> some;
    for (std::size_t b = 0; b < n; b += (n < 10 || b + 9 > n ? 1 : n / 10)) some.push_back(b);
    const auto batch = fingerprints(*simulated(case_, m, m.shape(segments, steps)), which, some);
    for (std::size_t i = 0; i < some.size(); ++i) {
      ASSERT_EQ(differing_bits(batch[i], alone(some[i], which)), 0U)
          << "trajectory " << some[i] << " of " << n;
    }
  }

  /// The fingerprint of a trajectory that is alone in its batch.
  std::vector<double> alone(std::size_t b, const std::vector<Variant>& which) const {
    Members m;
    m.trajectories = {b};
    m.policies = {0};
    return fingerprints(*simulated(case_, m, m.shape(segments, steps)), which)[0];
  }
};

// Breaks when a kernel mixes lanes, when padding reaches a real trajectory, or when θ read for a
// whole block differs from θ read for each lane.
TEST_P(Determinism, BatchSizeDoesNotShow) {
  for (const std::size_t n : {7U, 32U, 1000U}) expect_alone(n);
  if (!is_network()) expect_alone(65537);
}

class DeterminismOfNetworks : public Determinism {
 public:
  /// Networks without lanes would take minutes.
  static std::vector<KernelEntry> entries() {
    std::vector<KernelEntry> networks;
    for (const KernelEntry& e : runnable_entries()) {
      const BundleSizes size = sizes_of(e);
      if (size.parameters(segments) > 1000 && (size.width > 1 || e.flavour == "cuda")) {
        networks.push_back(e);
      }
    }
    return networks;
  }
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DeterminismOfNetworks);

TEST_P(DeterminismOfNetworks, LargeBatchDoesNotShow_slow) { expect_alone(65537); }

// Breaks when a policy's gradient depends on the policies beside it or on how many share a block.
TEST_P(Determinism, PoliciesAreIndependent) {
  for (const std::size_t rollouts : {1U, 3U, 9U}) {
    Members all;
    all.policies = {0, 1, 2, 3, 4};
    for (std::size_t b = 0; b < 5 * rollouts; ++b) all.trajectories.push_back(b);
    const auto together = simulated(case_, all, all.shape(segments, steps));
    const std::vector<double> gradients = mean_and_variance(*together, variants[1]);
    const auto np = static_cast<std::size_t>(together->parameters());
    for (std::size_t p = 0; p < 5; ++p) {
      Members one;
      one.policies = {p};
      for (std::size_t r = 0; r < rollouts; ++r) one.trajectories.push_back(p * rollouts + r);
      const auto engine = simulated(case_, one, one.shape(segments, steps));
      const std::vector<double> expected = mean_and_variance(*engine, variants[1]);
      std::vector<double> got;
      for (std::size_t at = p * np; at < gradients.size(); at += 5 * np) {
        got.insert(got.end(), gradients.begin() + static_cast<std::ptrdiff_t>(at),
                   gradients.begin() + static_cast<std::ptrdiff_t>(at + np));
      }
      ASSERT_GT(norm(expected), 1e-6);
      ASSERT_EQ(differing_bits(got, expected), 0U) << "policy " << p << ", " << rollouts;
    }
  }
}

// Breaks when threads share anything that they write, or split sums among them.
TEST_P(Determinism, ThreadsDoNotShow) {
  const Members m = Members::first(29);
  const BatchShape shape = m.shape(segments, steps);
  std::vector<double> expected;
  for (int threads = 1; threads <= 16; ++threads) {
    EngineSpec spec = case_.spec(shape);
    spec.threads = threads;
    const auto engine = simulated(case_, m, shape, spec);
    std::vector<double> got = mean_and_variance(*engine, variants[2]);
    for (const auto& print : fingerprints(*engine, {variants[2]})) append(got, print);
    if (threads == 1) expected = got;
    ASSERT_EQ(differing_bits(got, expected), 0U) << threads << " threads";
  }
}

// Breaks when a chunk's edge loses or repeats a trajectory, or when sums are rounded a chunk.
TEST_P(Determinism, ChunksDoNotShow) {
  for (const bool one_policy : {true, false}) {
    Members m = Members::first(36);
    if (!one_policy) m.policies = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    const BatchShape shape = m.shape(segments, steps);
    std::vector<double> expected;
    for (const std::int64_t chunk : {0, 1, 2, 3, 7}) {
      EngineSpec spec = case_.spec(shape);
      spec.chunk_blocks = chunk;
      const std::vector<double> got =
          mean_and_variance(*simulated(case_, m, shape, spec), variants[1]);
      if (chunk == 0) expected = got;
      ASSERT_EQ(differing_bits(got, expected), 0U) << "chunks of " << chunk;
    }
  }
}

// Breaks when a sum over rollouts depends on their order.
TEST_P(Determinism, OrderDoesNotShow) {
  const Members m = Members::first(53);
  const BatchShape shape = m.shape(segments, steps);
  const auto engine = simulated(case_, m, shape);
  const auto prints = fingerprints(*engine, {variants[1]});
  const std::vector<double> sums = mean_and_variance(*engine, variants[1]);
  for (std::size_t seed = 1; seed <= 4; ++seed) {
    Members shuffled = m;
    const std::vector<double> keys = random_numbers(31, seed, 53, 0, 1);
    std::sort(shuffled.trajectories.begin(), shuffled.trajectories.end(),
              [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
    const auto other = simulated(case_, shuffled, shape);
    const auto moved = fingerprints(*other, {variants[1]});
    for (std::size_t b = 0; b < 53; ++b) {
      ASSERT_EQ(differing_bits(moved[b], prints[shuffled.trajectories[b]]), 0U) << seed << ' ' << b;
    }
    ASSERT_EQ(differing_bits(mean_and_variance(*other, variants[1]), sums), 0U) << seed;
  }
}

// Breaks when a call leaves something behind that the next one reads.
TEST_P(Determinism, RepeatsAreEqual) {
  const Members m = Members::first(19);
  const BatchShape shape = m.shape(segments, steps);
  const auto engine = simulated(case_, m, shape);
  std::vector<std::vector<double>> first;
  for (const Variant& v : variants) first.push_back(mean_and_variance(*engine, v));
  const auto prints = fingerprints(*engine, variants);
  for (int repeat = 0; repeat < 3; ++repeat) {
    const auto fresh = repeat == 2 ? simulated(case_, m, shape) : nullptr;
    Engine& again = fresh ? *fresh : *engine;
    simulate_members(case_, m, again);
    for (std::size_t v = variants.size(); v-- > 0;) {  // the other way round
      ASSERT_EQ(differing_bits(mean_and_variance(again, variants[v]), first[v]), 0U) << v;
    }
    ASSERT_EQ(fingerprints(again, variants).size(), prints.size());
    const auto repeated = fingerprints(again, variants);
    for (std::size_t b = 0; b < prints.size(); ++b) {
      ASSERT_EQ(differing_bits(repeated[b], prints[b]), 0U) << b;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, Determinism, ::testing::ValuesIn(runnable_entries()), test_name);
INSTANTIATE_TEST_SUITE_P(Kernels, DeterminismOfNetworks,
                         ::testing::ValuesIn(DeterminismOfNetworks::entries()), test_name);

}  // namespace
}  // namespace phigrad
