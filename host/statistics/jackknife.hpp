// Intervals of whatever is computed from a batch, by leaving out one group of its trajectories at a
// time (Tukey 1958; Efron and Stein 1981).
#pragma once

#include <functional>
#include <optional>

namespace phigrad {

/// A number and the ends of its interval; NaN ends where there is none.
struct Estimate {
  double value, low, high;
};

/// How the interval is laid: symmetric about the value, or about its logarithm (of what is
/// positive and spreads in proportion to itself: variances, norms).
enum class Scale { linear, logarithmic };

class Jackknife {
 public:
  /// `groups` of equal size, at least 2; `confidence` in (0, 1).
  Jackknife(int groups, double confidence) : groups_(groups), confidence_(confidence) {}

  /// `statistic` of all groups, or of all but the one named. Student's t with groups − 1 degrees
  /// of freedom.
  Estimate operator()(const std::function<double(std::optional<int> left_out)>& statistic,
                      Scale scale = Scale::linear) const;

 private:
  int groups_;
  double confidence_;
};

/// The t within which `confidence` of Student's distribution lies.
double student_t(double confidence, double degrees_of_freedom);

}  // namespace phigrad
