#include "hardware/agent/trips.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace phigrad {
namespace {

// Breaks when a reason is added without its own line, or trip_count is forgotten.
TEST(Trips, EveryReasonHasALineOfItsOwn) {
  const std::string unknown = text(static_cast<Trip>(trip_count));
  std::set<std::string> lines;
  for (int i = 0; i < trip_count; ++i) {
    const std::string line = text(static_cast<Trip>(i));
    EXPECT_NE(line, unknown) << "reason " << i;
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_LE(line.size(), 80u);
    lines.insert(line);
  }
  EXPECT_EQ(lines.size(), std::size_t{trip_count});
}

// Breaks when a byte from a log or the link that is no reason gives no text.
TEST(Trips, AnyByteHasALine) {
  for (int i = 0; i < 256; ++i) EXPECT_FALSE(std::string(text(static_cast<Trip>(i))).empty());
  EXPECT_EQ(std::string(text(static_cast<Trip>(255))), "unknown reason");
}

}  // namespace
}  // namespace phigrad
