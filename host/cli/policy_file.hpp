// Policies from outside, as --policy names them.
#pragma once

#include <string>
#include <vector>

#include "host/records/recordings.hpp"

namespace phigrad {

/// Parameters of a policy: a run directory (the policy of its first seed) or the authors' .bson.
/// Throws Error(Exit::input).
std::vector<double> load_policy(const std::string& path);

/// The network's parameters in the order of theta: layer by layer, weights by rows, then the bias.
std::vector<double> parameters_of(const DenseNetwork& network);

}  // namespace phigrad
