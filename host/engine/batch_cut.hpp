// A batch cut into parts that are worked on one after the other.
#pragma once

#include <algorithm>
#include <cstdint>

#include "host/engine/engine.hpp"

namespace phigrad {

/// Trajectories `first` … of the batch, those of a run of policies or of rollouts of one.
struct BatchPart {
  BatchShape shape;
  std::int64_t first = 0;  // trajectory
  int first_policy = 0;
};

/// Parts of whole policies, or, where one policy's rollouts are too many, of its rollouts. The last
/// part, of the policies or of each policy, may be smaller.
struct BatchCut {
  BatchShape whole;
  int policies = 1, rollouts = 1;  // of a part

  bool by_rollouts() const { return rollouts < whole.rollouts; }
  std::int64_t parts() const { return std::int64_t{per(whole.policies, policies)} * of_policy(); }

  BatchPart part(std::int64_t i) const {
    BatchPart p{whole, 0, static_cast<int>(i / of_policy()) * policies};
    const int first_rollout = static_cast<int>(i % of_policy()) * rollouts;
    p.shape.policies = std::min(policies, whole.policies - p.first_policy);
    p.shape.rollouts = std::min(rollouts, whole.rollouts - first_rollout);
    p.first = std::int64_t{p.first_policy} * whole.rollouts + first_rollout;
    return p;
  }
  BatchPart last() const { return part(parts() - 1); }
  /// Whether the last part is of another shape than the first.
  bool ragged() const { return last().shape.trajectories() != part(0).shape.trajectories(); }

  std::int64_t part_of(std::int64_t trajectory) const {
    const std::int64_t p = trajectory / whole.rollouts, r = trajectory % whole.rollouts;
    return p / policies * of_policy() + r / rollouts;
  }

 private:
  static int per(int all, int each) { return all / each + (all % each != 0 ? 1 : 0); }
  int of_policy() const { return per(whole.rollouts, rollouts); }
};

}  // namespace phigrad
