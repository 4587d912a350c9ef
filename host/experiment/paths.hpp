// Trajectories as lines in the plane, for pictures.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "host/report/film_strip.hpp"
#include "host/report/report.hpp"
#include "host/robots/robot_setup.hpp"

namespace phigrad {

/// What moves in the plane, of states [steps, nx]; setup.position must be there.
Path path_of(const RobotSetup& setup, const std::string& name, const std::vector<double>& states);

/// A lap of the task, or its goals.
Path task_path(const RobotSetup& setup);

/// Motions of a mechanism, by name, as states [steps, nx] that are dt seconds apart; seven frames
/// of each. setup.joints must be there.
FilmStrip film_strip(const RobotSetup& setup, double dt,
                     const std::vector<std::pair<std::string, std::vector<double>>>& motions);

}  // namespace phigrad
