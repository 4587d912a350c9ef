// What the costs of a run alone say: relapses, and the want of a trend.
#pragma once

#include "host/diagnosis/verdict.hpp"

namespace phigrad {

/// A relapse is a stretch of iterations whose cost exceeds the best before it, by a factor and by
/// the noise of the costs' logarithms; that from their second differences, which a trend does not
/// enter, and the median of those, which an outlier does not (Gasser, Sroka, Jennen-Steinmetz,
/// Biometrika 73, 1986).
std::vector<Verdict> judge_costs(const std::vector<IterationNumbers>& iterations);

}  // namespace phigrad
