// Everything that an engine computes of a batch, as rows of numbers to compare bit for bit.
#pragma once

#include <numeric>
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

/// Everything that can be read of some trajectories of a batch.
inline std::vector<std::vector<double>> fingerprints(Engine& engine,
                                                     const std::vector<Variant>& which,
                                                     const std::vector<std::size_t>& of) {
  std::vector<std::vector<double>> prints(of.size());
  for (std::size_t i = 0; i < of.size(); ++i) {
    const Trajectory t = engine.trajectory(static_cast<std::int64_t>(of[i]));
    append(prints[i], t.states);
    append(prints[i], t.inputs);
    append(prints[i], t.decisions);
    prints[i].push_back(t.status);
  }
  Scores scores;
  Gradient gradient;
  for (const Variant& v : which) {
    engine.score(v.windows, scores);
    engine.adjoint(v.windows, v.options, gradient);
    for (std::size_t i = 0; i < of.size(); ++i) {
      append(prints[i], engine.decision_gradient(static_cast<std::int64_t>(of[i])));
      append(prints[i], {scores.loss[of[i]], scores.path_error[of[i]]});
      prints[i].push_back(gradient.status[of[i]]);
    }
  }
  return prints;
}

/// The same of all trajectories.
inline std::vector<std::vector<double>> fingerprints(Engine& engine,
                                                     const std::vector<Variant>& which) {
  std::vector<std::size_t> all(static_cast<std::size_t>(engine.shape().trajectories()));
  std::iota(all.begin(), all.end(), 0U);
  return fingerprints(engine, which, all);
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
