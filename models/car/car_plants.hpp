// The cars that can be driven: config sections, and their packs.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "host/config/place.hpp"
#include "models/car/identified.hpp"
#include "models/car/single_track.hpp"

namespace phigrad {

/// A pack as numbers, in its order.
template <template <class> class Pack>
std::vector<double> numbers_of(const Pack<double>& pack) {
  std::vector<double> numbers(pack_size_v<Pack>);
  to_array(pack, numbers.data());
  return numbers;
}

struct CarParameters {
  CarDynamics::Params<double> p{1, 0, 1, 0};

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("accel_gain", p.accel_gain, v.optional, "m/s^2 a unit of throttle");
    v.field("drag_per_m", p.drag_per_m, v.optional, "deceleration a squared speed, 1/m");
    v.field("turn_gain_per_m", p.turn_gain_per_m, v.optional, "curvature a unit of steer, 1/m");
    v.field("turn_bias_per_m", p.turn_bias_per_m, v.optional, "curvature without steer, 1/m");
  }
};

/// As the authors simulate it.
struct UnicyclePlant : CarParameters {
  static constexpr const char* type = "unicycle";
  static constexpr const char* kernels = "";  // what a bundle's name ends with

  std::vector<double> pack() const { return numbers_of<CarDynamics::Params>(p); }
};

/// As least squares finds the JetRacer; a delay beside it is rollout.faults.command_delay_s.
struct IdentifiedPlant {
  static constexpr const char* type = "identified";
  static constexpr const char* kernels = "_identified";
  IdentifiedCar::Params<double> p{7.5, 2.3, 0.06, 3.42, 0.02};

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("accel_gain", p.accel_gain, v.optional, "m/s^2 a unit of throttle");
    v.field("resistance_m_per_s2", p.resistance, v.optional,
            "deceleration at any speed; it does not push the car backwards");
    v.field("drag_per_m", p.drag_per_m, v.optional, "deceleration a squared speed, 1/m");
    v.field("turn_gain_per_m", p.turn_gain_per_m, v.optional, "curvature a unit of steer, 1/m");
    v.field("turn_bias_per_m", p.turn_bias_per_m, v.optional, "curvature without steer, 1/m");
  }
  std::vector<double> pack() const { return numbers_of<IdentifiedCar::Params>(p); }
};

/// The F1TENTH car; numbers and sources in the README.
struct SingleTrackPlant {
  static constexpr const char* type = "single_track";
  static constexpr const char* kernels = "_single_track";
  SingleTrackCar::Params<double> p{
      {0.15875, 0.17145, 0.074, 0.04712 / 3.74, 1.0489, 4.718, 5.4562, 0.0238, 0.5, 9.81},
      7.5,
      0.5,
      0.1,
      1.13,
      0.4189,
      0.1};

  template <class Visitor>
  void describe(Visitor& v) {
    auto& body = p.body;
    v.field("front_length_m", body.front_length, v.optional, "centre of mass to the front axle, m",
            v.above(0));
    v.field("rear_length_m", body.rear_length, v.optional, "centre of mass to the rear axle, m",
            v.above(0));
    v.field("height_m", body.height, v.optional, "of the centre of mass, m", v.at_least(0));
    v.field("gyration_m2", body.gyration, v.optional, "yaw inertia over mass, m^2", v.above(0));
    v.field("friction", body.friction, v.optional, "of the tyres", v.above(0));
    v.field("front_stiffness_per_rad", body.front_stiffness, v.optional,
            "cornering stiffness over friction and load, 1/rad", v.above(0));
    v.field("rear_stiffness_per_rad", body.rear_stiffness, v.optional, "likewise", v.above(0));
    v.field("drag_per_m", body.drag_per_m, v.optional, "deceleration a squared speed, 1/m");
    v.field("slow_speed_m_per_s", body.slow_speed, v.optional,
            "below which tyres act like dampers, m/s", v.above(0));
    v.field("drive_gain_m_per_s2", p.drive_gain, v.optional, "drive a unit of throttle, at rest");
    v.field("motor_damping_per_s", p.motor_damping, v.optional,
            "drive that the motor loses a unit of speed, 1/s", v.at_least(0));
    v.field("drive_lag_s", p.drive_lag, v.optional, "time constant of the drive, s", v.above(0));
    v.field("steer_gain_rad", p.steer_gain, v.optional, "front wheel's angle a unit of steer, rad");
    v.field("steer_limit_rad", p.steer_limit, v.optional,
            "angle that the front wheel turns at most, rad", v.above(0));
    v.field("steer_lag_s", p.steer_lag, v.optional, "time constant of the servo, s", v.above(0));
  }
  std::vector<double> pack() const { return numbers_of<SingleTrackCar::Params>(p); }
};

using CarPlant = std::variant<UnicyclePlant, IdentifiedPlant, SingleTrackPlant>;

}  // namespace phigrad
