#include "kernels/math/complex_step.hpp"

#include <gtest/gtest.h>

namespace phigrad {
inline namespace PHI_ISA {
namespace {

constexpr double step = 1e-200;

template <class Function>
double slope(Function f, double x) {
  return f(ComplexStep(x, step)).im() / step;
}

// Against derivatives by hand, since Dual is tested against this.
TEST(ComplexStepDerivatives, AgreeWithCalculus) {
  const double x = 0.7;
  const auto near = [](double expected) { return 4e-15 * (1.0 + std::fabs(expected)); };
  const auto expect = [&](const char* name, double got, double expected) {
    EXPECT_NEAR(got, expected, near(expected)) << name;
  };
  using C = ComplexStep;
  expect("product", slope([](C z) { return z * z * 3.0; }, x), 6.0 * x);
  expect("quotient", slope([](C z) { return 2.0 / z; }, x), -2.0 / (x * x));
  expect("sqrt", slope([](C z) { return sqrt(z); }, x), 0.5 / std::sqrt(x));
  expect("sin", slope([](C z) { return sin(z); }, x), std::cos(x));
  expect("cos", slope([](C z) { return cos(z); }, x), -std::sin(x));
  expect("exp", slope([](C z) { return exp(z); }, x), std::exp(x));
  expect("log", slope([](C z) { return log(z); }, x), 1.0 / x);
  expect("tanh", slope([](C z) { return tanh(z); }, x), 1.0 - std::tanh(x) * std::tanh(x));
  expect("atan2 in y", slope([](C z) { return atan2(z, C(-0.4)); }, x), -0.4 / (x * x + 0.16));
  expect("atan2 in x", slope([](C z) { return atan2(C(-0.4), z); }, x), 0.4 / (x * x + 0.16));
  expect("hypot", slope([](C z) { return hypot(z, C(0.4)); }, x), x / std::hypot(x, 0.4));
}

// The library's abs is the modulus, its comparisons do not exist: here both follow the real part.
TEST(ComplexStepDerivatives, SwitchesFollowTheRealPart) {
  using C = ComplexStep;
  EXPECT_EQ(slope([](C z) { return abs(z); }, -0.3), -1.0);
  EXPECT_EQ(slope([](C z) { return clamp(z, C(-1), C(1)); }, 0.5), 1.0);
  EXPECT_EQ(slope([](C z) { return clamp(z, C(-1), C(1)); }, 1.5), 0.0);
  EXPECT_EQ(slope([](C z) { return min(z, C(1)); }, 1.5), 0.0);
  EXPECT_EQ(slope([](C z) { return max(z, C(1)); }, 1.5), 1.0);
  EXPECT_EQ(slope([](C z) { return copysign(z, C(-1)); }, 1.5), -1.0);
  EXPECT_EQ(slope([](C z) { return floor(z) + round_nearest(z); }, 1.7), 0.0);
  EXPECT_EQ(slope([](C z) { return wrap_near(z, C(0)); }, 4.0), 1.0);
  EXPECT_LT(ComplexStep(1.0, 5.0), ComplexStep(2.0, -5.0));
  EXPECT_EQ(ComplexStep(1.0, 5.0), ComplexStep(1.0, -5.0));
}

// Both parts count.
TEST(ComplexStepDerivatives, IsFinite) {
  EXPECT_TRUE(is_finite(ComplexStep(1.0, 2.0)));
  EXPECT_FALSE(is_finite(ComplexStep(1.0, HUGE_VAL)));
  EXPECT_FALSE(is_finite(ComplexStep(HUGE_VAL, 0.0)));
  EXPECT_EQ(value(ComplexStep(1.0, 2.0)), 1.0);
}

}  // namespace
}  // namespace PHI_ISA
}  // namespace phigrad
