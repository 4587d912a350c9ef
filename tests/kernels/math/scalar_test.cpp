#include "kernels/math/scalar.hpp"

#include <gtest/gtest.h>

namespace phigrad {
inline namespace PHI_ISA {
namespace {

template <class S>
class Scalar : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Scalar, Scalars);

static_assert(std::is_same_v<scalar_t<float>, float> && std::is_same_v<mask_t<double>, bool>);
static_assert(width_v<float> == 1 && is_plain_v<double>);

// A swapped branch, a comparison the wrong way round.
TYPED_TEST(Scalar, SelectMinMaxClamp) {
  using S = TypeParam;
  EXPECT_EQ(select(true, S(1), S(2)), S(1));
  EXPECT_EQ(select(false, S(1), S(2)), S(2));
  EXPECT_EQ(min(S(-3), S(2)), S(-3));
  EXPECT_EQ(max(S(-3), S(2)), S(2));
  EXPECT_EQ(clamp(S(5), S(-1), S(2)), S(2));
  EXPECT_EQ(clamp(S(-5), S(-1), S(2)), S(-1));
  EXPECT_EQ(clamp(S(0.5), S(-1), S(2)), S(0.5));
  EXPECT_TRUE(any(true) && all(true));
  EXPECT_FALSE(any(false) || all(false));
  EXPECT_EQ(value(S(4)), S(4));
}

// A clamp that turns a NaN into a legal command; lanes follow the same rule.
TYPED_TEST(Scalar, NaNRules) {
  using S = TypeParam;
  const S nan = FloatLimits<S>::nan;
  EXPECT_TRUE(std::isnan(clamp(nan, S(-1), S(1))));
  EXPECT_EQ(min(nan, S(1)), S(1));
  EXPECT_TRUE(std::isnan(min(S(1), nan)));
  EXPECT_EQ(max(nan, S(1)), S(1));
  EXPECT_TRUE(std::isnan(max(S(1), nan)));
}

// A compiler allowed to assume finite values makes these constants.
TYPED_TEST(Scalar, IsFiniteIsReal) {
  using S = TypeParam;
  volatile S zero = S(0);
  EXPECT_TRUE(is_finite(zero));
  EXPECT_TRUE(is_finite(-FloatLimits<S>::largest));
  EXPECT_FALSE(is_finite(S(1) / zero));
  EXPECT_FALSE(is_finite(S(-1) / zero));
  EXPECT_FALSE(is_finite(zero / zero));
}

// Halves go to even, signs of zero survive.
TYPED_TEST(Scalar, Rounding) {
  using S = TypeParam;
  EXPECT_EQ(round_nearest(S(2.5)), S(2));
  EXPECT_EQ(round_nearest(S(3.5)), S(4));
  EXPECT_EQ(round_nearest(S(-0.75)), S(-1));
  EXPECT_EQ(floor(S(-0.25)), S(-1));
  EXPECT_EQ(floor(S(1.75)), S(1));
  EXPECT_EQ(sqrt(S(2.25)), S(1.5));
  EXPECT_TRUE(std::isnan(sqrt(S(-1))));
  EXPECT_EQ(abs(S(-2)), S(2));
  EXPECT_EQ(copysign(S(3), S(-0.0)), S(-3));
  EXPECT_EQ(copysign(S(-3), S(2)), S(3));
}

// fma(a, b, c) with a b = c up to the last place: the rounding error of the product, or 0 when
// unfused. (Double on x86 without FMA hardware is unfused, as documented.)
TYPED_TEST(Scalar, FmaIsFused) {
  using S = TypeParam;
  volatile S a = S(1) + std::ldexp(S(1), sizeof(S) == 4 ? -13 : -30);
  const S product = a * a;
#if !defined(__FMA__) && !defined(__aarch64__)
  if (sizeof(S) == 8) GTEST_SKIP() << "no FMA hardware in this build";
#endif
  EXPECT_EQ(fma(S(a), S(a), -product), std::ldexp(S(1), sizeof(S) == 4 ? -26 : -60));
}

TYPED_TEST(Scalar, BitsAndMemory) {
  using S = TypeParam;
  const S x = S(-0.1);
  EXPECT_EQ(from_bits<S>(to_bits(x)), x);
  EXPECT_EQ(to_bits(S(-0.0)), typename RealTraits<S>::Bits(1) << (8 * sizeof(S) - 1));
  S memory[2] = {S(1), S(2)};
  EXPECT_EQ(load<S>(memory + 1), S(2));
  store(x, memory);
  EXPECT_EQ(memory[0], x);
}

}  // namespace
}  // namespace PHI_ISA
}  // namespace phigrad
