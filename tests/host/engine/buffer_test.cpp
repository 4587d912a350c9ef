// Rows of a number a trajectory: in from the host's doubles, and out again.
#include "host/engine/buffer.hpp"

#include <gtest/gtest.h>

namespace phigrad {
namespace {

struct RowsOfSlots {
  int width, policies, rollouts;
  std::int64_t rows;
};

class RowBuffers : public ::testing::TestWithParam<RowsOfSlots> {};

// Breaks when a number lies in another's place or is left out where threads share the work, or is
// flushed to zero there and not where one does it alone: results would depend on the batch's size.
TEST_P(RowBuffers, ComeBackAsTheyWere) {
  const RowsOfSlots p = GetParam();
  const Slots slots(p.policies, p.rollouts, p.width, p.width);
  const auto device = make_cpu_device(3);
  RowBuffer<float> buffer(*device, p.rows, slots.count, p.width);
  const auto rows = static_cast<std::size_t>(p.rows);
  constexpr double subnormal = 1e-40;  // as a float
  std::vector<double> numbers(static_cast<std::size_t>(slots.trajectories()) * rows);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = i % 5 == 0 ? subnormal : static_cast<double>(i);
  }
  std::vector<float> staging;
  buffer.fill(slots, staging, [&](std::int64_t slot) {
    return numbers.data() + static_cast<std::size_t>(slots.trajectory(slot)) * rows;
  });
  for (std::int64_t slot = 0; slot < slots.count; ++slot) {
    const double* const expected =
        numbers.data() + static_cast<std::size_t>(slots.trajectory(slot)) * rows;
    for (std::int64_t row = 0; row < p.rows; ++row) {
      ASSERT_EQ(buffer.data()[buffer.index(row, slot)], static_cast<float>(expected[row]))
          << row << ' ' << slot;
    }
  }
  // All but the last slot, whose numbers nobody asked for.
  const std::int64_t count = slots.count - 1;
  std::vector<double> back(static_cast<std::size_t>(slots.count) * rows, -1.0);
  buffer.read_into(count, staging, [&](std::int64_t slot) {
    return back.data() + static_cast<std::size_t>(slot) * rows;
  });
  for (std::int64_t slot = 0; slot < slots.count; ++slot) {
    for (std::int64_t row = 0; row < p.rows; ++row) {
      const float expected = slot < count ? buffer.data()[buffer.index(row, slot)] : -1.0F;
      ASSERT_EQ(back[static_cast<std::size_t>(slot * p.rows + row)], expected)
          << row << ' ' << slot;
    }
  }
}

// Few and many numbers, blocks of one lane and of several, padded and not.
INSTANTIATE_TEST_SUITE_P(Sizes, RowBuffers,
                         ::testing::Values(RowsOfSlots{1, 3, 5, 7}, RowsOfSlots{1, 3, 41, 1000},
                                           RowsOfSlots{8, 5, 3, 7}, RowsOfSlots{8, 2, 100, 900},
                                           RowsOfSlots{16, 70, 1, 1500},
                                           RowsOfSlots{16, 3, 33, 1100}),
                         [](const auto& sizes) {
                           const RowsOfSlots& p = sizes.param;
                           return std::to_string(p.width) + "_lanes_" + std::to_string(p.policies) +
                                  "_by_" + std::to_string(p.rollouts) + "_by_" +
                                  std::to_string(p.rows);
                         });

}  // namespace
}  // namespace phigrad
