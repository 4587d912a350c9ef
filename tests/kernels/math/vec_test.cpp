#include "kernels/math/vec.hpp"

#include <gtest/gtest.h>

namespace phigrad {
inline namespace PHI_ISA {
namespace {

using V2 = Vec<double, 2>;
using V3 = Vec<double, 3>;
static_assert(std::is_aggregate_v<V3> && std::is_trivially_copyable_v<Mat<float, 2, 3>>);
static_assert(sizeof(Mat<float, 2, 3>) == 6 * sizeof(float));

const Mat<double, 2, 3> a{{1, -2, 3, 0.5, 4, -1}};

template <int N>
void expect_equal(const Vec<double, N>& got, const Vec<double, N>& expected) {
  for (int i = 0; i < N; ++i) EXPECT_EQ(got[i], expected[i]) << "component " << i;
}

TEST(Vectors, Arithmetic) {
  const V3 x{{1, 2, -3}};
  const V3 y{{0.5, -1, 4}};
  expect_equal(x + y, V3{{1.5, 1, 1}});
  expect_equal(x - y, V3{{0.5, 3, -7}});
  expect_equal(-x, V3{{-1, -2, 3}});
  expect_equal(x * 2.0, V3{{2, 4, -6}});
  expect_equal(2.0 * x, V3{{2, 4, -6}});
  expect_equal(add_scaled(x, 2.0, y), V3{{2, 0, 5}});
  V3 z = x;
  z += y;
  z -= x;
  z *= 2.0;
  expect_equal(z, V3{{1, -2, 8}});
  expect_equal(V3::zero(), V3{{0, 0, 0}});
  expect_equal(V3::fill(7.0), V3{{7, 7, 7}});
}

// Sums by hand; components distinct, so that a swapped index shows.
TEST(Vectors, ProductsAndNorms) {
  const V3 x{{1, 2, -3}};
  EXPECT_EQ(dot(x, V3{{0.5, -1, 4}}), -13.5);
  EXPECT_EQ(squared_norm(x), 14.0);
  EXPECT_EQ(norm(V2{{3, -4}}), 5.0);
  EXPECT_EQ(max_abs(x), 3.0);
}

// Rows for columns: the matrix is not square, and not symmetric.
TEST(Matrices, Products) {
  EXPECT_EQ(a(0, 1), -2.0);
  EXPECT_EQ(a(1, 0), 0.5);
  expect_equal(matvec(a, V3{{2, 1, -1}}), V2{{-3, 6}});
  expect_equal(matvec_transposed(a, V2{{2, -4}}), V3{{0, -20, 10}});
  expect_equal(matvec(transpose(a), V2{{2, -4}}), V3{{0, -20, 10}});
  const Mat<double, 3, 2> b{{1, 2, 0, -1, 3, 0.5}};
  const Mat<double, 2, 2> product = matmul(a, b);
  const double expected[] = {10, 5.5, -2.5, -3.5};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(product.m[i], expected[i]) << i;
}

TEST(Matrices, Arithmetic) {
  Mat<double, 2, 3> b = a + a * 2.0;
  b -= 2.0 * a;
  b *= 3.0;
  b += a - a;  // NOLINT(misc-redundant-expression)
  for (int i = 0; i < 6; ++i) EXPECT_EQ(b.m[i], 3.0 * a.m[i]) << i;
  const auto one = Mat<double, 3, 3>::identity();
  const Mat<double, 2, 3> same = matmul(a, one);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(same.m[i], a.m[i]) << i;
  EXPECT_EQ(squared_norm(one), 3.0);
  EXPECT_EQ(norm(Mat<double, 2, 2>{{1, 1, -1, 1}}), 2.0);
  EXPECT_EQ(squared_norm(Mat<double, 2, 2>::zero()), 0.0);
}

}  // namespace
}  // namespace PHI_ISA
}  // namespace phigrad
