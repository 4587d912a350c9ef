// Dual numbers over lanes: each lane carries the derivative that the scalar would.
#include "kernels/math/vec.hpp"
#include "tests/kernels/math/derivative_battery.hpp"

namespace phigrad {
inline namespace PHI_ISA {
namespace {

template <class S>
class DualLanes : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(DualLanes, Scalars);

// A select by one lane's condition for all, a broadcast of the wrong lane.
TYPED_TEST(DualLanes, EachLaneIsTheScalarBitForBit) {
  using S = TypeParam;
  using L = lanes_t<S>;
  static_assert(std::is_same_v<scalar_t<Dual<L, 2>>, S>);
  static_assert(std::is_same_v<mask_t<Dual<L, 2>>, mask_t<L>>);
  constexpr int points = sizeof battery_points / sizeof battery_points[0];
  each_expression([](const char* name, auto f) {
    for (int first = 0; first < points; ++first) {
      L x(S(0)), y(S(0));
      for (int lane = 0; lane < width_v<L>; ++lane) {
        x.set(lane, static_cast<S>(battery_points[(first + lane) % points][0]));
        y.set(lane, static_cast<S>(battery_points[(first + lane) % points][1]));
      }
      const S p = static_cast<S>(battery_parameter);
      const Dual<L, 2> together = f(Dual<L, 2>::variable(x, 0), Dual<L, 2>::variable(y, 1), p);
      for (int lane = 0; lane < width_v<L>; ++lane) {
        const Dual<S, 2> alone =
            f(Dual<S, 2>::variable(x[lane], 0), Dual<S, 2>::variable(y[lane], 1), p);
        EXPECT_EQ(together.value[lane], alone.value) << name << " lane " << lane;
        EXPECT_EQ(together.tangent[0][lane], alone.tangent[0]) << name << " lane " << lane;
        EXPECT_EQ(together.tangent[1][lane], alone.tangent[1]) << name << " lane " << lane;
      }
    }
  });
}

// Matrices of lanes: every lane its own product.
TYPED_TEST(DualLanes, MatricesOfLanes) {
  using S = TypeParam;
  using L = lanes_t<S>;
  L x(S(0));
  for (int lane = 0; lane < width_v<L>; ++lane) x.set(lane, S(lane) - S(1.5));
  const Mat<L, 2, 2> a{{x, L(2), L(-1), x * x}};
  const Vec<L, 2> y = matvec(matmul(a, transpose(a)), Vec<L, 2>{{L(1), x}});
  for (int lane = 0; lane < width_v<L>; ++lane) {
    const S t = x[lane];
    const Mat<S, 2, 2> b{{t, S(2), S(-1), t * t}};
    const Vec<S, 2> z = matvec(matmul(b, transpose(b)), Vec<S, 2>{{S(1), t}});
    EXPECT_EQ(y[0][lane], z[0]);
    EXPECT_EQ(y[1][lane], z[1]);
    EXPECT_EQ(norm(y)[lane], norm(z));
  }
}

}  // namespace
}  // namespace PHI_ISA
}  // namespace phigrad
