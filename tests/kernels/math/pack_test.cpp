#include "kernels/math/pack.hpp"

#include <gtest/gtest.h>

namespace phigrad {
inline namespace PHI_ISA {
namespace {

template <class Real>
struct CartParams {
  Real mass, length, gravity;  // kg, m, m/s^2
};

template <class Real>
struct NestedParams {
  CartParams<Real> cart;
  Real gains[2];
};

static_assert(pack_size_v<CartParams> == 3);
static_assert(pack_size_v<NestedParams> == 5);

const CartParams<double> params{0.3, 1.7, 9.81};

// Order of declaration, and nothing between the members.
TEST(Packs, ToArrayAndBack) {
  double array[3];
  to_array(params, array);
  EXPECT_EQ(array[0], 0.3);
  EXPECT_EQ(array[2], 9.81);
  array[1] = 2.5;
  const CartParams<double> back = from_array<CartParams>(array);
  EXPECT_EQ(back.mass, 0.3);
  EXPECT_EQ(back.length, 2.5);
  EXPECT_EQ(back.gravity, 9.81);
}

TEST(Packs, GetAndSetByIndex) {
  NestedParams<double> pack{params, {4.0, 5.0}};
  EXPECT_EQ(get(pack, 1), 1.7);
  EXPECT_EQ(get(pack, 4), 5.0);
  set(pack, 3, 8.0);
  EXPECT_EQ(pack.gains[0], 8.0);
  EXPECT_EQ(pack.gains[1], 5.0);
}

TEST(Packs, ConvertMemberByMember) {
  const auto narrow = convert<CartParams, float>(params);
  EXPECT_EQ(narrow.mass, 0.3F);
  EXPECT_EQ(narrow.gravity, 9.81F);
  const auto wide = convert<CartParams, double>(narrow);
  EXPECT_EQ(wide.length, static_cast<double>(1.7F));
  const auto complex = convert<CartParams, ComplexStep>(params);
  EXPECT_EQ(complex.length.re(), 1.7);
  EXPECT_EQ(complex.length.im(), 0.0);
}

// Parameters are constants of the differentiation until one is made a variable.
TEST(Packs, ConvertToDual) {
  using D = Dual<float, 2>;
  auto pack = convert<CartParams, D>(params);
  EXPECT_EQ(pack.mass.value, 0.3F);
  EXPECT_EQ(pack.mass.tangent[0], 0.0F);
  set(pack, 1, D::variable(pack.length.value, 1));
  EXPECT_EQ(pack.length.tangent[1], 1.0F);
  EXPECT_EQ((pack.length * pack.gravity).tangent[1], 9.81F);
}

}  // namespace
}  // namespace PHI_ISA
}  // namespace phigrad
