// What a piece of kernel code takes, in the instruction set that the test is compiled for. Each
// timing is the best of many, so that other load does not matter.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "kernels/math/elementary.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Hides a value from the optimiser, which would otherwise vectorise a scalar loop as well, or
/// leave out what nobody reads.
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

/// Nanoseconds of `work`, the least of so many.
template <class Work>
double least_nanoseconds(int repeats, const Work& work) {
  using Clock = std::chrono::steady_clock;
  double best = 1e30;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const auto begin = Clock::now();
    work();
    const double elapsed = std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
    best = std::min(best, elapsed);
  }
  return best;
}

/// Nanoseconds an element of `function`, eight independent chains at a time.
template <class Real, class Function>
double nanoseconds(Function function) {
  constexpr int chains = 8;
  constexpr int rounds = 256;
  const double all = least_nanoseconds(400, [&] {
    Real x[chains];
    for (int i = 0; i < chains; ++i) x[i] = Real(0.1 * (i + 1));
    for (int round = 0; round < rounds; ++round) {
      for (Real& xi : x) {
        xi = function(xi);
        hide_lanes(xi);
      }
    }
  });
  return all / (rounds * chains * width_v<Real>);
}

/// Four multiply-adds, one after the other.
struct FourFmas {
  template <class Real>
  Real operator()(Real x) const {
    using S = scalar_t<Real>;
    const Real a(S(0.75)), b(S(0.25));  // spelt out: GCC 12 keeps a loop for the scalar alone
    return fma(fma(fma(fma(x, a, b), a, b), a, b), a, b);
  }
};

/// Tests of it skip where timings mean nothing.
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

}  // namespace PHI_ISA
}  // namespace phigrad
