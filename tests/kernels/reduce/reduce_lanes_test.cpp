// Sums over lanes against one value after the other: the same digits, whatever their magnitudes.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "kernels/math/elementary.hpp"
#include "kernels/reduce/reduce.hpp"

namespace phigrad {
inline namespace PHI_ISA {
namespace {

template <class S>
class ReduceLanes : public ::testing::Test {
 protected:
  using Real = lanes_t<S>;
  static constexpr int width = width_v<Real>;
  static constexpr int parameters = width + 3;  // a whole group, and the rest of one
  static constexpr int groups = 2;
  static constexpr std::int64_t slots = 40 * width, rollouts = slots - 3;

  /// Magnitudes of 10^±decades; some trajectories have no gradient.
  explicit ReduceLanes() : theta_bar_(parameters * slots), status_(slots, S(-1)) {
    for (std::size_t i = 0; i < slots; i += 7) status_[i] = S(4);
  }

  void draw(double decades) {
    std::mt19937_64 random(11);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> power(-decades, decades);
    for (S& g : theta_bar_) g = static_cast<S>(normal(random) * std::pow(10.0, power(random)));
  }

  ReduceArgs<S> args(bool squares, std::vector<GradientSum>& sums) {
    ReduceArgs<S> a{};
    a.theta_bar = {theta_bar_.data(), {width, std::int64_t{parameters} * width, width}};
    a.status = {status_.data(), {width, width, width}};
    a.parameters = parameters;
    a.count = slots;
    a.slots_per_policy = slots;
    a.rollouts_per_policy = rollouts;
    a.squares = squares;
    a.sums = sums.data();
    return a;
  }

  void expect_the_same(double decades, bool squares) {
    draw(decades);
    std::vector<GradientSum> sums(parameters), one_by_one(parameters);
    const ReduceArgs<S> a = args(squares, sums);
    for (int i = 0; i < groups; ++i) Reduce<Real>{a}(i);
    for (int p = 0; p < parameters; ++p) {
      GradientSum& sum = one_by_one[static_cast<std::size_t>(p)];
      for (std::int64_t i = 0; i < rollouts; ++i) {
        if (status_[static_cast<std::size_t>(i)] != S(-1)) continue;
        const auto g = static_cast<double>(a.theta_bar.at(p, i / width)[i % width]);
        if (squares) {
          add(sum, g);
        } else {
          add(sum.sum, g);
        }
      }
    }
    ASSERT_EQ(std::memcmp(sums.data(), one_by_one.data(), parameters * sizeof(GradientSum)), 0)
        << decades << " decades" << (squares ? ", squares" : "");
  }

  std::vector<S> theta_bar_, status_;
};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ReduceLanes, Scalars);

// Breaks when a digit is rounded instead of cut, falls to a neighbour, or padding and trajectories
// without a gradient enter. The last three are beyond one multiplication in double precision.
TYPED_TEST(ReduceLanes, AreTheSumsOfOneAfterTheOther) {
  for (const double decades : {0.0, 2.0, 9.0, 18.0, 36.0, 140.0, 150.0, 300.0}) {
    if (decades > 36 && sizeof(TypeParam) == 4) continue;
    for (const bool squares : {false, true}) {
      if (squares && decades > 150) continue;  // squares must be finite
      this->expect_the_same(decades, squares);
    }
  }
}

// Breaks when a column of zeros has a rank.
TYPED_TEST(ReduceLanes, OfZerosAreZero) {
  std::fill(this->theta_bar_.begin(), this->theta_bar_.end(), TypeParam(0));
  std::vector<GradientSum> sums(this->parameters), zero(this->parameters);
  for (int i = 0; i < this->groups; ++i) Reduce<lanes_t<TypeParam>>{this->args(true, sums)}(i);
  EXPECT_EQ(std::memcmp(sums.data(), zero.data(), this->parameters * sizeof(GradientSum)), 0);
}

// Breaks when what is added plainly needs rounding, or differs from the sums where it is not.
TYPED_TEST(ReduceLanes, TotalsAreTheSumsRounded) {
  for (const double decades : {0.0, 2.0, 3.0, 3.5, 9.0, 36.0}) {
    this->draw(decades);
    for (const int few : {1, 2, 5, 33, 63, 64, 65, static_cast<int>(this->rollouts)}) {
      std::vector<GradientSum> sums(this->parameters);
      std::vector<double> totals(this->parameters);
      ReduceArgs<TypeParam> a = this->args(false, sums);
      a.rollouts_per_policy = few;
      for (double* into : {static_cast<double*>(nullptr), totals.data()}) {
        a.totals = into;
        for (int i = 0; i < this->groups; ++i) Reduce<lanes_t<TypeParam>>{a}(i);
      }
      for (std::size_t i = 0; i < totals.size(); ++i) {
        const Double2 sum = value_of(sums[i].sum);
        ASSERT_EQ(to_bits(totals[i]), to_bits(sum.high + sum.low)) << decades << ' ' << few;
      }
    }
  }
}

}  // namespace
}  // namespace PHI_ISA
}  // namespace phigrad
