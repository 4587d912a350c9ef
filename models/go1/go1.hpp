// The quadruped: plant, model, policy and objective of the paper's second robot.
#pragma once

#include "kernels/objective/figure_eight.hpp"
#include "kernels/policy/planar_frame.hpp"
#include "kernels/policy/policy.hpp"
#include "kernels/policy/spline_tracking.hpp"
#include "models/go1/dynamics.hpp"
#include "models/go1/tracking_law.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct Go1 {
  using Plant = Go1Dynamics;
  using Model = Go1Dynamics;
  using Policy = phigrad::Policy<NetworkHead<PlanarFrame<Go1TrackingLaw::n_gains>, 64>,
                                 SplineTracking<Go1TrackingLaw>>;
  using Objective = FigureEight;
};

}  // namespace PHI_ISA
}  // namespace phigrad
