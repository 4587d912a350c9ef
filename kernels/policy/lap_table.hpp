// A head whose parameters are a table over the lap, as iterative learning control fills it.
#pragma once

#include "kernels/policy/heads.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Where in a table of so many entries over a lap (s) a time is: within [0, entries).
template <class Real>
PHI_HD Real lap_place(const Real& t, const Real& lap, int entries) {
  const Real laps = t / lap;
  return (laps - floor(laps)) * Real(static_cast<scalar_t<Real>>(entries));
}

/// Of entry i at a place: 1 there, 0 from the next entries on, round the lap.
template <class Real>
PHI_HD Real lap_weight(int i, const Real& place, int entries) {
  const Real apart = abs(place - Real(static_cast<scalar_t<Real>>(i)));
  const Real round = min(apart, Real(static_cast<scalar_t<Real>>(entries)) - apart);
  return max(Real(1) - round, Real(0));
}

/// θ [Entries, Corrected] corrects the first components of the decision, between its entries
/// linearly; entry i is of the times (k + i / entries) of a lap. Frame names the lap too:
/// lap(settings), s.
template <class Frame, int Entries, int Corrected>
struct LapTableHead : CorrectingHead<Frame> {
  using Base = CorrectingHead<Frame>;
  using Base::nx;
  using Base::nz;
  template <class Real>
  using Settings = typename Base::template Settings<Real>;
  static constexpr bool depends_on_state = false;
  static constexpr int at_once = 1;
  static_assert(Corrected <= nz, "there is nothing more to correct");

  static int parameters(int /*segments*/) { return Entries * Corrected; }

  template <class Real, class Parameters, class S>
  PHI_HD static Vec<Real, nz> decide(const Parameters& theta, const Vec<Real, nx>& /*x*/, Real t,
                                     int /*segment*/, const Settings<S>& settings) {
    const Real place = place_of(t, settings);
    Vec<Real, nz> correction{};
    for (int i = 0; i < Entries; ++i) {
      const Real weight = lap_weight(i, place, Entries);
      PHI_UNROLL
      for (int c = 0; c < Corrected; ++c) {
        correction[c] = fma(weight, theta.template get<Real>(i * Corrected + c), correction[c]);
      }
    }
    return Base::corrected(t, correction, settings);
  }

  template <int n, class Real, class Parameters, class Gradient, class S>
  PHI_HD static void pull_back(const Parameters& /*theta*/, const DecisionBar<Real, nx, nz> (&d)[n],
                               const Settings<S>& settings, const Gradient& theta_bar) {
    for (const auto& one : d) {
      const Vec<Real, nz> bar = Base::correction_bar(one.z_bar, settings);
      const Real place = place_of(one.t, settings);
      for (int i = 0; i < Entries; ++i) {
        const Real weight = lap_weight(i, place, Entries);
        PHI_UNROLL
        for (int c = 0; c < Corrected; ++c) theta_bar.add(i * Corrected + c, weight * bar[c]);
      }
    }
  }

 private:
  template <class Real, class S>
  PHI_HD static Real place_of(Real t, const Settings<S>& settings) {
    return lap_place(t, Real(Frame::lap(settings.frame)), Entries);
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
