#include "host/records/julia_numbers.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace phigrad {
namespace {

// Breaks when a type's width, sign or byte order is wrong.
TEST(JuliaNumbers, DecodesEveryType) {
  const BsonBinary bytes{0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  const auto first = [&bytes](const char* name) {
    return decode_reals(*find_julia_element(name), bytes, 1).front();
  };
  EXPECT_EQ(first("Int64"), -2);
  EXPECT_EQ(first("Int32"), -2);
  EXPECT_EQ(first("Int16"), -2);
  EXPECT_EQ(first("Int8"), -2);
  EXPECT_EQ(first("UInt64"), 18446744073709551614.0);
  EXPECT_EQ(first("UInt32"), 4294967294.0);
  EXPECT_EQ(first("UInt16"), 65534);
  EXPECT_EQ(first("UInt8"), 254);
  EXPECT_EQ(first("Bool"), 254);
  EXPECT_EQ(decode_reals(*find_julia_element("Float64"), {0, 0, 0, 0, 0, 0, 0xF8, 0xBF}, 1)[0],
            -1.5);
  EXPECT_EQ(decode_reals(*find_julia_element("Float32"), {0, 0, 0, 0, 0, 0, 0xC0, 0xBF}, 2)[1],
            -1.5);
  EXPECT_EQ(decode_integers(*find_julia_element("Int16"), {1, 0, 0xFF, 0xFF}, 2),
            (std::vector<std::int64_t>{1, -1}));
  EXPECT_EQ(find_julia_element("Float16"), nullptr);
  EXPECT_FALSE(find_julia_element("UInt64")->is_integer());
}

// Breaks when the product of extents overflows: 2^32 * 2^32 * … would be a small number.
TEST(JuliaNumbers, ChecksExtentsWithoutOverflow) {
  const std::size_t big = std::size_t{1} << 32;
  const std::size_t max = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(extents_problem({4, 5}, 8, 160), "");
  EXPECT_EQ(extents_problem({0, max}, 8, 0), "");
  EXPECT_NE(extents_problem({4, 5}, 8, 159), "");
  EXPECT_NE(extents_problem({4, 5}, 8, 168), "");
  EXPECT_NE(extents_problem({big, big}, 8, 0), "");
  EXPECT_NE(extents_problem({big, big, big}, 8, 64), "");
  EXPECT_NE(extents_problem({max, 2}, 8, 64), "");
  EXPECT_NE(extents_problem({max / 8 + 2}, 8, 8), "");
  EXPECT_NE(extents_problem({0, max}, 8, 8), "");
}

}  // namespace
}  // namespace phigrad
