// The car: plant, model, policy and objective of the paper's hardware experiment and its
// simulation.
#pragma once

#include "kernels/objective/figure_eight.hpp"
#include "kernels/policy/planar_frame.hpp"
#include "kernels/policy/policy.hpp"
#include "kernels/policy/spline_tracking.hpp"
#include "models/car/dynamics.hpp"
#include "models/car/tracking_law.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct Car {
  using Plant = CarDynamics;
  using Model = CarDynamics;
  using Policy = phigrad::Policy<NetworkHead<PlanarFrame<CarTrackingLaw::n_gains>, 64>,
                                 SplineTracking<CarTrackingLaw>>;
  using Objective = FigureEight;
};

}  // namespace PHI_ISA
}  // namespace phigrad
