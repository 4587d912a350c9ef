// The car: plant, model, policy and objective of the paper's hardware experiment and its
// simulation; the same without a network, on other plants, with another model, on another task.
#pragma once

#include "kernels/entry/variants.hpp"
#include "kernels/objective/oval.hpp"
#include "kernels/policy/lap_table.hpp"
#include "kernels/policy/planar_frame.hpp"
#include "kernels/policy/policy.hpp"
#include "kernels/policy/spline_tracking.hpp"
#include "models/car/dynamics.hpp"
#include "models/car/identified.hpp"
#include "models/car/learned_frame.hpp"
#include "models/car/single_track.hpp"
#include "models/car/tracking_law.hpp"

namespace phigrad {
inline namespace PHI_ISA {

template <class Head, class Task = FigureEight>
struct TrackingCar {
  using Plant = CarDynamics;
  using Model = CarDynamics;
  using Policy = phigrad::Policy<Head, SplineTracking<CarTrackingLaw>>;
  using Objective = Task;
};
template <class Task = FigureEight>
using CarFrame = PlanarFrame<CarTrackingLaw::n_gains, Task>;

/// As the paper has it: a network corrects setpoint and gains.
struct Car : TrackingCar<NetworkHead<CarFrame<>, 64>> {};
/// Ten numbers correct them, the same all along.
struct CarCorrections : TrackingCar<ConstantCorrectionHead<CarFrame<>>> {};
/// A table over the lap corrects the setpoint.
struct CarLapTable : TrackingCar<LapTableHead<CarFrame<>, 40, 4>> {};
/// The network, on another task.
struct CarOnOval : TrackingCar<NetworkHead<CarFrame<Oval>, 64>, Oval> {};

// The same on other plants, and with another model.
struct CarOnSingleTrack : OnPlant<Car, SingleTrackCar> {};
struct CarCorrectionsOnSingleTrack : OnPlant<CarCorrections, SingleTrackCar> {};
struct CarLapTableOnSingleTrack : OnPlant<CarLapTable, SingleTrackCar> {};
struct CarOnIdentified : OnPlant<Car, IdentifiedCar> {};
struct CarCorrectionsOnIdentified : OnPlant<CarCorrections, IdentifiedCar> {};
struct CarLapTableOnIdentified : OnPlant<CarLapTable, IdentifiedCar> {};
struct CarWithLearned : WithModel<Car, LearnedCar> {};

}  // namespace PHI_ISA
}  // namespace phigrad
