#include "host/store/array.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

namespace phigrad {
namespace {

// Breaks if bytes, type or shape change on the way through text and bytes.
TEST(Array, LayoutAndBytesReadBackToTheSameArray) {
  const std::vector<float> values = {1.5F,
                                     -0.0F,
                                     std::numeric_limits<float>::quiet_NaN(),
                                     std::numeric_limits<float>::denorm_min(),
                                     3.0F,
                                     -7.25F};
  const Array array = Array::of(values.data(), {2, 3});
  EXPECT_EQ(layout_text(array), "float32[2,3]");
  const Array again = array_from(layout_text(array), array.data.data(), array.data.size());
  EXPECT_EQ(again, array);
  EXPECT_TRUE(std::signbit(again.values<float>()[1]));
  EXPECT_TRUE(std::isnan(again.values<float>()[2]));
}

// Breaks if one of the types is mapped to another's name or size.
TEST(Array, EveryTypeHasItsNameAndSize) {
  const auto text = [](auto value) { return layout_text(Array::of(&value, {1})); };
  EXPECT_EQ(text(std::uint8_t{1}), "uint8[1]");
  EXPECT_EQ(text(std::int32_t{1}), "int32[1]");
  EXPECT_EQ(text(std::int64_t{1}), "int64[1]");
  EXPECT_EQ(text(1.0F), "float32[1]");
  EXPECT_EQ(text(1.0), "float64[1]");
  for (const char* layout : {"uint8[3]", "int32[3]", "int64[3]", "float32[3]", "float64[3]"}) {
    const std::vector<std::byte> bytes(24);
    int accepted = 0;
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
      try {
        const Array array = array_from(layout, bytes.data(), size);
        EXPECT_EQ(array.data.size(), 3 * item_size(array.dtype)) << layout;
        EXPECT_EQ(layout_text(array), layout);
        ++accepted;
      } catch (const std::invalid_argument&) {
      }
    }
    EXPECT_EQ(accepted, 1) << layout;
  }
}

// Breaks if an optimiser without state, or a single number, cannot be stored.
TEST(Array, EmptyAndScalarArraysAreValid) {
  EXPECT_EQ(layout_text(Array{}), "uint8[0]");
  EXPECT_EQ(array_from("uint8[0]", nullptr, 0), Array{});
  const double value = 4.5;
  EXPECT_EQ(layout_text(Array::of(&value, {})), "float64[]");
  EXPECT_EQ(array_from("float64[]", &value, 8).values<double>(), std::vector<double>{4.5});
}

// Breaks if equality forgets the type, the shape or the bits.
TEST(Array, EqualityIsThatOfTypeShapeAndBits) {
  const std::vector<double> values = {1, 2, 3, 4};
  const Array array = Array::of(values.data(), {2, 2});
  EXPECT_NE(array, Array::of(values.data(), {4}));
  EXPECT_NE(Array::zeros(DType::float32, {2}), Array::zeros(DType::int32, {2}));
  const double zero = 0.0;
  const double minus_zero = -0.0;
  EXPECT_NE(Array::of(&zero, {1}), Array::of(&minus_zero, {1}));
}

// Breaks if a hostile layout is believed: the bytes would be read past their end.
TEST(Array, HostileLayoutsAreRefused) {
  const std::vector<std::byte> bytes(64);
  for (const char* layout :
       {"", "float64", "float64[", "float64]", "[8]", "double[8]", "float64[8", "float64[7]",
        "float64[9]", "float64[-8]", "float64[ 8]", "float64[8,]", "float64[,8]", "float64[8;1]",
        "float64[4294967296,4294967296]", "float64[2305843009213693953]",
        "float64[9223372036854775808]", "float64[8,1,1,1,1,1,1,1,1]", "float64[8]x"})
    EXPECT_THROW(array_from(layout, bytes.data(), bytes.size()), std::invalid_argument) << layout;
  EXPECT_NO_THROW(array_from("float64[8,1,1,1,1,1,1,1]", bytes.data(), bytes.size()));
  EXPECT_THROW(Array::zeros(DType::float32, {-1}), std::invalid_argument);
  EXPECT_THROW(Array::zeros(DType::float32, {std::int64_t{1} << 62, 4}), std::invalid_argument);
}

// Breaks if fp32 parameters could be read as fp64 unnoticed.
TEST(Array, ReadingAsAnotherTypeIsRefused) {
  EXPECT_THROW(Array::zeros(DType::float32, {4}).values<double>(), std::invalid_argument);
}

}  // namespace
}  // namespace phigrad
