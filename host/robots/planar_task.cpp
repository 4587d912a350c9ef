#include "host/robots/planar_task.hpp"

#include <cmath>

#include "kernels/objective/figure_eight.hpp"
#include "kernels/objective/oval.hpp"

namespace phigrad {
namespace {

template <class Task>
PlanarTask made(const typename Task::template Settings<double>& settings) {
  PlanarTask t;
  t.pack.resize(pack_size_v<Task::template Settings>);
  to_array(settings, t.pack.data());
  t.lap_s = settings.lap;
  t.state_at = [settings](double time) {
    const TaskPoint<double> p = Task::at(time, settings);
    return std::vector<double>{p.x, p.y, std::hypot(p.vx, p.vy), std::atan2(p.vy, p.vx)};
  };
  t.path_error = [settings](const double* s) {
    return Task::path_error(Vec<double, 4>{{s[0], s[1], s[2], s[3]}}, settings);
  };
  return t;
}

}  // namespace

PlanarTask planar_task(const FigureEightSettings& task, const PathWeights& w) {
  return made<FigureEight>({task.radius_m, task.lap_s, w.radial, w.speed, w.heading});
}

PlanarTask planar_task(const OvalSettings& task, const PathWeights& w) {
  return made<Oval>({task.radius_m, task.straight_m, task.lap_s, w.radial, w.speed, w.heading});
}

}  // namespace phigrad
