// Lanes against the scalar functions, lane by lane: native widths (intrinsics) and others (loops).
#include <gtest/gtest.h>

#include <cstring>
#include <utility>

#include "kernels/math/lanes.hpp"
#include "tests/kernels/math/ulp.hpp"

namespace phigrad {
inline namespace PHI_ISA {
namespace {

template <class L>
class LanesOf : public ::testing::Test {};
using Types = ::testing::Types<lanes_t<float>, lanes_t<double>, Lanes<float, 2>, Lanes<double, 2>>;
TYPED_TEST_SUITE(LanesOf, Types);

static_assert(native_width<float>() > 1, "this test belongs to an instruction set with lanes");
static_assert(sizeof(lanes_t<float>) == native_width<float>() * sizeof(float));
static_assert(std::is_same_v<lanes_t<float, 1>, float>);
static_assert(std::is_trivially_copyable_v<lanes_t<double>>);
static_assert(!std::is_convertible_v<double, lanes_t<float>>, "a double literal slips in");
static_assert(std::is_constructible_v<lanes_t<float>, double>);

template <class S>
bool same_bits(S a, S b) {
  return std::memcmp(&a, &b, sizeof a) == 0 || (std::isnan(a) && std::isnan(b));
}

/// Every pair of awkward and ordinary values, in lanes and alone.
template <class L, class Function>
void expect_same(const char* name, Function function) {
  using S = scalar_t<L>;
  std::vector<S> values = {S(0),
                           S(-0.0),
                           S(1),
                           S(-1),
                           FloatLimits<S>::infinity,
                           S(2.5),
                           S(-2.5),
                           S(3.5),
                           FloatLimits<S>::nan,
                           FloatLimits<S>::largest,
                           S(1e-40),
                           S(-0.5)};
  for (const S x : logarithmic_samples<S>(1e-6, 1e9, 52)) values.push_back(x);
  for (std::size_t shift = 0; shift < values.size(); ++shift) {
    for (std::size_t begin = 0; begin < values.size(); begin += std::size_t(width_v<L>)) {
      S a[width_v<L>], b[width_v<L>], c[width_v<L>], together[width_v<L>];
      for (int lane = 0; lane < width_v<L>; ++lane) {
        const std::size_t i = begin + std::size_t(lane);
        a[lane] = values[i % values.size()];
        b[lane] = values[(i + shift) % values.size()];
        c[lane] = values[(i + 2 * shift + 1) % values.size()];
      }
      store(function(load<L>(a), load<L>(b), load<L>(c)), together);
      for (int lane = 0; lane < width_v<L>; ++lane) {
        const S alone = function(a[lane], b[lane], c[lane]);
        ASSERT_TRUE(same_bits(together[lane], alone))
            << name << "(" << a[lane] << ", " << b[lane] << ", " << c[lane] << ") lane "
            << together[lane] << ", scalar " << alone;
      }
    }
  }
}

// A wrong intrinsic, a NaN rule that differs between the instruction and the scalar.
TYPED_TEST(LanesOf, EveryOperationGivesTheScalarsBits) {
  using L = TypeParam;
  expect_same<L>("+", [](auto a, auto b, auto) { return a + b; });
  expect_same<L>("-", [](auto a, auto b, auto) { return a - b; });
  expect_same<L>("*", [](auto a, auto b, auto) { return a * b; });
  expect_same<L>("/", [](auto a, auto b, auto) { return a / b; });
  expect_same<L>("unary -", [](auto a, auto, auto) { return -a; });
  expect_same<L>("fma", [](auto a, auto b, auto c) { return fma(a, b, c); });
  expect_same<L>("sqrt", [](auto a, auto, auto) { return sqrt(a); });
  expect_same<L>("abs", [](auto a, auto, auto) { return abs(a); });
  expect_same<L>("floor", [](auto a, auto, auto) { return floor(a); });
  expect_same<L>("round_nearest", [](auto a, auto, auto) { return round_nearest(a); });
  expect_same<L>("copysign", [](auto a, auto b, auto) { return copysign(a, b); });
  expect_same<L>("min", [](auto a, auto b, auto) { return min(a, b); });
  expect_same<L>("max", [](auto a, auto b, auto) { return max(a, b); });
  expect_same<L>("clamp", [](auto a, auto b, auto c) { return clamp(a, b, c); });
  expect_same<L>("<", [](auto a, auto b, auto c) { return select(a < b, b, c); });
  expect_same<L>(">", [](auto a, auto b, auto c) { return select(a > b, b, c); });
  expect_same<L>("<=", [](auto a, auto b, auto c) { return select(a <= b, b, c); });
  expect_same<L>(">=", [](auto a, auto b, auto c) { return select(a >= b, b, c); });
  expect_same<L>("==", [](auto a, auto b, auto c) { return select(a == b, b, c); });
  expect_same<L>("!=", [](auto a, auto b, auto c) { return select(a != b, b, c); });
  expect_same<L>("is_finite", [](auto a, auto b, auto c) { return select(is_finite(a), b, c); });
  expect_same<L>("& | !", [](auto a, auto b, auto c) {
    const mask_t<decltype(a)> m = ((a < b) & !(b < c)) | (a == c);
    return select(m, a, b);
  });
}

// The mask of one lane must not leak into another.
TYPED_TEST(LanesOf, AnyAndAllSeeEachLane) {
  using L = TypeParam;
  using S = scalar_t<L>;
  using Mask = mask_t<L>;
  EXPECT_FALSE(any(Mask(false)));
  EXPECT_TRUE(all(Mask(true)));
  for (int lane = 0; lane < width_v<L>; ++lane) {
    L x(S(0));
    x.set(lane, S(1));
    const Mask one = x > L(S(0));
    EXPECT_TRUE(any(one) && !all(one));
    EXPECT_TRUE(any(!one) && !all(!one));
    for (int other = 0; other < width_v<L>; ++other) EXPECT_EQ(one[other], other == lane);
  }
}

// Addresses of any alignment, and no lane swapped.
TYPED_TEST(LanesOf, LoadAndStore) {
  using L = TypeParam;
  using S = scalar_t<L>;
  S memory[3 * width_v<L> + 1];
  for (int i = 0; i < 3 * width_v<L> + 1; ++i) memory[i] = S(i);
  const L x = load<L>(memory + 1);
  for (int lane = 0; lane < width_v<L>; ++lane) EXPECT_EQ(x[lane], S(lane + 1));
  store(x, memory + width_v<L> + 1);
  for (int lane = 0; lane < width_v<L>; ++lane)
    EXPECT_EQ(memory[width_v<L> + 1 + lane], S(lane + 1));
  EXPECT_EQ(memory[width_v<L>], S(width_v<L>));
  EXPECT_EQ(memory[2 * width_v<L> + 1], S(2 * width_v<L> + 1));
}

// Scalars broadcast, on either side, with their sign of zero.
TYPED_TEST(LanesOf, ScalarsBroadcast) {
  using L = TypeParam;
  using S = scalar_t<L>;
  L x = L(0.5) * S(3) - S(1);
  x += S(2);
  x *= L(S(2));
  x -= S(1);
  x /= S(2);
  for (int lane = 0; lane < width_v<L>; ++lane) {
    EXPECT_EQ(x[lane], S(2));
    EXPECT_TRUE(std::signbit(L(S(-0.0))[lane]));
    EXPECT_EQ((S(1) / L(4))[lane], S(0.25));
  }
  EXPECT_TRUE(all(from_bits<L>(to_bits(x)) == x));
}

}  // namespace
}  // namespace PHI_ISA
}  // namespace phigrad
