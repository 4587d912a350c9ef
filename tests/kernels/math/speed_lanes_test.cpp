// Guards the reason for lanes: a function that falls apart into scalar calls
// (std::experimental::fma does) stays correct and loses its speed.
#include <string>

#include "tests/support/lane_timing.hpp"

namespace phigrad {
inline namespace PHI_ISA {
namespace {

template <class S, class Function>
void expect_faster(const char* name, double ratio, Function function) {
  const double scalar = nanoseconds<S>(function);
  const double lanes = nanoseconds<lanes_t<S>>(function);
  ::testing::Test::RecordProperty(name, std::to_string(scalar / lanes));
  EXPECT_GE(scalar / lanes, ratio) << name << ": " << scalar << " ns alone, " << lanes
                                   << " ns in lanes of " << width_v<lanes_t<S>>;
}

// Half the number of lanes: 4 of 8 floats. Of 16 it is 5.6: some processors (Zen 4) work through
// them in two halves, and a sine was seen at 6.8.
TEST_F(LaneSpeed, Float) {
  const int width = native_width<float>();
  const double ratio = (width == 16 ? 0.35 : 0.5) * width;
  expect_faster<float>("fma", ratio, FourFmas());
  expect_faster<float>("tanh", ratio, [](auto x) { return tanh(x); });
  expect_faster<float>("sin", ratio, [](auto x) { return sin(x); });
}

// 1.6 of 4 doubles, 3.2 of 8: a division of four takes longer than of one, and a sine of eight
// (AVX-512) was seen at 3.5.
TEST_F(LaneSpeed, Double) {
  const double ratio = 0.4 * native_width<double>();
  expect_faster<double>("fma", ratio, FourFmas());
  expect_faster<double>("tanh", ratio, [](auto x) { return tanh(x); });
  expect_faster<double>("sin", ratio, [](auto x) { return sin(x); });
}

}  // namespace
}  // namespace PHI_ISA
}  // namespace phigrad
