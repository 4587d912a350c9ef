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
  static constexpr int nz = Policy::nz;

  CommandArgs<S> a;
  typename Policy::template Settings<S> settings;

  PHI_HD void operator()(std::int64_t block) const {
    const BatchView<S>& b = a.batch;
    const auto& tracker = Policy::tracker(settings);
    for (int j = 0; j < b.segments; ++j) {
      const auto before = load_rows<Real, nz>(b.decisions, std::int64_t{j} * nz, block);
      const auto z = load_rows<Real, nz>(b.decisions, std::int64_t{j + 1} * nz, block);
      const auto plan = Tracker::plan(before, z, tracker);
      for (int k = 0; k < b.steps_per_segment; ++k) {
        const std::int64_t slot = std::int64_t{j} * b.steps_per_segment + k;
        const auto x = load_rows<Real, nx>(b.states, slot * nx, block);
        Vec<Real, nu> u{};
        if (a.setpoints.data == nullptr) {
          u = Tracker::act(x, plan,
                           Instant<S, Real>{since_refresh<Real>(b, j, k, block),
                                            schedule_of<Tracker>(a.policy, slot)},
                           tracker);
        } else if constexpr (Tracker::has_setpoint_command) {
          u = Tracker::command(x, load_rows<Real, 6>(a.setpoints, slot * 6, block), z, tracker);
        }
        store_rows(a.commands, slot * nu, block, u);
      }
    }
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
