// Trajectories as lines in the plane, for pictures.
#pragma once

#include <string>
#include <vector>

#include "host/report/report.hpp"
#include "host/robots/robot_setup.hpp"

namespace phigrad {

/// What moves in the plane, of states [steps, nx]; setup.position must be there.
Path path_of(const RobotSetup& setup, const std::string& name, const std::vector<double>& states);

/// A lap of the task, or its goals.
Path task_path(const RobotSetup& setup);

}  // namespace phigrad
