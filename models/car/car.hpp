// The car: plant, model, policy and objective of the paper's hardware experiment and its
// simulation, and the same without a network.
#pragma once

#include "kernels/objective/figure_eight.hpp"
#include "kernels/policy/planar_frame.hpp"
#include "kernels/policy/policy.hpp"
#include "kernels/policy/spline_tracking.hpp"
#include "models/car/dynamics.hpp"
#include "models/car/tracking_law.hpp"

namespace phigrad {
inline namespace PHI_ISA {

template <class Head>
struct TrackingCar {
  using Plant = CarDynamics;
  using Model = CarDynamics;
  using Policy = phigrad::Policy<Head, SplineTracking<CarTrackingLaw>>;
  using Objective = FigureEight;
};

/// As the paper has it: a network corrects setpoint and gains.
struct Car : TrackingCar<NetworkHead<PlanarFrame<CarTrackingLaw::n_gains>, 64>> {};
/// Ten numbers correct them, the same all along.
struct CarCorrections : TrackingCar<ConstantCorrectionHead<PlanarFrame<CarTrackingLaw::n_gains>>> {
};

}  // namespace PHI_ISA
}  // namespace phigrad
