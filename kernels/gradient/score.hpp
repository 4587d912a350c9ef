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
    const int steps = b.steps_per_segment;
    const Real end = load_row<Real>(a.window.end, 0, block);
    Real loss = Real(0);
    Real path = Real(0);
    Real samples = Real(0);
    for (int j = 0; j < b.segments; ++j) {
      const WindowCount<Real> windows(a.window, end, j);
      const Real t = load_row<Real>(b.segment_time, j, block);
      Real segment = Real(0);
      for (int k = 0; k < steps; ++k) {
        const std::int64_t slot = std::int64_t{j} * steps + k;
        const mask_t<Real> sample = is_sample<Real>(b, j, k, block);
        const Vec<Real, nx> x = load_rows<Real, nx>(b.states, slot * nx, block);
        const Vec<Real, nu> u = load_rows<Real, nu>(b.inputs, slot * nu, block);
        const Real cost = Objective::stage(x, u, t + since_refresh<Real>(b, j, k, block), settings);
        segment = segment + zero_unless<Real>(sample, cost);
        if constexpr (Objective::has_path) {
          path = path + zero_unless<Real>(sample, Objective::path_error(x, settings));
          samples = samples + zero_unless<Real>(sample, Real(1));
        }
      }
      loss = loss + zero_unless<Real>(windows.containing > Real(0), windows.containing * segment);
    }
    const WindowCount<Real> last(a.window, end, b.segments - 1);
    const Vec<Real, nx> x =
        load_rows<Real, nx>(b.states, std::int64_t{b.segments} * steps * nx, block);
    const Real t =
        load_row<Real>(b.segment_time, b.segments - 1, block) + Real(b.dt * static_cast<S>(steps));
    loss = loss + zero_unless<Real>(last.containing > Real(0),
                                    last.containing * Objective::terminal(x, t, settings));
    store_row(a.loss, 0, block, loss);
    store_row(a.path_error, 0, block, path / samples);
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
