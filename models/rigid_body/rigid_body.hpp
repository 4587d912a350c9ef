// The rigid body on four feet under a dense linear feedback whose 144 gains are learned.
#pragma once

#include "kernels/objective/quadratic.hpp"
#include "kernels/policy/policy.hpp"
#include "models/rigid_body/dynamics.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// u = u_ff − θ (x − x_ref)
struct RigidBody {
  using Plant = RigidBodyDynamics;
  using Model = RigidBodyDynamics;
  using Policy = phigrad::Policy<ConstantHead<12, 144>, ReferenceFeedback<12, 12>>;
  using Objective = Quadratic<12, 12>;
};

}  // namespace PHI_ISA
}  // namespace phigrad
