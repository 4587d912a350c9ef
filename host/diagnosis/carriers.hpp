// Which part of the gradient's double sum over costs and decisions carries it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/robots/registered.hpp"
#include "host/rollouts/logged_rollout.hpp"

namespace phigrad {

/// Of the gradient along one rollout before it is pulled back through the policy: dJ/dz, z the
/// decisions, as the config's chain and truncation have it; each component in the units of the
/// network's output that it is scaled from, where there is a network.
struct Carriers {
  /// The block of costs (t) and of decisions (s) with the largest norm; segments, first to last.
  int cost_first, cost_last, decision_first, decision_last;
  double block_share;  // of the sum of all blocks' squared norms
  std::string channel;
  double channel_share;  // of the gradient's squared norm
  std::string state;     // that the block's costs feel the decisions through
  double state_share;    // of the squared norms of the states' parts of that block
};

/// Nothing where the rollout is too short for the windows, or its gradient is zero or not finite.
std::optional<Carriers> carriers_of(const Experiment& experiment, const LoggedRollout& rollout);

}  // namespace phigrad
