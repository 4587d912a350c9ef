// The lanes of a Real as doubles, in registers of their own: what sums over trajectories work with.
#pragma once

#include <cstdint>

#include "kernels/math/lanes.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Of scalars: one double.
template <class D>
struct Doubles {
  PHI_HD static D load(const float* from) { return static_cast<double>(*from); }
  PHI_HD static D load(const double* from) { return *from; }
  PHI_HD static void store(D x, float* to) { *to = static_cast<float>(x); }
  PHI_HD static void store(D x, double* to) { *to = x; }
  /// 0, 1, 2, …: which lane a lane is.
  PHI_HD static D numbers() { return 0.0; }
  PHI_HD static double lane(D x, int /*lane*/) { return x; }
};

template <class Real>
struct DoublesOf {
  using Type = double;
};

#if !defined(__CUDACC__)
template <int W>
struct Doubles<Lanes<double, W>> {
  using D = Lanes<double, W>;
  static D load(const float* from) {
    VectorOf<float, W> narrow;
    memcpy(&narrow, from, sizeof narrow);
    return D(__builtin_convertvector(narrow, typename D::Vector));
  }
  static D load(const double* from) { return D::load(from); }
  static void store(D x, float* to) {
    const auto narrow = __builtin_convertvector(x.v, VectorOf<float, W>);
    memcpy(to, &narrow, sizeof narrow);
  }
  static void store(D x, double* to) { x.store(to); }
  static D numbers() {
    D x(0.0);
    for (int lane = 0; lane < W; ++lane) x.set(lane, lane);
    return x;
  }
  static double lane(D x, int lane) { return x[lane]; }
};

template <class S, int W>
struct DoublesOf<Lanes<S, W>> {
  using Type = lanes_t<double, W* static_cast<int>(sizeof(S)) / 8>;
};
#endif

/// double, or as many lanes of it as fill a register of Real.
template <class Real>
using doubles_t = typename DoublesOf<Real>::Type;

}  // namespace PHI_ISA
}  // namespace phigrad
