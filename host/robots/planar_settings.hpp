// Config sections that the planar robots share: the two-rate policies.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "host/config/place.hpp"
#include "host/experiment/settings.hpp"
#include "host/robots/planar_task.hpp"
#include "host/robots/robot_setup.hpp"
#include "kernels/policy/spline.hpp"

namespace phigrad {

/// When the authors' simulation and their robots evaluate the spline differ by one tick.
enum class SplineTiming { simulated, recorded };

/// What the planar robots' policies share: a spline from one corrected setpoint to the next.
struct SplineSettings {
  double segment_s = 0.1375;
  int steps_per_segment = 7;
  SplineTiming timing = SplineTiming::simulated;
  std::vector<double> scales;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("segment_s", segment_s, v.optional,
            "time the spline is laid out for, s (model_dt of the paper)", v.above(0));
    v.field("steps_per_segment", steps_per_segment, v.optional,
            "steps between decisions in simulation", v.between(1, 1000000));
    v.choice("timing", timing,
             {{"simulated", SplineTiming::simulated}, {"recorded", SplineTiming::recorded}},
             v.optional,
             "spline over [0, segment_s - dt] tracked a step ahead (simulated), or over "
             "[0, segment_s] tracked at the sample's time (recorded on the robots)");
    v.field("scales", scales, v.required,
            "of the corrections: setpoint x, y, vx, vy, then one a gain", v.size(10));
  }
};

/// A network decides the corrections of each segment, each within ± its scale.
struct SplineNetworkSettings : SplineSettings {
  static constexpr const char* type = "spline_network";
  std::vector<int> hidden = {64, 64};

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("hidden", hidden, v.optional, "units of the two hidden layers", v.size(2));
    SplineSettings::describe(v);
  }

  void check(const Place& at) const {
    if (hidden != std::vector<int>{64, 64}) {
      at.key("hidden").fail("this build's network has hidden layers of 64 and 64 units",
                            "write [64, 64], or build a robot with another NetworkHead");
    }
  }
};

/// θ is the corrections over their scales, the same in every segment.
struct CorrectionsSettings : SplineSettings {
  static constexpr const char* type = "corrections";
};

/// A table over the lap holds the setpoint's corrections, over their scales.
struct LapTableSettings : SplineSettings {
  static constexpr const char* type = "lap_table";
};

/// Fills in what the task and the policy mean for the engine. `gains` are the nominal gains and
/// `limits` the law's settings, both in the order of the law. Throws Error(Exit::input) at `config`
/// where the spline has no length.
void set_planar(RobotSetup& setup, const PlanarTask& task, const SplineSettings& policy, double dt,
                const std::vector<double>& gains, const std::vector<double>& limits,
                const Place& config);

/// The parameters that learning starts from: a network whose last layer is zero, or zeros.
void start_planar(RobotSetup& setup, const SplineNetworkSettings& policy);
void start_planar(RobotSetup& setup, const CorrectionsSettings& policy);
void start_planar(RobotSetup& setup, const LapTableSettings& policy);

/// Names of the decision: the setpoint, then the gains.
std::vector<std::string> planar_decisions(const std::vector<std::string>& gains);

/// Initial network: hidden layers Glorot-uniform, output layer zero, biases zero.
std::vector<double> initial_network(RandomStream& stream, const std::vector<int>& layers);

}  // namespace phigrad
