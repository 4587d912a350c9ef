// What a study keeps of its trajectories: sums and maxima that come out the same to the last bit
// whatever the parts they were collected in, and on whichever machine.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "host/engine/engine.hpp"

namespace phigrad {

/// ‖Φ(t + L, t)‖₂ over all t, by lag L = 1, 2, …, of one loop.
struct GrowthSums {
  std::vector<ExactSum> mean;   // [lags], Σ over trajectories of the mean over t
  std::vector<double> log_max;  // [lags], over trajectories and t
  std::int64_t trajectories = 0;

  void add(const GrowthCurve& curve);
  void merge(const GrowthSums& other);
};

/// How many pairs of a lag have ‖Φ‖₂ in which bin (kernels/gradient/growth_bins.hpp).
struct GrowthHistogram {
  std::vector<std::map<std::int32_t, std::int64_t>> count;  // [lags]

  /// `counts` [lags, growth_bins], as the engine gives them.
  void add(const std::uint32_t* counts, std::size_t lags);
  void merge(const GrowthHistogram& other);
};

/// Sums over the trajectories of one launch: C cells of G groups, policy p = cell · G + group.
struct StudySums {
  std::int64_t trajectories = 0;           // of each group so far
  GradientSums model, plant, ratio;        // of our gradient, the plant's own, REINFORCE's
  std::vector<GradientSum> cost;           // [C·G]
  std::vector<std::int64_t> costs;         // [C·G], finite ones
  std::vector<GrowthSums> growth[2];       // [C·G] of the model's loop, of the plant's
  std::vector<GrowthHistogram> spread[2];  // [C]
  std::vector<std::array<double, n_suprema>> suprema;  // [C]

  /// Adds what other trajectories of the same launch gave.
  void merge(const StudySums& other);

  /// As bytes, for a checkpoint or another machine of the same kind, and back. Throws
  /// Error(Exit::input) for bytes that are not such a thing.
  std::string bytes() const;
  static StudySums from_bytes(const std::string& bytes);
};

}  // namespace phigrad
