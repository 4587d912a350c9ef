// Several trajectories side by side in one SIMD register: the overload set of scalar.hpp, lane by
// lane and bit for bit. Host only: a GPU thread holds one trajectory.
#pragma once

#include "kernels/math/lane_intrinsics.hpp"

#if !defined(__CUDACC__)

namespace phigrad {
inline namespace PHI_ISA {

/// One truth value a lane: all bits set, or none.
template <class S, int W>
struct LaneMask {
  using Int = std::conditional_t<sizeof(S) == 4, std::int32_t, std::int64_t>;
  using Vector = VectorOf<Int, W>;
  Vector m;

  LaneMask() = default;
  PHI_HD LaneMask(bool b) : m(Vector{} - static_cast<Int>(b)) {}
  PHI_HD explicit LaneMask(Vector bits) : m(bits) {}
  PHI_HD bool operator[](int lane) const { return m[lane] != 0; }

  PHI_HD friend LaneMask operator&(LaneMask a, LaneMask b) { return LaneMask(a.m & b.m); }
  PHI_HD friend LaneMask operator|(LaneMask a, LaneMask b) { return LaneMask(a.m | b.m); }
  PHI_HD friend LaneMask operator!(LaneMask a) { return LaneMask(~a.m); }
  PHI_HD friend bool any(LaneMask a) { return Intrinsics<S, W>::any(a.m); }
  PHI_HD friend bool all(LaneMask a) { return !Intrinsics<S, W>::any(~a.m); }
};

/// W values of S (float or double). A scalar S broadcasts implicitly; other arithmetic types
/// convert explicitly, so that a double literal cannot slip into float code unseen.
template <class S, int W>
struct Lanes {
  static_assert(std::is_same_v<S, float> || std::is_same_v<S, double>);
  static_assert(W > 1 && (W & (W - 1)) == 0, "one lane is the scalar itself: see lanes_t");
  using Vector = VectorOf<S, W>;
  using Mask = LaneMask<S, W>;
  using Bits = VectorOf<std::conditional_t<sizeof(S) == 4, std::uint32_t, std::uint64_t>, W>;
  using Hardware = Intrinsics<S, W>;
  Vector v;

  Lanes() = default;
  template <class A, std::enable_if_t<std::is_same_v<A, S>, int> = 0>
  PHI_HD Lanes(A x) : v(x - Vector{}) {}  // x - 0 is x for every x, -0 included
  template <class A, std::enable_if_t<std::is_arithmetic_v<A> && !std::is_same_v<A, S>, int> = 0>
  PHI_HD explicit Lanes(A x) : Lanes(static_cast<S>(x)) {}
  PHI_HD explicit Lanes(Vector x) : v(x) {}

  /// W consecutive scalars, of any alignment.
  PHI_HD static Lanes load(const S* from) {
    Lanes x;
    memcpy(&x.v, from, sizeof x.v);
    return x;
  }
  PHI_HD void store(S* to) const { memcpy(to, &v, sizeof v); }
  PHI_HD S operator[](int lane) const { return v[lane]; }
  PHI_HD void set(int lane, S x) { v[lane] = x; }

  PHI_HD friend Lanes operator+(Lanes a, Lanes b) { return Lanes(a.v + b.v); }
  PHI_HD friend Lanes operator-(Lanes a, Lanes b) { return Lanes(a.v - b.v); }
  PHI_HD friend Lanes operator*(Lanes a, Lanes b) { return Lanes(a.v * b.v); }
  PHI_HD friend Lanes operator/(Lanes a, Lanes b) { return Lanes(a.v / b.v); }
  PHI_HD friend Lanes operator-(Lanes a) { return Lanes(-a.v); }
  PHI_HD friend Lanes operator+(Lanes a) { return a; }
  PHI_HD Lanes& operator+=(Lanes b) { return *this = *this + b; }
  PHI_HD Lanes& operator-=(Lanes b) { return *this = *this - b; }
  PHI_HD Lanes& operator*=(Lanes b) { return *this = *this * b; }
  PHI_HD Lanes& operator/=(Lanes b) { return *this = *this / b; }

  PHI_HD friend Mask operator<(Lanes a, Lanes b) { return Mask(a.v < b.v); }
  PHI_HD friend Mask operator>(Lanes a, Lanes b) { return Mask(a.v > b.v); }
  PHI_HD friend Mask operator<=(Lanes a, Lanes b) { return Mask(a.v <= b.v); }
  PHI_HD friend Mask operator>=(Lanes a, Lanes b) { return Mask(a.v >= b.v); }
  PHI_HD friend Mask operator==(Lanes a, Lanes b) { return Mask(a.v == b.v); }
  PHI_HD friend Mask operator!=(Lanes a, Lanes b) { return Mask(a.v != b.v); }

  PHI_HD friend Lanes select(Mask mask, Lanes a, Lanes b) { return Lanes(mask.m ? a.v : b.v); }
  PHI_HD friend Lanes fma(Lanes a, Lanes b, Lanes c) { return Lanes(Hardware::fma(a.v, b.v, c.v)); }
  PHI_HD friend Lanes sqrt(Lanes x) { return Lanes(Hardware::sqrt(x.v)); }
  PHI_HD friend Lanes floor(Lanes x) { return Lanes(Hardware::floor(x.v)); }
  PHI_HD friend Lanes round_nearest(Lanes x) { return Lanes(Hardware::round_nearest(x.v)); }
  PHI_HD friend Lanes min(Lanes a, Lanes b) { return Lanes(Hardware::min(a.v, b.v)); }
  PHI_HD friend Lanes max(Lanes a, Lanes b) { return Lanes(Hardware::max(a.v, b.v)); }
  PHI_HD friend Lanes clamp(Lanes x, Lanes lo, Lanes hi) { return min(hi, max(lo, x)); }
  PHI_HD friend Lanes value(Lanes x) { return x; }

  PHI_HD friend Bits to_bits(Lanes x) { return reinterpret_cast<Bits>(x.v); }
  PHI_HD friend Lanes abs(Lanes x) {
    return Lanes(reinterpret_cast<Vector>(to_bits(x) & ~sign_bit()));
  }
  PHI_HD friend Lanes copysign(Lanes magnitude, Lanes sign) {
    return Lanes(reinterpret_cast<Vector>((to_bits(magnitude) & ~sign_bit()) |
                                          (to_bits(sign) & sign_bit())));
  }
  PHI_HD friend Mask is_finite(Lanes x) { return abs(x) <= Lanes(FloatLimits<S>::largest); }

 private:
  PHI_HD static Bits sign_bit() { return to_bits(Lanes(-S{0})); }
};

template <class S, int W>
struct RealTraits<Lanes<S, W>> {
  using Scalar = S;
  using Mask = LaneMask<S, W>;
  using Bits = typename Lanes<S, W>::Bits;
  static constexpr int width = W;
  static constexpr bool plain = true;
};

template <class Real, std::enable_if_t<(width_v<Real> > 1) && is_plain_v<Real>, int> = 0>
PHI_HD Real from_bits(typename RealTraits<Real>::Bits bits) {
  return Real(reinterpret_cast<typename Real::Vector>(bits));
}

template <class Real, std::enable_if_t<(width_v<Real> > 1) && is_plain_v<Real>, int> = 0>
PHI_HD Real load(const scalar_t<Real>* from) {
  return Real::load(from);
}
template <class S, int W>
PHI_HD void store(const Lanes<S, W>& x, S* to) {
  x.store(to);
}

/// Lanes of S in one register of the build's instruction set; 1 where lanes do not pay (no FMA).
template <class S>
constexpr int native_width() {
#if defined(__AVX512F__)
  return static_cast<int>(64 / sizeof(S));
#elif defined(__AVX2__) && defined(__FMA__)
  return static_cast<int>(32 / sizeof(S));
#elif defined(__ARM_NEON) && defined(__aarch64__)
  return static_cast<int>(16 / sizeof(S));
#else
  return 1;
#endif
}

template <class S, int W>
struct LanesOrScalar {
  using Type = Lanes<S, W>;
};
template <class S>
struct LanesOrScalar<S, 1> {
  using Type = S;
};

/// The Real of W lanes of S, natively many unless told: S itself for one.
template <class S, int W = native_width<S>()>
using lanes_t = typename LanesOrScalar<S, W>::Type;

}  // namespace PHI_ISA
}  // namespace phigrad
#endif
