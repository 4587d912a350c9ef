// One expression after another through Dual and through the complex step: two ways to a derivative
// that share no code. Included by the tests of scalars and of lanes.
#pragma once

#include <gtest/gtest.h>

#include "kernels/math/complex_step.hpp"
#include "kernels/math/dual.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Calls `visit(name, f)` for each f(x, y, p), x and y any Real and p its scalar: off zero, p not
/// 1, every operation in both orders with constants.
template <class Visitor>
void each_expression(Visitor visit) {
  visit("x + y, x + p, p + x", [](auto x, auto y, auto p) { return (x + y) + (y + p) + (p + x); });
  visit("x - y, x - p, p - x", [](auto x, auto y, auto p) { return (x - y) - (y - p) - (p - x); });
  visit("x * y, x * p, p * x", [](auto x, auto y, auto p) { return x * y + y * p + p * x; });
  visit("x / y, x / p, p / x", [](auto x, auto y, auto p) { return x / y + y / p + p / x; });
  visit("-x, +x", [](auto x, auto y, auto) { return -x * (+y); });
  visit("compound", [](auto x, auto y, auto p) {
    auto z = x;
    z += y;
    z *= x;
    z -= p;
    z /= y;
    z *= p;
    return z;
  });
  visit("fma", [](auto x, auto y, auto p) { return fma(x, y, x) + fma(x, p, y) + fma(p, x, y); });
  visit("select", [](auto x, auto y, auto) { return select(x < y, x * x, y * y * y); });
  visit("min", [](auto x, auto y, auto) { return min(x, y) * x; });
  visit("max", [](auto x, auto y, auto) { return max(x, y) * x; });
  visit("clamp", [](auto x, auto y, auto p) {
    using Real = decltype(x);
    return clamp(x, Real(-p), Real(p)) * y + clamp(y, x, Real(p));
  });
  visit("abs", [](auto x, auto y, auto) { return abs(x) * y; });
  visit("copysign", [](auto x, auto y, auto) { return copysign(x, y) * y; });
  visit("floor", [](auto x, auto y, auto) { return floor(x) * y + x; });
  visit("round", [](auto x, auto y, auto) { return round_nearest(y) * x + y; });
  visit("sqrt", [](auto x, auto y, auto p) { return sqrt(x * x + p) * y; });
  visit("sin", [](auto x, auto y, auto) { return sin(x * y); });
  visit("cos", [](auto x, auto y, auto) { return cos(x + y * y); });
  visit("sincos", [](auto x, auto y, auto) {
    decltype(x) s, c;
    sincos(x, s, c);
    return s * y + c * x;
  });
  visit("exp", [](auto x, auto y, auto p) { return exp(x * p) * y; });
  visit("log", [](auto x, auto y, auto p) { return log(x * x + p) * y; });
  visit("tanh", [](auto x, auto y, auto) { return tanh(x) * y; });
  visit("atan2", [](auto x, auto y, auto) { return atan2(y, x); });
  visit("hypot", [](auto x, auto y, auto) { return hypot(x, y) * x; });
  visit("wrap_near", [](auto x, auto y, auto p) { return wrap_near(x * p, y) * y; });
}

/// Points off every switching surface, in all four quadrants.
constexpr double battery_points[][2] = {{0.3, 0.8},   {-0.45, 1.3}, {1.7, -0.9}, {-2.1, -0.35},
                                        {5.2, -0.6},  {-4.3, 2.7},  {0.07, 6.1}, {3.4, 3.1},
                                        {-0.9, 0.11}, {2.6, 1.45},  {-6.3, -5.6}};
constexpr double battery_parameter = 1.25;

}  // namespace PHI_ISA
}  // namespace phigrad
