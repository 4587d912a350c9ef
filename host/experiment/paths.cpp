#include "host/experiment/paths.hpp"

#include <array>

namespace phigrad {

Path path_of(const RobotSetup& setup, const std::string& name, const std::vector<double>& states) {
  Path path;
  path.name = name;
  const std::size_t nx = setup.states.size();
  for (std::size_t at = 0; at + nx <= states.size(); at += nx) {
    const std::array<double, 2> p = setup.position(states.data() + at);
    path.x.push_back(p[0]);
    path.y.push_back(p[1]);
  }
  return path;
}

Path task_path(const RobotSetup& setup) {
  constexpr int points = 400;
  Path path;
  path.name = setup.on_task ? "task" : "goal";
  if (setup.on_task) {
    for (int i = 0; i <= points; ++i) {
      const std::vector<double> s = setup.on_task(setup.lap_s * i / points);
      path.x.push_back(s[0]);
      path.y.push_back(s[1]);
    }
  }
  for (const std::array<double, 2>& goal : setup.goals) {
    path.x.push_back(goal[0]);
    path.y.push_back(goal[1]);
  }
  return path;
}

}  // namespace phigrad
