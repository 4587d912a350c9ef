// Guards the reason for lanes: a function that falls apart into scalar calls
// (std::experimental::fma does) stays correct and loses its speed. Each timing is the best of many,
// so that other load does not matter.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "kernels/math/elementary.hpp"

namespace phigrad {
inline namespace PHI_ISA {
namespace {

/// Hides a value from the optimiser, which would otherwise vectorise the scalar loop as well.
template <class Vector>
inline void hide(Vector& x) {
#if defined(__x86_64__)
  asm volatile("" : "+x"(x));
#else
  asm volatile("" : "+w"(x));
#endif
}
inline void hide_lanes(float& x) { hide(x); }
inline void hide_lanes(double& x) { hide(x); }
template <class S, int W>
inline void hide_lanes(Lanes<S, W>& x) {
  hide(x.v);
}

/// Nanoseconds an element of `function`, eight independent chains at a time.
template <class Real, class Function>
double nanoseconds(Function function) {
  using Clock = std::chrono::steady_clock;
  constexpr int chains = 8;
  constexpr int rounds = 256;
  double best = 1e30;
  for (int repeat = 0; repeat < 400; ++repeat) {
    Real x[chains];
    for (int i = 0; i < chains; ++i) x[i] = Real(0.1 * (i + 1));
    const auto begin = Clock::now();
    for (int round = 0; round < rounds; ++round) {
      for (Real& xi : x) {
        xi = function(xi);
        hide_lanes(xi);
      }
    }
    const double elapsed = std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
    best = std::min(best, elapsed / (rounds * chains * width_v<Real>));
  }
  return best;
}

/// Four multiply-adds, one after the other.
struct FourFmas {
  template <class Real>
  Real operator()(Real x) const {
    const Real a(0.75F), b(0.25F);  // spelt out: GCC 12 keeps a loop for the scalar alone
    return fma(fma(fma(fma(x, a, b), a, b), a, b), a, b);
  }
};

class LaneSpeed : public ::testing::Test {
 protected:
  void SetUp() override {
#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "timings need an optimised build without sanitizers";
#endif
    if (nanoseconds<float>(FourFmas()) > 8.0) {
      GTEST_SKIP() << "four multiply-adds take longer than on any processor: an emulator";
    }
  }
};

template <class S, class Function>
void expect_faster(const char* name, double ratio, Function function) {
  const double scalar = nanoseconds<S>(function);
  const double lanes = nanoseconds<lanes_t<S>>(function);
  ::testing::Test::RecordProperty(name, std::to_string(scalar / lanes));
  EXPECT_GE(scalar / lanes, ratio) << name << ": " << scalar << " ns alone, " << lanes
                                   << " ns in lanes of " << width_v<lanes_t<S>>;
}

// Half the number of lanes, or more: 4 of 8 floats.
TEST_F(LaneSpeed, Float) {
  const double ratio = 0.5 * native_width<float>();
  expect_faster<float>("fma", ratio, FourFmas());
  expect_faster<float>("tanh", ratio, [](auto x) { return tanh(x); });
  expect_faster<float>("sin", ratio, [](auto x) { return sin(x); });
}

// 2 of 4 doubles: a division of four takes longer than of one.
TEST_F(LaneSpeed, Double) {
  const double ratio = 0.5 * native_width<double>();
  expect_faster<double>("fma", ratio, FourFmas());
  expect_faster<double>("tanh", ratio, [](auto x) { return tanh(x); });
  expect_faster<double>("sin", ratio, [](auto x) { return sin(x); });
}

}  // namespace
}  // namespace PHI_ISA
}  // namespace phigrad
