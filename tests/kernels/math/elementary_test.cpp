#include "kernels/math/elementary.hpp"

#include "tests/kernels/math/elementary_battery.hpp"

namespace phigrad {
inline namespace PHI_ISA {
namespace {

template <class S>
class Elementary : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Elementary, Scalars);

// A wrong digit in a coefficient, a lost term of a reduction.
TYPED_TEST(Elementary, ErrorsStayWithinTheStatedUlps) { check_accuracy<TypeParam>(); }

struct Golden {
  double x;
  long double sine, cosine;
};

// A reduction with too few digits of π: these lie nearest to multiples of π/2. By mpmath, 80
// digits.
TEST(ElementaryGolden, SineAndCosineNextToMultiplesOfHalfPi) {
  const Golden table[] = {
      {0x1.921fb54442d18p+0, 0x1.0000000000000p+0, 0x1.1a62633145c07p-54},
      {0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53, -0x1.0000000000000p+0},
      {0x1.2d97c7f3321d2p+2, -0x1.0000000000000p+0, -0x1.a79394c9e8a0ap-53},
      {0x1.1475cc9eedf01p+5, -0x1.3ddc5bce200bbp-49, -0x1.0000000000000p+0},
      {0x1.16d0fc2ed4544p+10, 0x1.53cb37c6a9dcfp-44, -0x1.0000000000000p+0},
      {0x1.3f0be944cf159p+17, 0x1.0000000000000p+0, 0x1.14bb749c1d4bep-37},
      {0x1.4022ba40fde9fp+16, -0x1.d9f0c02c1c0a4p-38, -0x1.0000000000000p+0},
      {0x1.869e77079fdc2p+16, 0x1.0000000000000p+0, -0x1.1a3b6d67842e5p-43},
      {0x1.86a0000000000p+16, 0x1.24daa9c527e96p-5, -0x1.ffac3841b3da7p-1},
      {-0x1.869f800000000p+16, -0x1.055f282f41bdap-1, -0x1.b8428c9f69a31p-1},
      {0x1.0c152382d7366p-1, 0x1.0000000000000p-1, 0x1.bb67ae8584caap-1},
      {0x1.5798ee2308c3ap-27, 0x1.5798ee2308c3ap-27, 0x1.0000000000000p+0},
      {0x1.1170000000000p+16, -0x1.a59e631ba6f3dp-1, 0x1.227c3863b3ce7p-1},
  };
  for (const Golden& g : table) {
    EXPECT_LE(ulp_error(sin(g.x), g.sine), 2.0) << g.x;
    EXPECT_LE(ulp_error(cos(g.x), g.cosine), 2.0) << g.x;
  }
}

// Values of the other functions, by mpmath.
TEST(ElementaryGolden, ExpTanhLog) {
  struct Value {
    double x;
    long double y;
  };
  const Value exponentials[] = {{-0x1.61c0000000000p+9, 0x1.39b42358bdf31p-1021},
                                {-0x1.12e0be826d695p-30, 0x1.fffffff768fa1p-1},
                                {0x1.62e42fefa39efp-2, 0x1.6a09e667f3bccp+0},
                                {0x1.62e3d70a3d70ap+9, 0x1.fe9ce5c4c52b4p+1023}};
  for (const auto& [x, y] : exponentials) EXPECT_LE(ulp_error(exp(x), y), 2.0) << x;
  const Value tangents[] = {{0x1.56e1fc2f8f359p-997, 0x1.56e1fc2f8f359p-997},
                            {0x1.4f8b588e368f1p-17, 0x1.4f8b588e06854p-17},
                            {0x1.fbe76c8b43958p-7, 0x1.fbdd032586c7cp-7},
                            {0x1.62e42fefa39efp-3, 0x1.5f619980c4337p-3},
                            {0x1.199999999999ap-1, 0x1.00442f6419203p-1},
                            {0x1.2e66666666666p+4, 0x1.fffffffffffffp-1},
                            {0x1.38p+4, 1.0}};
  for (const auto& [x, y] : tangents) EXPECT_LE(ulp_error(tanh(x), y), 2.0) << x;
  const Value logarithms[] = {{0x1.56e1fc2f8f359p-997, -0x1.5963447f87fb5p+9},
                              {0x1.6a09e667f3bccp-1, -0x1.62e42fefa39f1p-2},
                              {0x1.fffffca501acbp-1, -0x1.ad7f2b1049b9fp-24},
                              {0x1.000001ad7f29bp+0, 0x1.ad7f2847b6492p-24},
                              {0x1.8p+1, 0x1.193ea7aad030bp+0}};
  for (const auto& [x, y] : logarithms) EXPECT_LE(ulp_error(log(x), y), 2.0) << x;
}

// A clamp or a select that swallows a NaN, a sign lost on the way.
TYPED_TEST(Elementary, ZerosInfinitiesAndNaN) {
  using S = TypeParam;
  const S inf = FloatLimits<S>::infinity;
  const S nan = FloatLimits<S>::nan;
  const auto expect_zero = [](S x, bool negative) {
    EXPECT_EQ(x, S(0));
    EXPECT_EQ(std::signbit(x), negative);
  };
  expect_zero(sin(S(0)), false);
  expect_zero(sin(S(-0.0)), true);
  EXPECT_EQ(cos(S(-0.0)), S(1));
  EXPECT_EQ(exp(S(-0.0)), S(1));
  expect_zero(tanh(S(0)), false);
  expect_zero(tanh(S(-0.0)), true);
  expect_zero(log(S(1)), false);
  for (const S bad : {inf, -inf, nan}) {
    EXPECT_TRUE(std::isnan(sin(bad)));
    EXPECT_TRUE(std::isnan(cos(bad)));
  }
  EXPECT_EQ(exp(inf), inf);
  EXPECT_EQ(exp(-inf), S(0));
  EXPECT_TRUE(std::isnan(exp(nan)));
  EXPECT_EQ(tanh(inf), S(1));
  EXPECT_EQ(tanh(-inf), S(-1));
  EXPECT_TRUE(std::isnan(tanh(nan)));
  EXPECT_EQ(log(inf), inf);
  EXPECT_EQ(log(S(0)), -inf);
  EXPECT_EQ(log(S(-0.0)), -inf);
  EXPECT_TRUE(std::isnan(log(S(-1))));
  EXPECT_TRUE(std::isnan(log(-inf)));
  EXPECT_TRUE(std::isnan(log(nan)));
}

// exp's scale 2^k must neither wrap around nor overflow before the result does.
TYPED_TEST(Elementary, ExpAtTheEndsOfItsRange) {
  using S = TypeParam;
  constexpr bool single = sizeof(S) == 4;
  const S largest = single ? S(88.7228317F) : S(709.782712893384);
  EXPECT_LE(ulp_error(exp(largest), std::exp(static_cast<long double>(largest))), 1.5);
  EXPECT_EQ(exp(std::nextafter(largest, S(1000))), FloatLimits<S>::infinity);
  EXPECT_EQ(exp(FloatLimits<S>::largest), FloatLimits<S>::infinity);
  const S smallest_normal = single ? S(0x1p-126) : S(0x1p-1022);
  const S x = single ? S(-86.84) : S(-707.9);
  EXPECT_LE(ulp_error(exp(x), std::exp(static_cast<long double>(x))), 1.5);
  for (const S below : linear_samples<S>(single ? -110 : -750, single ? -86 : -707, 10000)) {
    const S y = exp(below);
    EXPECT_TRUE(y == S(0) || y >= smallest_normal) << below;
    EXPECT_TRUE(y > S(0) || std::exp(static_cast<long double>(below)) <
                                1.7L * static_cast<long double>(smallest_normal))
        << below;
  }
  EXPECT_EQ(exp(-FloatLimits<S>::largest), S(0));
}

// The quadrants, and the conventions of C at the zeros.
TYPED_TEST(Elementary, Atan2AtTheAxes) {
  using S = TypeParam;
  const S pi = pi_v<S>;
  const S inf = FloatLimits<S>::infinity;
  for (const S x : {S(1e-30), S(1), S(1e30), inf}) {
    EXPECT_EQ(atan2(S(0), x), S(0));
    EXPECT_FALSE(std::signbit(atan2(S(0), x)));
    EXPECT_TRUE(std::signbit(atan2(S(-0.0), x)));
    EXPECT_EQ(atan2(S(0), -x), pi);
    EXPECT_EQ(atan2(S(-0.0), -x), -pi);
    EXPECT_EQ(atan2(x, S(0)), pi / 2);
    EXPECT_EQ(atan2(x, S(-0.0)), pi / 2);
    EXPECT_EQ(atan2(-x, S(0)), -pi / 2);
  }
  EXPECT_EQ(atan2(S(0), S(0)), S(0));
  EXPECT_EQ(atan2(S(0), S(-0.0)), pi);
  EXPECT_EQ(atan2(S(1), inf), S(0));
  EXPECT_EQ(atan2(S(1), -inf), pi);
  EXPECT_TRUE(std::isnan(atan2(FloatLimits<S>::nan, S(1))));
  EXPECT_TRUE(std::isnan(atan2(S(1), FloatLimits<S>::nan)));
  EXPECT_TRUE(std::isnan(atan2(S(0), FloatLimits<S>::nan)));
  const S epsilon = std::ldexp(S(1), 1 - mantissa_digits<S>);
  EXPECT_NEAR(atan2(S(1), S(1)), pi / 4, epsilon);
  EXPECT_NEAR(atan2(S(-1), S(-1)), S(-0.75) * pi, 2 * epsilon);
  EXPECT_NEAR(atan2(FloatLimits<S>::largest, FloatLimits<S>::largest), pi / 4, epsilon);
}

// Past the range of the reduction the angle is held: bounded, and still on the unit circle.
TYPED_TEST(Elementary, SineOfHugeAnglesStaysOnTheUnitCircle) {
  using S = TypeParam;
  const S epsilon = std::ldexp(S(1), 1 - mantissa_digits<S>);
  for (const S x : logarithmic_samples<S>(1e4, 1e37, 100000)) {
    S s, c;
    sincos(x, s, c);
    ASSERT_LE(std::fabs(s * s + c * c - S(1)), 8 * epsilon) << x;
    ASSERT_LE(std::fabs(s), S(1)) << x;
    ASSERT_LE(std::fabs(c), S(1)) << x;
  }
}

// sincos, sin and cos are one computation.
TYPED_TEST(Elementary, SincosIsSinAndCos) {
  for (const TypeParam x : linear_samples<TypeParam>(-100, 100, 10000)) {
    TypeParam s, c;
    sincos(x, s, c);
    ASSERT_EQ(s, sin(x));
    ASSERT_EQ(c, cos(x));
  }
}

// tanh must not overshoot 1 nor turn back where it saturates.
TYPED_TEST(Elementary, TanhRisesToOne) {
  using S = TypeParam;
  const S epsilon = std::ldexp(S(1), 1 - mantissa_digits<S>);
  S before = S(-1);
  for (int i = -4000; i <= 4000; ++i) {
    const S y = tanh(S(i) / S(160));
    ASSERT_GE(y, before - epsilon) << i;
    ASSERT_LE(std::fabs(y), S(1)) << i;
    before = y;
  }
  EXPECT_EQ(before, S(1));
}

// Whole turns, and only beyond half a turn.
TYPED_TEST(Elementary, WrapNearShiftsByWholeTurns) {
  using S = TypeParam;
  const S turn = 2 * pi_v<S>;
  EXPECT_EQ(wrap_near(S(3), S(0.5)), S(3));
  EXPECT_EQ(wrap_near(S(4), S(0.5)), S(4) - turn);
  EXPECT_EQ(wrap_near(S(-4), S(0.5)), S(-4) + turn);
  EXPECT_EQ(wrap_near(S(20), S(0.5)), fma(S(-3), turn, S(20)));
  EXPECT_EQ(wrap_near(S(-20), S(0.5)), fma(S(3), turn, S(-20)));
  EXPECT_EQ(wrap_near(pi_v<S>, S(0)), pi_v<S>);
  EXPECT_EQ(wrap_near(-pi_v<S>, S(0)), -pi_v<S>);
}

TYPED_TEST(Elementary, Hypot) {
  EXPECT_EQ(hypot(TypeParam(3), TypeParam(-4)), TypeParam(5));
  EXPECT_EQ(hypot(TypeParam(0), TypeParam(0)), TypeParam(0));
}

}  // namespace
}  // namespace PHI_ISA
}  // namespace phigrad
