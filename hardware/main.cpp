#include "hardware/agent/agent_command.hpp"
#include "hardware/learner/learn_command.hpp"
#include "host/cli/command_line.hpp"

int main(int argc, char** argv) {
  return phigrad::run_command_line(argc, argv,
                                   {phigrad::add_learn, phigrad::add_agent, phigrad::add_keygen});
}
