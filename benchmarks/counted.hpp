// A float that counts what is done with it: the overload set of scalar.hpp, for kernels whose
// operations are to be counted. To be included before any header but scalar.hpp: from_bits and load
// are looked up where the kernels are defined.
#pragma once

#include <cstdint>

#include "kernels/math/scalar.hpp"

namespace phigrad {

/// Operations done with Counted numbers so far, by this process; not for several threads.
struct OperationCounts {
  std::int64_t add, multiply, multiply_add, divide, root;
  std::int64_t other;  // comparisons, selections, minima, roundings, signs
};
inline OperationCounts operation_counts{};

inline namespace PHI_ISA {

struct Counted;

template <>
struct RealTraits<Counted> {
  using Scalar = float;
  using Mask = bool;
  using Bits = std::uint32_t;
  static constexpr int width = 1;
  static constexpr bool plain = true;
};

struct Counted {
  float v;

  Counted() = default;
  Counted(float x) : v(x) {}
  template <class A,
            std::enable_if_t<std::is_arithmetic_v<A> && !std::is_same_v<A, float>, int> = 0>
  explicit Counted(A x) : v(static_cast<float>(x)) {}

  friend Counted operator+(Counted a, Counted b) {
    ++operation_counts.add;
    return a.v + b.v;
  }
  friend Counted operator-(Counted a, Counted b) {
    ++operation_counts.add;
    return a.v - b.v;
  }
  friend Counted operator*(Counted a, Counted b) {
    ++operation_counts.multiply;
    return a.v * b.v;
  }
  friend Counted operator/(Counted a, Counted b) {
    ++operation_counts.divide;
    return a.v / b.v;
  }
  friend Counted fma(Counted a, Counted b, Counted c) {
    ++operation_counts.multiply_add;
    return phigrad::fma(a.v, b.v, c.v);
  }
  friend Counted sqrt(Counted x) {
    ++operation_counts.root;
    return phigrad::sqrt(x.v);
  }
  friend Counted operator+(Counted a) { return a; }
  friend Counted operator-(Counted a) { return other(-a.v); }
  Counted& operator+=(Counted b) { return *this = *this + b; }
  Counted& operator-=(Counted b) { return *this = *this - b; }
  Counted& operator*=(Counted b) { return *this = *this * b; }
  Counted& operator/=(Counted b) { return *this = *this / b; }

  friend bool operator<(Counted a, Counted b) { return other(a.v < b.v); }
  friend bool operator>(Counted a, Counted b) { return other(a.v > b.v); }
  friend bool operator<=(Counted a, Counted b) { return other(a.v <= b.v); }
  friend bool operator>=(Counted a, Counted b) { return other(a.v >= b.v); }
  friend bool operator==(Counted a, Counted b) { return other(a.v == b.v); }
  friend bool operator!=(Counted a, Counted b) { return other(a.v != b.v); }

  friend Counted select(bool mask, Counted a, Counted b) { return other(mask ? a.v : b.v); }
  friend Counted floor(Counted x) { return other(phigrad::floor(x.v)); }
  friend Counted round_nearest(Counted x) { return other(phigrad::round_nearest(x.v)); }
  friend Counted min(Counted a, Counted b) { return other(phigrad::min(a.v, b.v)); }
  friend Counted max(Counted a, Counted b) { return other(phigrad::max(a.v, b.v)); }
  friend Counted clamp(Counted x, Counted lo, Counted hi) { return min(hi, max(lo, x)); }
  friend Counted abs(Counted x) { return other(phigrad::abs(x.v)); }
  friend Counted copysign(Counted magnitude, Counted sign) {
    return other(phigrad::copysign(magnitude.v, sign.v));
  }
  friend bool is_finite(Counted x) { return abs(x) <= Counted(FloatLimits<float>::largest); }
  friend Counted value(Counted x) { return x; }
  friend std::uint32_t to_bits(Counted x) { return phigrad::to_bits(x.v); }

 private:
  template <class T>
  static T other(T result) {
    ++operation_counts.other;
    return result;
  }
};

template <class Real, std::enable_if_t<std::is_same_v<Real, Counted>, int> = 0>
Real from_bits(std::uint32_t bits) {
  return Real(from_bits<float>(bits));
}

template <class Real, std::enable_if_t<std::is_same_v<Real, Counted>, int> = 0>
Real load(const float* from) {
  return Real(*from);
}
inline void store(Counted x, float* to) { *to = x.v; }
inline void set_lane(Counted& x, int /*lane*/, float value) { x.v = value; }

}  // namespace PHI_ISA
}  // namespace phigrad
