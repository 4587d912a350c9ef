// A head whose parameters are a table over the lap, as iterative learning control fills it.
#pragma once

#include "kernels/policy/heads.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// θ [entries, n_corrected] corrects the first components of the decision, between its entries
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
  static constexpr int entries = Entries;
  static constexpr int n_corrected = Corrected;
  static_assert(Corrected <= nz, "there is nothing more to correct");

  static int parameters(int /*segments*/) { return Entries * Corrected; }

  template <class Real, class Parameters, class S>
  PHI_HD static Vec<Real, nz> decide(const Parameters& theta, const Vec<Real, nx>& /*x*/, Real t,
                                     int /*segment*/, const Settings<S>& settings) {
    const Real place = place_of(t, settings);
    Vec<Real, nz> correction{};
    for (int i = 0; i < Entries; ++i) {
      const Real weight = weight_of(i, place);
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
        const Real weight = weight_of(i, place);
        PHI_UNROLL
        for (int c = 0; c < Corrected; ++c) theta_bar.add(i * Corrected + c, weight * bar[c]);
      }
    }
  }

 private:
  /// Of a time, in entries from the lap's beginning, within [0, Entries).
  template <class Real, class S>
  PHI_HD static Real place_of(Real t, const Settings<S>& settings) {
    const Real laps = t / Real(Frame::lap(settings.frame));
    return (laps - floor(laps)) * Real(Entries);
  }
  /// Of entry i at a place: 1 there, 0 from the next entries on, round the lap.
  template <class Real>
  PHI_HD static Real weight_of(int i, Real place) {
    const Real apart = abs(place - Real(static_cast<scalar_t<Real>>(i)));
    const Real round = min(apart, Real(Entries) - apart);
    return max(Real(1) - round, Real(0));
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
