// The change of a config that a run with a growing loop is helped by.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/diagnosis/evidence.hpp"

namespace phigrad {

struct Remedy {
  std::vector<std::string> set;  // assignments as --set takes them
  std::string why;               // one line
};

/// Of the trials that calm both loops the one that changes least: the model's integrator, then the
/// gains, then the time step. Without one, a truncation before the growth is too large. Nothing
/// where no loop grows, or where one step is too much.
std::optional<Remedy> remedy_of(const Evidence& evidence);

/// Steps within which a loop that grows by `alpha` a step stays below thresholds::growth.
int steps_of_growth(double alpha);

}  // namespace phigrad
