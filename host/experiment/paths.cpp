#include "host/experiment/paths.hpp"

#include <array>
#include <cstdio>

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

FilmStrip film_strip(const RobotSetup& setup, double dt,
                     const std::vector<std::pair<std::string, std::vector<double>>>& motions) {
  constexpr std::size_t frames = 7;
  const std::size_t nx = setup.states.size();
  FilmStrip strip;
  strip.id = "film";
  strip.title = "Motion";
  strip.goals = setup.goals;
  for (const auto& [name, states] : motions) {
    FilmRow row{name, {}};
    const std::vector<std::size_t> shown = frame_indices(states.size() / nx, frames);
    strip.times.clear();
    for (const std::size_t i : shown) {
      row.frames.push_back(setup.joints(states.data() + i * nx));
      char time[32];
      std::snprintf(time, sizeof time, "%.3g s", static_cast<double>(i) * dt);
      strip.times.emplace_back(time);
    }
    strip.rows.push_back(std::move(row));
  }
  return strip;
}

}  // namespace phigrad
