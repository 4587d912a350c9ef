// What a batch cost, and how far from the path it was.
#pragma once

#include "kernels/gradient/access.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Loss = Σ over windows Σ over their segments Σ over samples of the stage cost (and the terminal
/// cost of windows that reach the end); path error = mean over all samples. Of a block whose
/// samples are given one after the other, in the order of time.
template <class Robot, class Real>
class Tally {
 public:
  using S = scalar_t<Real>;
  using Objective = typename Robot::Objective;
  using Settings = typename Objective::template Settings<S>;
  static constexpr int nx = Objective::nx;
  static constexpr int nu = Objective::nu;

  /// No window reaches beyond segment `end`.
  PHI_HD Tally(const ScoreView<S>& view, const Settings& settings, Real end)
      : view_(view), settings_(settings), end_(end) {}

  PHI_HD void add(const Vec<Real, nx>& x, const Vec<Real, nu>& u, Real time,
                  const mask_t<Real>& counts) {
    segment_ = segment_ + zero_unless<Real>(counts, Objective::stage(x, u, time, settings_));
    if constexpr (Objective::has_path) {
      path_ = path_ + zero_unless<Real>(counts, Objective::path_error(x, settings_));
      samples_ = samples_ + zero_unless<Real>(counts, Real(1));
    }
  }

  PHI_HD void end_segment(int j) {
    weigh(j, segment_);
    segment_ = Real(0);
  }

  /// The state behind the last sample, of segment `last`.
  PHI_HD void end(const End<Real, nx>& at, int last, std::int64_t block) {
    weigh(last, Objective::terminal(at.x, at.time, settings_));
    store_row(view_.loss, 0, block, loss_);
    store_row(view_.path_error, 0, block, path_ / samples_);
  }

 private:
  PHI_HD void weigh(int segment, Real cost) {
    const WindowCount<Real> windows(view_.window, end_, segment);
    loss_ = loss_ + zero_unless<Real>(windows.containing > Real(0), windows.containing * cost);
  }

  const ScoreView<S>& view_;
  const Settings& settings_;
  Real end_;
  Real loss_ = Real(0), segment_ = Real(0), path_ = Real(0), samples_ = Real(0);
};

/// Of a batch that is there.
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
    Tally<Robot, Real> tally(a.score, settings, load_row<Real>(a.score.window.end, 0, block));
    for (int j = 0; j < b.segments; ++j) {
      const Real t = load_row<Real>(b.segment_time, j, block);
      for (int k = 0; k < b.steps_per_segment; ++k) {
        const auto at = read_sample<Real, nx, nu>(b, j, k, block);
        tally.add(at.x, at.u, t + at.since, at.counts);
      }
      tally.end_segment(j);
    }
    tally.end(read_end<Real, nx>(b, block), b.segments - 1, block);
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
