#include "host/rollouts/logged_rollout.hpp"

#include <algorithm>
#include <cmath>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

void append(std::vector<double>& to, const Table& from, std::size_t column) {
  to.insert(to.end(), from.column(column), from.column(column) + from.rows);
}

}  // namespace

std::vector<LoggedRollout> read_recordings(const std::filesystem::path& file,
                                           const RobotSetup& setup) {
  if (std::filesystem::is_directory(file)) {
    throw Error(Exit::input, "run directories are not read here, only recordings", file.string(),
                "give a .bson, or build phigrad without PHIGRAD_AGENT_ONLY");
  }
  if (!setup.reads_recordings) {
    throw Error(Exit::input, "this robot has no recordings of the authors'", file.string(),
                "give a run directory, or a config of the robot that was recorded, car or go1");
  }
  const RecordedLog log = read_log(file);
  std::vector<LoggedRollout> rollouts;
  for (std::size_t i = 0; i < log.rollouts.size(); ++i) {
    rollouts.push_back(logged_rollout(log.rollouts[i], log.recorded_losses[i], file.string(),
                                      static_cast<int>(i)));
  }
  require_robot(rollouts, setup);
  return rollouts;
}

void require_robot(const std::vector<LoggedRollout>& rollouts, const RobotSetup& setup) {
  for (const LoggedRollout& r : rollouts) {
    if (r.nx == static_cast<int>(setup.states.size()) &&
        r.nu == static_cast<int>(setup.inputs.size())) {
      continue;
    }
    throw Error(Exit::input,
                "the log has " + std::to_string(r.nx) + " states and " + std::to_string(r.nu) +
                    " inputs, the config's robot " + std::to_string(setup.states.size()) + " and " +
                    std::to_string(setup.inputs.size()),
                r.place(), "use the config of the robot that was logged");
  }
}

LoggedRollout logged_rollout(const RecordedRollout& recorded, double recorded_loss,
                             const std::string& log, int index) {
  LoggedRollout r;
  r.log = log;
  r.index = index;
  r.nx = 4;
  r.nu = 2;
  r.nz = 10;
  for (std::size_t i = 0; i < recorded.samples(); ++i) {
    append(r.states, recorded.xs, i);
    append(r.inputs, recorded.us, i);
    append(r.setpoints, recorded.ctrl_setpoints, i);
    r.sample_time.push_back(recorded.task_t0 + recorded.ts[i]);
  }
  append(r.states, recorded.xs, recorded.samples() - 1);  // costs end with the last sample
  r.segment_begin = recorded.idx_segs;
  r.segment_time = recorded.t0_segs;
  // Tracked before the first decision: the measured pose, moving at no less than 1 cm/s.
  const double* first = recorded.x0_segs.column(0);
  const double speed = std::max(first[2], 0.01);
  r.decisions = {first[0], first[1], speed * std::cos(first[3]), speed * std::sin(first[3])};
  r.decisions.resize(static_cast<std::size_t>(r.nz), 0.0);
  for (std::size_t j = 0; j < recorded.segments(); ++j) {
    append(r.decided_at, recorded.x0_segs, j);
    append(r.decisions, recorded.setpoints, j);
    append(r.decisions, recorded.gain_adjs, j);
  }
  r.recorded_loss = recorded_loss;
  for (const SampleFault& fault : find_faults(recorded)) {
    (fault.warning ? r.notes : r.quarantined).push_back(fault.text);
  }
  return r;
}

}  // namespace phigrad
