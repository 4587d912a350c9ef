// A pack is a plain struct template P<Real> whose members are all Real (a model's parameters, a
// gain set, ...). Its members have names for the equations, and an index for arrays, files and
// optimisers.
#pragma once

#include "kernels/math/complex_step.hpp"
#include "kernels/math/dual.hpp"
#include "kernels/math/vec.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// The number of members of P, checked to be nothing but Reals side by side.
template <template <class> class P>
constexpr int pack_size() {
  static_assert(std::is_trivially_copyable_v<P<double>> && std::is_trivially_copyable_v<P<float>>);
  if (std::is_empty_v<P<double>>) return 0;
  constexpr std::size_t size = std::is_empty_v<P<double>> ? 0 : sizeof(P<double>) / sizeof(double);
  static_assert(size == 0 || sizeof(P<double>) == size * sizeof(double), "a member is not Real");
  static_assert(size == 0 || sizeof(P<float>) == size * sizeof(float), "a member is not Real");
  return static_cast<int>(size);
}
template <template <class> class P>
inline constexpr int pack_size_v = pack_size<P>();

/// Member `i` of a pack, in order of declaration.
template <template <class> class P, class Real>
PHI_HD Real get(const P<Real>& pack, int i) {
  static_assert(std::is_trivially_copyable_v<P<Real>>);
  static_assert(sizeof(P<Real>) == pack_size_v<P> * sizeof(Real));
  Real member;
  memcpy(&member, reinterpret_cast<const char*>(&pack) + static_cast<std::size_t>(i) * sizeof(Real),
         sizeof(Real));
  return member;
}
template <template <class> class P, class Real>
PHI_HD void set(P<Real>& pack, int i, const identity_t<Real>& member) {
  static_assert(std::is_trivially_copyable_v<P<Real>>);
  static_assert(sizeof(P<Real>) == pack_size_v<P> * sizeof(Real));
  memcpy(reinterpret_cast<char*>(&pack) + static_cast<std::size_t>(i) * sizeof(Real), &member,
         sizeof(Real));
}

/// A pack as `pack_size_v<P>` numbers in order of declaration, and back.
template <template <class> class P, class Real>
PHI_HD void to_array(const P<Real>& pack, Real* out) {
  memcpy(out, &pack, pack_size_v<P> * sizeof(Real));
}
template <template <class> class P, class Real>
PHI_HD P<Real> from_array(const Real* in) {
  P<Real> pack{};
  if constexpr (pack_size_v < P >> 0) memcpy(&pack, in, pack_size_v<P> * sizeof(Real));
  return pack;
}

/// One Real as another: a number rounds to the target's precision and is a constant of it
/// (broadcast over lanes, derivative 0); a Real converts to one built upon it (lanes to a Dual of
/// them).
template <class To, class From>
PHI_HD To real_cast(const From& x) {
  if constexpr (std::is_arithmetic_v<From>) {
    return To(static_cast<scalar_t<To>>(x));
  } else {
    return To(x);
  }
}

/// A pack of another Real, member by member: `convert<CarParams, float>(params)`.
template <template <class> class P, class To, class From>
PHI_HD P<To> convert(const P<From>& from) {
  P<To> to{};
  if constexpr (pack_size_v < P >> 0) {
    for (int i = 0; i < pack_size_v<P>; ++i) set(to, i, real_cast<To>(get(from, i)));
  }
  return to;
}

}  // namespace PHI_ISA
}  // namespace phigrad
