// Forward-mode derivatives: a value and its derivatives along N directions, carried through the
// overload set of scalar.hpp and elementary.hpp by the chain rule. At a switch (clamp, abs, min,
// max, select) the derivative is that of the branch taken.
#pragma once

#include "kernels/math/elementary.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// T is a plain Real: float, double or lanes. T and its scalar convert implicitly, as constants.
template <class T, int N>
struct Dual {
  static_assert(is_plain_v<T> && N > 0);
  using Mask = mask_t<T>;
  T value;
  T tangent[N];  // d value / d direction

  Dual() = default;
  template <class A,
            std::enable_if_t<std::is_same_v<A, T> || std::is_same_v<A, scalar_t<T>>, int> = 0>
  PHI_HD Dual(A constant) : value(constant) {
    PHI_UNROLL
    for (int i = 0; i < N; ++i) tangent[i] = T(scalar_t<T>(0));
  }
  template <class A, std::enable_if_t<std::is_arithmetic_v<A> && !std::is_same_v<A, scalar_t<T>> &&
                                          !std::is_same_v<A, T>,
                                      int> = 0>
  PHI_HD explicit Dual(A constant) : Dual(static_cast<scalar_t<T>>(constant)) {}

  /// An independent variable: derivative 1 along `direction`, 0 along the others.
  PHI_HD static Dual variable(const T& x, int direction) {
    Dual y(x);
    y.tangent[direction] = T(scalar_t<T>(1));
    return y;
  }

  PHI_HD friend Dual operator-(const Dual& a) {
    Dual y;
    y.value = -a.value;
    PHI_UNROLL
    for (int i = 0; i < N; ++i) y.tangent[i] = -a.tangent[i];
    return y;
  }
  PHI_HD friend Dual operator+(const Dual& a) { return a; }
  PHI_HD friend Dual operator+(const Dual& a, const Dual& b) {
    Dual y;
    y.value = a.value + b.value;
    PHI_UNROLL
    for (int i = 0; i < N; ++i) y.tangent[i] = a.tangent[i] + b.tangent[i];
    return y;
  }
  PHI_HD friend Dual operator-(const Dual& a, const Dual& b) {
    Dual y;
    y.value = a.value - b.value;
    PHI_UNROLL
    for (int i = 0; i < N; ++i) y.tangent[i] = a.tangent[i] - b.tangent[i];
    return y;
  }
  PHI_HD friend Dual operator*(const Dual& a, const Dual& b) {
    return combine(a.value * b.value, b.value, a, a.value, b);
  }
  PHI_HD friend Dual operator/(const Dual& a, const Dual& b) {
    const T inverse = T(scalar_t<T>(1)) / b.value;
    const T quotient = a.value / b.value;
    return combine(quotient, inverse, a, -quotient * inverse, b);
  }
  template <class A>
  PHI_HD Dual& operator+=(A b) {
    return *this = *this + b;
  }
  template <class A>
  PHI_HD Dual& operator-=(A b) {
    return *this = *this - b;
  }
  template <class A>
  PHI_HD Dual& operator*=(A b) {
    return *this = *this * b;
  }
  template <class A>
  PHI_HD Dual& operator/=(A b) {
    return *this = *this / b;
  }

  PHI_HD friend Mask operator<(const Dual& a, const Dual& b) { return a.value < b.value; }
  PHI_HD friend Mask operator>(const Dual& a, const Dual& b) { return a.value > b.value; }
  PHI_HD friend Mask operator<=(const Dual& a, const Dual& b) { return a.value <= b.value; }
  PHI_HD friend Mask operator>=(const Dual& a, const Dual& b) { return a.value >= b.value; }
  PHI_HD friend Mask operator==(const Dual& a, const Dual& b) { return a.value == b.value; }
  PHI_HD friend Mask operator!=(const Dual& a, const Dual& b) { return a.value != b.value; }

  PHI_HD friend Dual select(const Mask& mask, const Dual& a, const Dual& b) {
    Dual y;
    y.value = select(mask, a.value, b.value);
    PHI_UNROLL
    for (int i = 0; i < N; ++i) y.tangent[i] = select(mask, a.tangent[i], b.tangent[i]);
    return y;
  }
  PHI_HD friend Dual fma(const Dual& a, const Dual& b, const Dual& c) {
    Dual y;
    y.value = fma(a.value, b.value, c.value);
    PHI_UNROLL
    for (int i = 0; i < N; ++i) {
      y.tangent[i] = fma(a.value, b.tangent[i], fma(b.value, a.tangent[i], c.tangent[i]));
    }
    return y;
  }
  PHI_HD friend Dual min(const Dual& a, const Dual& b) { return select(a < b, a, b); }
  PHI_HD friend Dual max(const Dual& a, const Dual& b) { return select(a > b, a, b); }
  PHI_HD friend Dual clamp(const Dual& x, const Dual& lo, const Dual& hi) {
    return min(hi, max(lo, x));
  }
  /// f(a) given f's value and slope there.
  PHI_HD static Dual chain(const T& value_of_f, const T& slope, const Dual& a) {
    Dual y;
    y.value = value_of_f;
    PHI_UNROLL
    for (int i = 0; i < N; ++i) y.tangent[i] = slope * a.tangent[i];
    return y;
  }
  /// f(a, b) given f's value and its slopes along a and b.
  PHI_HD static Dual combine(const T& value_of_f, const T& slope_a, const Dual& a, const T& slope_b,
                             const Dual& b) {
    Dual y;
    y.value = value_of_f;
    PHI_UNROLL
    for (int i = 0; i < N; ++i) {
      y.tangent[i] = fma(slope_a, a.tangent[i], slope_b * b.tangent[i]);
    }
    return y;
  }
};

template <class T, int N>
struct RealTraits<Dual<T, N>> {
  using Scalar = scalar_t<T>;
  using Mask = mask_t<T>;
  static constexpr int width = width_v<T>;
  static constexpr bool plain = false;
};

/// A constant that a Dual<T, N> meets without being widened to one: T or its scalar.
template <class T, class A>
using enable_constant =
    std::enable_if_t<std::is_same_v<A, T> || std::is_same_v<A, scalar_t<T>>, int>;

template <class T, int N, class A, enable_constant<T, A> = 0>
PHI_HD Dual<T, N> operator+(const Dual<T, N>& a, A b) {
  Dual<T, N> y = a;
  y.value = a.value + b;
  return y;
}
template <class T, int N, class A, enable_constant<T, A> = 0>
PHI_HD Dual<T, N> operator+(A a, const Dual<T, N>& b) {
  return b + a;
}
template <class T, int N, class A, enable_constant<T, A> = 0>
PHI_HD Dual<T, N> operator-(const Dual<T, N>& a, A b) {
  Dual<T, N> y = a;
  y.value = a.value - b;
  return y;
}
template <class T, int N, class A, enable_constant<T, A> = 0>
PHI_HD Dual<T, N> operator-(A a, const Dual<T, N>& b) {
  Dual<T, N> y = -b;
  y.value = a - b.value;
  return y;
}
template <class T, int N, class A, enable_constant<T, A> = 0>
PHI_HD Dual<T, N> operator*(const Dual<T, N>& a, A b) {
  return Dual<T, N>::chain(a.value * b, T(b), a);
}
template <class T, int N, class A, enable_constant<T, A> = 0>
PHI_HD Dual<T, N> operator*(A a, const Dual<T, N>& b) {
  return b * a;
}
template <class T, int N, class A, enable_constant<T, A> = 0>
PHI_HD Dual<T, N> operator/(const Dual<T, N>& a, A b) {
  return Dual<T, N>::chain(a.value / b, T(scalar_t<T>(1)) / T(b), a);
}
template <class T, int N, class A, enable_constant<T, A> = 0>
PHI_HD Dual<T, N> operator/(A a, const Dual<T, N>& b) {
  const T quotient = a / b.value;
  return Dual<T, N>::chain(quotient, -quotient / b.value, b);
}
template <class T, int N, class A, enable_constant<T, A> = 0>
PHI_HD Dual<T, N> fma(const Dual<T, N>& a, A b, const Dual<T, N>& c) {
  return Dual<T, N>::combine(fma(a.value, T(b), c.value), T(b), a, T(scalar_t<T>(1)), c);
}
template <class T, int N, class A, enable_constant<T, A> = 0>
PHI_HD Dual<T, N> fma(A a, const Dual<T, N>& b, const Dual<T, N>& c) {
  return fma(b, a, c);
}

template <class T, int N>
PHI_HD T value(const Dual<T, N>& x) {
  return x.value;
}

/// Whether the value and every derivative are finite.
template <class T, int N>
PHI_HD mask_t<T> is_finite(const Dual<T, N>& x) {
  mask_t<T> finite = is_finite(x.value);
  PHI_UNROLL
  for (int i = 0; i < N; ++i) finite = finite & is_finite(x.tangent[i]);
  return finite;
}

/// Slope 1 at 0.
template <class T, int N>
PHI_HD Dual<T, N> abs(const Dual<T, N>& x) {
  return select(x.value < T(scalar_t<T>(0)), -x, x);
}

/// Slope ±1, along `magnitude` alone.
template <class T, int N>
PHI_HD Dual<T, N> copysign(const Dual<T, N>& magnitude, const Dual<T, N>& sign) {
  const T value_of_f = copysign(magnitude.value, sign.value);
  const T one(scalar_t<T>(1));
  return Dual<T, N>::chain(value_of_f, copysign(one, magnitude.value) * copysign(one, sign.value),
                           magnitude);
}

/// Steps: derivative 0.
template <class T, int N>
PHI_HD Dual<T, N> floor(const Dual<T, N>& x) {
  return Dual<T, N>(floor(x.value));
}
template <class T, int N>
PHI_HD Dual<T, N> round_nearest(const Dual<T, N>& x) {
  return Dual<T, N>(round_nearest(x.value));
}

/// The slope at 0 is taken as 0, not infinite: the length of a resting velocity must not poison a
/// gradient.
template <class T, int N>
PHI_HD Dual<T, N> sqrt(const Dual<T, N>& x) {
  using S = scalar_t<T>;
  const T root = sqrt(x.value);
  const T slope = select(root == T(S(0)), T(S(0)), T(S(0.5)) / root);
  return Dual<T, N>::chain(root, slope, x);
}

template <class T, int N>
PHI_HD void sincos(const Dual<T, N>& x, Dual<T, N>& sine, Dual<T, N>& cosine) {
  T s, c;
  sincos(x.value, s, c);
  const Dual<T, N> at = x;  // sine or cosine may be x itself
  sine = Dual<T, N>::chain(s, c, at);
  cosine = Dual<T, N>::chain(c, -s, at);
}
template <class T, int N>
PHI_HD Dual<T, N> sin(const Dual<T, N>& x) {
  T s, c;
  sincos(x.value, s, c);
  return Dual<T, N>::chain(s, c, x);
}
template <class T, int N>
PHI_HD Dual<T, N> cos(const Dual<T, N>& x) {
  T s, c;
  sincos(x.value, s, c);
  return Dual<T, N>::chain(c, -s, x);
}
template <class T, int N>
PHI_HD Dual<T, N> exp(const Dual<T, N>& x) {
  const T y = exp(x.value);
  return Dual<T, N>::chain(y, y, x);
}
template <class T, int N>
PHI_HD Dual<T, N> log(const Dual<T, N>& x) {
  return Dual<T, N>::chain(log(x.value), T(scalar_t<T>(1)) / x.value, x);
}
template <class T, int N>
PHI_HD Dual<T, N> tanh(const Dual<T, N>& x) {
  const T y = tanh(x.value);
  return Dual<T, N>::chain(y, fma(-y, y, T(scalar_t<T>(1))), x);
}

/// The slopes at the origin, where there is no angle, are taken as 0.
template <class T, int N>
PHI_HD Dual<T, N> atan2(const Dual<T, N>& y, const Dual<T, N>& x) {
  using S = scalar_t<T>;
  const T square = fma(x.value, x.value, y.value * y.value);
  const T inverse = T(S(1)) / select(square == T(S(0)), T(S(1)), square);
  return Dual<T, N>::combine(atan2(y.value, x.value), x.value * inverse, y, -y.value * inverse, x);
}

}  // namespace PHI_ISA
}  // namespace phigrad
