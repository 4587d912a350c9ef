#include "hardware/agent/agent_command.hpp"
#include "hardware/learner/learn_command.hpp"
#include "host/cli/command_line.hpp"
#include "host/rollouts/stored_rollout.hpp"
#include "host/study/ranks.hpp"

int main(int argc, char** argv) {
  using namespace phigrad;
  const AddCommand add_agent_that_reads_runs = [](CLI::App& app, int& exit_code) {
    add_agent(app, exit_code, &read_rollouts);
  };
  const AddCommand add_study_alone = [](CLI::App& app, int& exit_code) {
    add_study(app, exit_code, &one_rank);
  };
  const AddCommand add_bench_without_count = [](CLI::App& app, int& exit_code) {
    add_bench(app, exit_code, nullptr);
  };
  return run_command_line(argc, argv,
                          {add_train, add_evaluate, add_replay, add_identify, add_diagnose,
                           add_study_alone, add_bench_without_count, add_report, add_robots,
                           add_info, add_learn, add_agent_that_reads_runs, add_keygen});
}
