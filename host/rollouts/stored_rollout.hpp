// Rollouts in a run's store, and the way back.
#pragma once

#include <map>
#include <string>

#include "host/rollouts/logged_rollout.hpp"
#include "host/store/records.hpp"

namespace phigrad {

/// All rollouts of a log: a run directory of any robot, or a file of the authors' (car and go1
/// alone). Throws Error(Exit::input) where it cannot be read or is of another robot.
std::vector<LoggedRollout> read_rollouts(const std::filesystem::path& log, const RobotSetup& setup);

/// The arrays under which a run keeps a rollout, and the way back; `log` and `index` name where
/// they lie. Throws Error(Exit::input) where arrays are missing or do not fit one another.
std::map<std::string, Array> arrays_of(const LoggedRollout& rollout);
LoggedRollout logged_rollout(const StoredRollout& stored, const std::string& log, int index);

}  // namespace phigrad
