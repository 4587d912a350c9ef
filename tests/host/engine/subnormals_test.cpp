// Numbers too small to be normal: slow on processors, and none of a kernel's results.
#include <gtest/gtest.h>

#include <vector>

#include "host/engine/thread_pool.hpp"

namespace phigrad {
namespace {

// Breaks when a thread that works on a batch makes subnormal numbers, or the caller is left
// without.
TEST(NoSubnormals, InABatchOnAnyThreadAndNowhereElse) {
  const volatile float tiny = 1e-20F;
  const float before = tiny * tiny;
  ASSERT_GT(before, 0) << "1e-40 is subnormal";
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads);
    std::vector<float> squares(64, 1);
    pool.parallel_for(64, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        squares[static_cast<std::size_t>(i)] = tiny * tiny;
      }
    });
    EXPECT_EQ(squares, std::vector<float>(64, 0)) << threads;
    const float after = tiny * tiny;
    EXPECT_EQ(after, before) << threads;
  }
}

}  // namespace
}  // namespace phigrad
