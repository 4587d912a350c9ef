// Products of tiles against sums in double, and their roundings against their definition.
#include "kernels/batch/tile_product.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/random_numbers.hpp"

namespace phigrad {
namespace {

/// x to so many bits of its own, by `round` of the number that they make.
template <class Round>
double to_bits_of(double x, int bits, const Round& round) {
  int exponent = 0;
  const double mantissa = std::frexp(x, &exponent);
  return std::ldexp(round(std::ldexp(mantissa, bits)), exponent - bits);
}

/// Of all sizes, among them halves and the last number before a power of two.
std::vector<float> numbers() {
  std::vector<float> all = {0.0F,       -0.0F,       1.0F,        0x1.002p0F,
                            0x1.006p0F, -0x1.002p0F, 0x1.001fp0F, 0x1.fffffep0F,
                            0x1.01p0F,  0x1.03p0F,   -0x1.ffp5F,  0x1.8p-120F};
  int i = 0;
  for (const double x : random_numbers(1, 0, 10000, -2, 2)) {
    all.push_back(static_cast<float>(std::ldexp(x, i++ % 60 - 30)));
  }
  return all;
}

// Breaks when a TF32 number has a bit more or less, halves go the wrong way, or the rest is taken
// of something else.
TEST(TileRoundings, SplitInTwoTf32Numbers) {
  for (const float x : numbers()) {
    float high = 0, low = 0;
    split_to_tf32(x, high, low);
    const auto exact = static_cast<double>(x);
    const double nearest = to_bits_of(exact, 11, [](double m) { return std::round(m); });
    EXPECT_EQ(static_cast<double>(high), nearest) << x;
    EXPECT_EQ(static_cast<double>(low),
              to_bits_of(exact - nearest, 11, [](double m) { return std::trunc(m); }))
        << x;
    EXPECT_LE(std::abs(exact - static_cast<double>(high) - static_cast<double>(low)),
              0x1p-23 * std::abs(exact))
        << x;
  }
}

// Breaks when halves do not go to even.
TEST(TileRoundings, ToBfloat16) {
  for (const float x : numbers()) {
    BFloat16 rounded{};
    round_to(x, rounded);
    const double nearest =
        to_bits_of(static_cast<double>(x), 8, [](double m) { return std::nearbyint(m); });
    EXPECT_EQ(static_cast<double>(to_float(rounded)), nearest) << x;
  }
}

// Breaks when a rounding makes a number of what is none: a lost trajectory would seem to be found.
TEST(TileRoundings, KeepWhatIsNoNumber) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const std::uint32_t nan : {0x7FFFFFFFU, 0x7FC00000U, 0x7F800001U, 0xFFFFFFFFU}) {
    for (const float x : {from_bits<float>(nan), infinity, -infinity}) {
      float high = 0, low = 0;
      split_to_tf32(x, high, low);
      EXPECT_TRUE(std::isnan(low)) << std::hex << nan;
      BFloat16 rounded{};
      round_to(x, rounded);
      EXPECT_FALSE(std::isfinite(to_float(rounded))) << std::hex << nan;
      EXPECT_EQ(std::isnan(to_float(rounded)), std::isnan(x)) << std::hex << nan;
    }
  }
}

// Breaks when sums are rounded to the nearest, which tensor cores do not: what is built on them
// would be tested on better sums than it gets.
TEST(TileRoundings, CutSums) {
  using tile_detail::cut_to_float;
  EXPECT_EQ(cut_to_float(1 + 0x1.8p-24), 1.0F);
  EXPECT_EQ(cut_to_float(-1 - 0x1.8p-24), -1.0F);
  EXPECT_EQ(cut_to_float(1 + 0x1p-23), 1.0F + 0x1p-23F);
  EXPECT_EQ(cut_to_float(0x1p200), std::numeric_limits<float>::max());
  EXPECT_TRUE(std::isnan(cut_to_float(std::nan(""))));
}

template <class Kind>
class TwoMatrices {
 public:
  static constexpr int n = 32;  // of the inner index
  static constexpr int row = 16, column = 32;

  TwoMatrices() {
    fill(a_, 0);
    fill(b_, 1);
  }

  /// The largest error of A B, in units of Σ |a| |b|, by the numbers that were given.
  template <bool left_transposed, bool right_transposed>
  double error() const {
    auto sum = TileSum<Kind>::zero();
    sum.template add_product<n>(view<left_transposed>(a_), view<right_transposed>(b_));
    alignas(32) float got[tile_size][tile_size + 4];
    sum.store(&got[0][0], tile_size + 4);
    double largest = 0;
    for (int i = 0; i < tile_size; ++i) {
      for (int j = 0; j < tile_size; ++j) {
        double exact = 0, size = 0;
        for (int k = 0; k < n; ++k) {
          const double product = given(0, left_transposed, i, k) * given(1, right_transposed, k, j);
          exact += product;
          size += std::abs(product);
        }
        largest = std::max(largest, std::abs(static_cast<double>(got[i][j]) - exact) / size);
      }
    }
    return largest;
  }

  double largest_error() const {
    return std::max(std::max(error<false, false>(), error<false, true>()),
                    std::max(error<true, false>(), error<true, true>()));
  }

 private:
  using Matrix = TileMatrix<Kind, 64, 80>;

  void fill(Matrix& m, std::size_t which) {
    numbers_[which] = random_numbers(2, which, 64 * 80, -1, 1);
    for (double& x : numbers_[which]) x = static_cast<double>(static_cast<float>(x));
    for (int i = 0; i < 64; ++i) {
      for (int j = 0; j < 80; ++j) m.set(i, j, static_cast<float>(number(which, i, j)));
    }
  }
  double number(std::size_t which, int i, int j) const {
    return numbers_[which][static_cast<std::size_t>(i * 80 + j)];
  }
  double given(std::size_t which, bool transposed, int i, int j) const {
    return transposed ? number(which, row + j, column + i) : number(which, row + i, column + j);
  }
  template <bool transposed>
  static auto view(const Matrix& m) {
    if constexpr (transposed) {
      return m.transposed(row, column);
    } else {
      return m.tile(row, column);
    }
  }

  std::vector<double> numbers_[2];
  Matrix a_, b_;
};

// Breaks when a product of a split is left out or taken of other numbers, or an index is another's.
TEST(TileProduct, OfSplitFloatsIsNearlyOfFloats) {
  const double error = TwoMatrices<Tf32x3>().largest_error();
  EXPECT_LE(error, 0x1p-21);
  EXPECT_GT(error, 0x1p-26) << "of no other roundings than floats'";
}

// Breaks likewise, or when operands have more bits than they are stored in.
TEST(TileProduct, OfBfloat16HasItsBits) {
  const double error = TwoMatrices<Bf16>().largest_error();
  EXPECT_LE(error, 0x1p-8);
  EXPECT_GT(error, 0x1p-13);
}

// Breaks when elements of two sums are not at the same place.
TEST(TileProduct, SumsMeetElementByElement) {
  alignas(32) float from[tile_size][tile_size + 4] = {}, to[tile_size][tile_size + 4] = {};
  for (int i = 0; i < tile_size; ++i) {
    for (int j = 0; j < tile_size; ++j) from[i][j] = static_cast<float>(100 * i + j);
  }
  auto sum = TileSum<Tf32x3>::zero(), other = sum;
  other.load(&from[0][0], tile_size + 4);
  sum.each(other, [](float& x, float y) { x = x + 3 * y; });
  sum.store(&to[0][0], tile_size + 4);
  for (int i = 0; i < tile_size; ++i) {
    for (int j = 0; j < tile_size; ++j) EXPECT_EQ(to[i][j], 3 * from[i][j]) << i << ", " << j;
  }
}

}  // namespace
}  // namespace phigrad
