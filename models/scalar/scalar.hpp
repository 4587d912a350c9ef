// The scalar system under the four kinds of policy that have closed forms.
#pragma once

#include "kernels/objective/quadratic.hpp"
#include "kernels/policy/policy.hpp"
#include "models/scalar/dynamics.hpp"

namespace phigrad {
inline namespace PHI_ISA {

template <class PolicyType>
struct Scalar {
  using Plant = ScalarDynamics;
  using Model = ScalarDynamics;
  using Policy = PolicyType;
  using Objective = Quadratic<1, 1>;
};

/// u = u_ff + k (θ − x)
using ScalarSetpoint = Scalar<Policy<ConstantHead<1, 1>, SetpointFeedback<1, 1>>>;
/// u = u_ff + k_t (θ_j − x) with one θ_j a segment
using ScalarTrajectory = Scalar<Policy<SegmentHead<1, 1>, SetpointFeedback<1, 1>>>;
/// u = θ_j
using ScalarOpenLoop = Scalar<Policy<SegmentHead<1, 1>, FeedForward<1, 1>>>;
/// u = −θ x
using ScalarLinear = Scalar<Policy<ConstantHead<1, 1>, LinearFeedback<1, 1>>>;

}  // namespace PHI_ISA
}  // namespace phigrad
