// The command that the policy gives at every recorded sample: what a log's inputs are checked
// against.
#pragma once

#include "kernels/gradient/access.hpp"

namespace phigrad {
inline namespace PHI_ISA {

template <class Robot, class Real>
struct Command {
  using S = scalar_t<Real>;
  using Policy = typename Robot::Policy;
  using Tracker = typename Policy::Tracker;
  static constexpr int nx = Policy::nx;
  static constexpr int nu = Policy::nu;

  CommandArgs<S> a;
  typename Policy::template Settings<S> settings;

  PHI_HD void operator()(std::int64_t block) const {
    const BatchView<S>& b = a.batch;
    const auto& tracker = Policy::tracker(settings);
    for (int j = 0; j < b.segments; ++j) {
      const auto segment = read_segment<Policy, Real>(b, tracker, j, block);
      for (int k = 0; k < b.steps_per_segment; ++k) {
        const auto at = read_sample<Real, nx, nu>(b, j, k, block);
        Vec<Real, nu> u{};
        if (a.setpoints.data == nullptr) {
          u = Tracker::act(at.x, segment.plan, instant_of<Tracker>(a.policy, at), tracker);
        } else if constexpr (Tracker::has_setpoint_command) {
          u = Tracker::command(at.x, load_rows<Real, 6>(a.setpoints, at.slot * 6, block),
                               read_decision<Policy, Real>(b, j, block), tracker);
        }
        store_rows(a.commands, at.slot * nu, block, u);
      }
    }
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
