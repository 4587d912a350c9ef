// The tasks of the planar robots: config sections, and what they mean for an engine and for people.
#pragma once

#include <functional>
#include <vector>

#include "host/config/limits.hpp"

namespace phigrad {

struct FigureEightSettings {
  static constexpr const char* type = "figure_eight";
  double radius_m = 1.5;
  double lap_s = 5.5;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("radius_m", radius_m, v.optional, "radius of each circle, m", v.above(0));
    v.field("lap_s", lap_s, v.optional, "time of a lap, s", v.above(0));
  }
};

struct OvalSettings {
  static constexpr const char* type = "oval";
  double radius_m = 1.5;
  double straight_m = 2;
  double lap_s = 4;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("radius_m", radius_m, v.optional, "radius of the half circles, m", v.above(0));
    v.field("straight_m", straight_m, v.optional, "length of each straight, m", v.at_least(0));
    v.field("lap_s", lap_s, v.optional, "time of a lap, s", v.above(0));
  }
};

/// Weights of either task's errors.
struct PathWeights {
  double radial = 1;
  double speed = 1.0 / 30;
  double heading = 1.0 / 3;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("radial", radial, v.optional, "weight of the distance to the path, 1/m^2",
            v.at_least(0));
    v.field("speed", speed, v.optional, "weight of the speed error, s^2/m^2", v.at_least(0));
    v.field("heading", heading, v.optional, "weight of the heading error, 1/rad^2", v.at_least(0));
  }
};

struct PlanarTask {
  std::vector<double> pack;  // of the objective, and of the policy's frame
  double lap_s;
  std::function<std::vector<double>(double t)> state_at;  // x, y, v, heading at time t, s
  std::function<double(const double* state)> path_error;  // m
};

PlanarTask planar_task(const FigureEightSettings& task, const PathWeights& weights);
PlanarTask planar_task(const OvalSettings& task, const PathWeights& weights);

}  // namespace phigrad
