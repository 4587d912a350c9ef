// A plant may have a state of its own, of which a policy sees a part: it then has, beside its step,
// n_seen, begin(seen, constants), its state where that is all that is known, and observe(state).
#pragma once

#include <type_traits>
#include <utility>

#include "kernels/dynamics/constants.hpp"
#include "kernels/math/vec.hpp"

namespace phigrad {
inline namespace PHI_ISA {

namespace kernel_detail {

template <class Plant, class = void>
struct HasOwnState : std::false_type {};
template <class Plant>
struct HasOwnState<Plant, std::void_t<decltype(Plant::n_seen)>> : std::true_type {};

}  // namespace kernel_detail

template <class Plant>
inline constexpr bool has_own_state_v = kernel_detail::HasOwnState<Plant>::value;

/// States that a policy sees of the plant.
template <class Plant>
constexpr int seen_states() {
  if constexpr (has_own_state_v<Plant>) {
    return Plant::n_seen;
  } else {
    return Plant::nx;
  }
}

template <class Plant, class Real>
PHI_HD Vec<Real, Plant::nx> begin_plant(const Vec<Real, seen_states<Plant>()>& seen,
                                        const constants_t<Plant, Real>& p) {
  if constexpr (has_own_state_v<Plant>) {
    return Plant::begin(seen, p);
  } else {
    return seen;
  }
}

template <class Plant, class Real>
PHI_HD Vec<Real, seen_states<Plant>()> observe_plant(const Vec<Real, Plant::nx>& state) {
  if constexpr (has_own_state_v<Plant>) {
    return Plant::observe(state);
  } else {
    return state;
  }
}

}  // namespace PHI_ISA
}  // namespace phigrad
