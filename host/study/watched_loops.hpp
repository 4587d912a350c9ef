// The closed loops of policies while they learn: how they grow, and what the diagnosis says to it.
#pragma once

#include <limits>
#include <vector>

#include "host/experiment/cohort.hpp"

namespace phigrad {

/// Growth a step of a closed loop (α̂, arXiv 2307.08168), and whether the diagnosis calls it
/// unstable (host/diagnosis/evidence.hpp).
struct WatchedLoop {
  double alpha = std::numeric_limits<double>::quiet_NaN();   // NaN: it has none
  double radius = std::numeric_limits<double>::quiet_NaN();  // spectral, where the rollouts end
  bool unstable = false;
};

struct WatchedLoops {
  std::vector<WatchedLoop> model, plant;  // [experiments]
};

/// Of each experiment's first policy, of theta [P, np], on rollouts of the plant as it is in that
/// iteration. A plant of another type than the model, and a model that is learned, have no loop
/// here.
WatchedLoops watch_loops(const Cohort& cohort, const std::vector<double>& theta, int iteration);

}  // namespace phigrad
