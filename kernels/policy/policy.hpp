// A policy of two rates: a head that decides once a segment, a tracker that acts at every step.
#pragma once

#include "kernels/policy/heads.hpp"
#include "kernels/policy/trackers.hpp"

namespace phigrad {
inline namespace PHI_ISA {

template <class HeadType, class TrackerType>
struct Policy {
  using Head = HeadType;
  using Tracker = TrackerType;
  static_assert(Head::nx == Tracker::nx, "head and tracker see the same state");
  static_assert(Head::nz == Tracker::nz, "the tracker takes what the head decides");
  static constexpr int nx = Tracker::nx;
  static constexpr int nu = Tracker::nu;
  static constexpr int nz = Tracker::nz;
  static constexpr int nm = Tracker::nm;

  /// Inherited, not members: an empty half takes no room in the pack.
  template <class Real>
  struct Settings : Head::template Settings<Real>, Tracker::template Settings<Real> {};

  template <class S>
  PHI_HD static const typename Head::template Settings<S>& head(const Settings<S>& s) {
    return s;
  }
  template <class S>
  PHI_HD static const typename Tracker::template Settings<S>& tracker(const Settings<S>& s) {
    return s;
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
