// Everything that an engine computes of a batch, as rows of numbers to compare bit for bit.
#pragma once

#include <vector>

#include "tests/support/bits.hpp"
#include "tests/support/engine_case.hpp"

namespace phigrad::fingerprint {

inline constexpr int segments = 3;
inline constexpr int steps = 2;
inline const Windows windows{1, 1, {3}};
inline const Windows all_segments{0, 3, {3}};

struct Variant {
  Windows windows;
  GradientOptions options;
};
inline const std::vector<Variant> variants = {{windows, {Chain::segment, 0, false}},
                                              {all_segments, {Chain::window, 0, false}},
                                              {windows, {Chain::rollout, 0, false}},
                                              {all_segments, {Chain::rollout, 3, false}}};

/// Everything that can be read of each trajectory of a batch.
inline std::vector<std::vector<double>> fingerprints(Engine& engine,
                                                     const std::vector<Variant>& which) {
  const auto n = static_cast<std::size_t>(engine.shape().trajectories());
  std::vector<std::vector<double>> prints(n);
  for (std::size_t b = 0; b < n; ++b) {
    const Trajectory t = engine.trajectory(static_cast<std::int64_t>(b));
    append(prints[b], t.states);
    append(prints[b], t.inputs);
    append(prints[b], t.decisions);
    prints[b].push_back(t.status);
  }
  Scores scores;
  Gradient gradient;
  for (const Variant& v : which) {
    engine.score(v.windows, scores);
    engine.adjoint(v.windows, v.options, gradient);
    for (std::size_t b = 0; b < n; ++b) {
      append(prints[b], engine.decision_gradient(static_cast<std::int64_t>(b)));
      append(prints[b], {scores.loss[b], scores.path_error[b]});
      prints[b].push_back(gradient.status[b]);
    }
  }
  return prints;
}

inline std::vector<double> mean_and_variance(Engine& engine, const Variant& v) {
  GradientOptions options = v.options;
  options.variance = engine.shape().rollouts > 1;
  Gradient gradient;
  engine.gradient(v.windows, options, gradient);
  std::vector<double> all = gradient.mean;
  append(all, gradient.variance);
  return all;
}

}  // namespace phigrad::fingerprint
