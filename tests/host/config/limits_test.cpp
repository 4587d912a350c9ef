#include "host/config/limits.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace phigrad {
namespace {

// Breaks if a bound is included that is not, or the other way round.
TEST(Limits, ContainTheirClosedEndsOnly) {
  EXPECT_TRUE(Vocabulary::at_least(2).contains(2));
  EXPECT_FALSE(Vocabulary::at_least(2).contains(1.9999L));
  EXPECT_FALSE(Vocabulary::above(2).contains(2));
  EXPECT_TRUE(Vocabulary::at_most(2).contains(2));
  EXPECT_FALSE(Vocabulary::below(2).contains(2));
  EXPECT_TRUE(Vocabulary::between(-1, 2).contains(-1));
  EXPECT_TRUE(Vocabulary::between(-1, 2).contains(2));
  EXPECT_FALSE(Vocabulary::between(-1, 2).contains(2.0001L));
  EXPECT_FALSE(Vocabulary::above(0).at_least(0).low_open);
}

// Breaks if a 64-bit integer is rounded to a double before it is compared.
TEST(Limits, CompareLargeIntegersExactly) {
  const double bound = 9007199254740992.0;  // 2^53
  EXPECT_FALSE(Vocabulary::at_most(bound).contains(std::int64_t{9007199254740993}));
  EXPECT_TRUE(Vocabulary::at_most(bound).contains(std::int64_t{9007199254740992}));
}

// Breaks if the bounds are told other than they are checked.
TEST(Limits, TellTheirBounds) {
  EXPECT_EQ(Limits{}.text(), "");
  EXPECT_EQ(Vocabulary::nonempty().text(), "");
  EXPECT_EQ(Vocabulary::at_least(-3).text(), "at least -3");
  EXPECT_EQ(Vocabulary::above(0.5).text(), "above 0.5");
  EXPECT_EQ(Vocabulary::at_most(1e-9).text(), "at most 1e-09");
  EXPECT_EQ(Vocabulary::below(10).text(), "below 10");
  EXPECT_EQ(Vocabulary::between(0, 1).text(), "from 0 to 1");
  EXPECT_EQ(Vocabulary::above(0).at_most(1).nonempty().text(), "above 0 and at most 1");
}

}  // namespace
}  // namespace phigrad
