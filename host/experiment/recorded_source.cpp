#include "host/experiment/recorded_source.hpp"

#include "host/rollouts/stored_rollout.hpp"

namespace phigrad {

RecordedSource::RecordedSource(const Experiment& experiment, int policies)
    : experiment_(experiment), policies_(policies) {
  for (const std::string& log : experiment.common.rollout.logs) {
    for (LoggedRollout& r : read_rollouts(log, experiment.setup)) {
      rollouts_.push_back(std::move(r));
    }
  }
  size_ = grid_size(rollouts_, experiment.setup.steps_per_segment);
  windows_ = windows_over(rollouts_, experiment);
}

BatchShape RecordedSource::shape() const {
  BatchShape shape;
  shape.policies = policies_;
  shape.rollouts = experiment_.common.rollout.per_update;
  shape.segments = size_.segments;
  shape.steps_per_segment = size_.steps_per_segment;
  shape.dt = experiment_.common.rollout.dt_s;
  shape.ragged = true;
  return shape;
}

std::size_t RecordedSource::source_of(int iteration, std::int64_t b) const {
  const std::int64_t per_update = experiment_.common.rollout.per_update;
  return static_cast<std::size_t>(iteration * per_update + b % per_update) % rollouts_.size();
}

std::optional<Windows> RecordedSource::next(int iteration, const std::vector<double>& /*theta*/,
                                            Engine& engine) {
  iteration_ = iteration;
  Windows windows = windows_;
  windows.end.clear();
  std::vector<GridTrajectory> grids;
  for (std::int64_t b = 0; b < engine.shape().trajectories(); ++b) {
    const LoggedRollout& r = rollouts_[source_of(iteration, b)];
    grids.push_back(lay_on_grid(r, size_, engine.nz()).grid);
    windows.end.push_back(windows_.end[source_of(iteration, b)]);
  }
  engine.load(grids);
  return windows;
}

LoggedRollout RecordedSource::logged(const Engine& /*engine*/, std::int64_t b) const {
  return rollouts_[source_of(iteration_, b)];
}

}  // namespace phigrad
