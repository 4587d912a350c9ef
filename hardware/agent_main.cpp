// main() where the agent is built alone, for a computer that only drives.
#include "hardware/agent/agent_command.hpp"
#include "host/cli/command_line.hpp"
#include "host/rollouts/logged_rollout.hpp"

int main(int argc, char** argv) {
  using namespace phigrad;
  const AddCommand add_agent_that_reads_recordings = [](CLI::App& app, int& exit_code) {
    add_agent(app, exit_code, &read_recordings);
  };
  return run_command_line(argc, argv, {add_robots, add_agent_that_reads_recordings, add_keygen});
}
