// One source, one result: instruction sets and processors against one another (NU8). Those with a
// fused multiply-add agree bit for bit, the GPU among them in strict builds; the baseline of x86,
// which has none, to rounding.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/fingerprints.hpp"

namespace phigrad {
namespace {

using namespace fingerprint;

/// Everything of a batch of some policies, of one, and of many that have two rollouts each; sums
/// over so many rollouts of one that a GPU adds them up in parts.
std::vector<double> results(const KernelEntry& entry) {
  const EngineCase c(entry);
  std::vector<double> all;
  for (const std::size_t policies : {2U, 1U, 19U}) {
    Members members = Members::first(38);
    for (std::size_t p = 1; p < policies; ++p) members.policies.push_back(p);
    const auto engine = simulated(c, members, members.shape(segments, steps));
    for (const auto& print : fingerprints(*engine, variants)) append(all, print);
    for (const Variant& v : variants) append(all, mean_and_variance(*engine, v));
  }
  const Members many = Members::first(1100);
  const auto engine = simulated(c, many, many.shape(1, 1));
  append(all, mean_and_variance(*engine, {{0, 1, {1}}, {Chain::segment, 0, false}}));
  return all;
}

class Backends : public ::testing::TestWithParam<KernelEntry> {
 protected:
  /// The first table of the same bundle and precision that has a fused multiply-add.
  static const KernelEntry* reference() {
    for (const KernelEntry& e : entries()) {
      if (e.kernels == GetParam().kernels && e.precision == GetParam().precision &&
          e.flavour != "baseline" && e.flavour != "cuda") {
        return &e;
      }
    }
    return nullptr;
  }
  static const std::vector<KernelEntry>& entries() {
    static const std::vector<KernelEntry> all = runnable_entries();
    return all;
  }
};

// Breaks when an elementary function, a select or the order of a sum differs between compilers,
// lane widths or processors.
TEST_P(Backends, GiveTheSameNumbers) {
  const KernelEntry* other = reference();
  if (other == nullptr) GTEST_SKIP() << "no instruction set with a fused multiply-add here";
  const std::vector<double> expected = results(*other);
  const std::vector<double> got = results(GetParam());
  const bool exact = GetParam().flavour != "baseline" &&
                     (GetParam().flavour != "cuda" || PHIGRAD_STRICT_DEVICE_CODE != 0);
  ASSERT_EQ(got.size(), expected.size());
  if (exact) {
    EXPECT_EQ(differing_bits(got, expected), 0U) << "against " << other->flavour;
    return;
  }
  double largest = 0;
  for (const double v : expected) largest = std::max(largest, std::isfinite(v) ? std::abs(v) : 0);
  const double tolerance = GetParam().precision == "float" ? 1e-5 : 1e-12;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (std::isnan(expected[i]) && std::isnan(got[i])) continue;
    ASSERT_NEAR(got[i], expected[i], tolerance * largest) << i << ", against " << other->flavour;
  }
  EXPECT_GT(largest, 1e-2);
}

INSTANTIATE_TEST_SUITE_P(Kernels, Backends, ::testing::ValuesIn(runnable_entries()), test_name);

}  // namespace
}  // namespace phigrad
