#include "kernels/math/dual.hpp"

#include "kernels/math/vec.hpp"
#include "tests/kernels/math/derivative_battery.hpp"

namespace phigrad {
inline namespace PHI_ISA {
namespace {

constexpr double tiny_step = 1e-200;

using D2 = Dual<double, 2>;
static_assert(std::is_trivially_copyable_v<D2> && sizeof(D2) == 3 * sizeof(double));
static_assert(std::is_same_v<scalar_t<D2>, double> && std::is_same_v<mask_t<D2>, bool>);
static_assert(!std::is_convertible_v<double, Dual<float, 2>>, "a double literal slips in");

// A slope with a wrong sign, factor or operand. The derivatives must not be 0 throughout, or
// nothing is tested.
TEST(DualNumbers, AgreeWithTheComplexStep) {
  each_expression([](const char* name, auto f) {
    double largest_slope = 0.0;
    for (const auto& [x, y] : battery_points) {
      const D2 dual = f(D2::variable(x, 0), D2::variable(y, 1), battery_parameter);
      const double plain = f(x, y, battery_parameter);
      EXPECT_EQ(dual.value, plain) << name << " at " << x << ", " << y;
      const ComplexStep along[] = {f(ComplexStep(x, tiny_step), ComplexStep(y), battery_parameter),
                                   f(ComplexStep(x), ComplexStep(y, tiny_step), battery_parameter)};
      for (int i = 0; i < 2; ++i) {
        const double slope = along[i].im() / tiny_step;
        const double scale = std::fabs(slope) + std::fabs(plain) + 1.0;
        EXPECT_NEAR(along[i].re(), plain, 1e-14 * scale) << name << " at " << x << ", " << y;
        EXPECT_NEAR(dual.tangent[i], slope, 2e-14 * scale)
            << name << " along " << i << " at " << x << ", " << y;
        largest_slope = std::max(largest_slope, std::fabs(slope));
      }
    }
    EXPECT_GT(largest_slope, 0.1) << name;
  });
}

// float runs through the same lines.
TEST(DualNumbers, FloatFollowsDouble) {
  using F2 = Dual<float, 2>;
  each_expression([](const char* name, auto f) {
    for (const auto& [x, y] : battery_points) {
      const D2 wide = f(D2::variable(x, 0), D2::variable(y, 1), battery_parameter);
      const F2 narrow = f(F2::variable(static_cast<float>(x), 0),
                          F2::variable(static_cast<float>(y), 1), float(battery_parameter));
      for (int i = 0; i < 2; ++i) {
        EXPECT_NEAR(static_cast<double>(narrow.tangent[i]), wide.tangent[i],
                    1e-4 * (1.0 + std::fabs(wide.tangent[i]) + std::fabs(wide.value)))
            << name << " at " << x << ", " << y;
      }
    }
  });
}

// Comparisons look at the value alone.
TEST(DualNumbers, CompareByValue) {
  const D2 a = D2::variable(1.0, 0);
  const D2 b = D2::variable(1.0, 1);
  EXPECT_TRUE(a == b && a <= b && a >= b);
  EXPECT_FALSE(a != b || a < b || a > b);
  EXPECT_TRUE(a < 2.0 && 2.0 > a);
  EXPECT_EQ(value(a), 1.0);
}

// What the documentation says of the points without a derivative.
TEST(DualNumbers, ConventionsAtSwitches) {
  const D2 zero = D2::variable(0.0, 0);
  EXPECT_EQ(abs(zero).tangent[0], 1.0);
  EXPECT_EQ(sqrt(zero).tangent[0], 0.0);
  EXPECT_EQ(hypot(zero, zero).tangent[0], 0.0);
  EXPECT_EQ(atan2(zero, zero).tangent[0], 0.0);
  const D2 edge = D2::variable(0.75, 0);
  EXPECT_EQ(clamp(edge, -0.75, 0.75).tangent[0], 1.0);
  EXPECT_EQ(clamp(edge + 1e-9, -0.75, 0.75).tangent[0], 0.0);
  EXPECT_EQ(clamp(edge + 1e-9, -0.75, 0.75).value, 0.75);
}

// A NaN in a derivative alone must be seen.
TEST(DualNumbers, IsFiniteSeesTheTangent) {
  D2 x = D2::variable(1.0, 0);
  EXPECT_TRUE(is_finite(x));
  x.tangent[1] = FloatLimits<double>::nan;
  EXPECT_FALSE(is_finite(x));
}

// x given as its own output.
TEST(DualNumbers, SincosInPlace) {
  D2 x = D2::variable(0.4, 0);
  D2 cosine;
  sincos(x, x, cosine);
  EXPECT_EQ(x.tangent[0], cosine.value);
  EXPECT_EQ(cosine.tangent[0], -x.value);
}

// The derivative of a product of matrices, by hand: d(A x)/dp for A = [[p, 2], [3, p²]].
TEST(DualNumbers, InsideMatrices) {
  using D1 = Dual<double, 1>;
  const D1 p = D1::variable(1.5, 0);
  Mat<D1, 2, 2> a{{p, D1(2), D1(3), p * p}};
  const Vec<D1, 2> y = matvec(a, Vec<D1, 2>{{D1(0.5), D1(-2)}});
  EXPECT_EQ(y[0].value, 0.75 - 4.0);
  EXPECT_EQ(y[0].tangent[0], 0.5);
  EXPECT_EQ(y[1].value, 1.5 - 4.5);
  EXPECT_EQ(y[1].tangent[0], -6.0);
}

}  // namespace
}  // namespace PHI_ISA
}  // namespace phigrad
