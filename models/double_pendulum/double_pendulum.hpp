// The double pendulum under each of its policies: the paper's two arms, and three without a
// network.
#pragma once

#include "kernels/entry/variants.hpp"
#include "kernels/objective/quadratic.hpp"
#include "kernels/policy/policy.hpp"
#include "models/double_pendulum/corrected_feedback.hpp"
#include "models/double_pendulum/dynamics.hpp"
#include "models/double_pendulum/end_effector.hpp"
#include "models/double_pendulum/frames.hpp"
#include "models/double_pendulum/learned_frame.hpp"

namespace phigrad {
inline namespace PHI_ISA {

template <class PolicyType, class ObjectiveType>
struct DoublePendulum {
  using Plant = DoublePendulumDynamics;
  using Model = DoublePendulumDynamics;
  using Policy = PolicyType;
  using Objective = ObjectiveType;
};

/// The paper's arm with the tracking controller: u = −(K + ΔK)(x − setpoint)
using DoublePendulumSetpointNetwork =
    DoublePendulum<Policy<NetworkHead<PendulumSetpointFrame, 64>, CorrectedFeedback>, EndEffector>;
/// The paper's arm without: u = G + Δ
using DoublePendulumFeedForwardNetwork =
    DoublePendulum<Policy<NetworkHead<PendulumTorqueFrame, 64>, FeedForward<4, 2>>, EndEffector>;
/// Both with a model that is learned as well
using DoublePendulumLearned = WithModel<DoublePendulumSetpointNetwork, LearnedPendulum>;
using DoublePendulumFeedForwardLearned =
    WithModel<DoublePendulumFeedForwardNetwork, LearnedPendulum>;
/// u = u_ff + K_t (θ_j − x) with one θ_j a segment
using DoublePendulumTrajectory =
    DoublePendulum<Policy<SegmentHead<4, 4>, SetpointFeedback<4, 2>>, Quadratic<4, 2>>;
/// u = θ_j
using DoublePendulumOpenLoop =
    DoublePendulum<Policy<SegmentHead<4, 2>, FeedForward<4, 2>>, Quadratic<4, 2>>;
/// u = −θ x
using DoublePendulumLinear =
    DoublePendulum<Policy<ConstantHead<4, 8>, LinearFeedback<4, 2>>, Quadratic<4, 2>>;

}  // namespace PHI_ISA
}  // namespace phigrad
