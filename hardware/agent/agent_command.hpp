// `phigrad agent CONFIG --learner ENDPOINT` and `phigrad keygen`: the commands of a robot's
// computer.
#pragma once

#include "host/rollouts/logged_rollout.hpp"

namespace CLI {
class App;
}

namespace phigrad {

// Each adds its command to the app; the callback leaves the exit code in `exit_code`.

/// `read_log` reads what the driver "replay" plays.
void add_agent(CLI::App& app, int& exit_code, ReadRollouts read_log);
void add_keygen(CLI::App& app, int& exit_code);

}  // namespace phigrad
