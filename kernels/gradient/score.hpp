// What a batch cost, and how far from the path it was.
#pragma once

#include "kernels/gradient/access.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Loss = Σ over windows Σ over their segments Σ over samples of the stage cost (and the terminal
/// cost of windows that reach the end); path error = mean over all samples.
template <class Robot, class Real>
struct Score {
  using S = scalar_t<Real>;
  using Objective = typename Robot::Objective;
  static constexpr int nx = Objective::nx;
  static constexpr int nu = Objective::nu;

  ScoreArgs<S> a;
  typename Objective::template Settings<S> settings;

  PHI_HD void operator()(std::int64_t block) const {
    const BatchView<S>& b = a.batch;
    const Real end = load_row<Real>(a.window.end, 0, block);
    Real loss = Real(0);
    Real path = Real(0);
    Real samples = Real(0);
    for (int j = 0; j < b.segments; ++j) {
      const WindowCount<Real> windows(a.window, end, j);
      const Real t = load_row<Real>(b.segment_time, j, block);
      Real segment = Real(0);
      for (int k = 0; k < b.steps_per_segment; ++k) {
        const auto at = read_sample<Real, nx, nu>(b, j, k, block);
        const Real cost = Objective::stage(at.x, at.u, t + at.since, settings);
        segment = segment + zero_unless<Real>(at.counts, cost);
        if constexpr (Objective::has_path) {
          path = path + zero_unless<Real>(at.counts, Objective::path_error(at.x, settings));
          samples = samples + zero_unless<Real>(at.counts, Real(1));
        }
      }
      loss = loss + zero_unless<Real>(windows.containing > Real(0), windows.containing * segment);
    }
    const WindowCount<Real> last(a.window, end, b.segments - 1);
    const auto at_end = read_end<Real, nx>(b, block);
    const Real terminal = Objective::terminal(at_end.x, at_end.time, settings);
    loss = loss + zero_unless<Real>(last.containing > Real(0), last.containing * terminal);
    store_row(a.loss, 0, block, loss);
    store_row(a.path_error, 0, block, path / samples);
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
