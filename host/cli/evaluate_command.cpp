// `phigrad evaluate CONFIG`.
#include <cstdio>
#include <fstream>
#include <iostream>

#include "host/cli/command_line.hpp"
#include "host/cli/options.hpp"
#include "host/cli/policy_file.hpp"
#include "host/experiment/cohort.hpp"
#include "host/experiment/evaluation.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

struct EvaluateOptions {
  ConfigOptions config;
  std::string policy;
  bool no_policy = false;
  std::string precision = "double";
  std::string states;
};

/// Time, states and inputs as CSV with a header; 17 digits, so that doubles read back exactly.
void write_states(const std::string& path, const Experiment& e, const Trajectory& t) {
  std::ofstream out(path);
  out.precision(17);
  out << "t_s";
  for (const std::string& name : e.setup.states) out << ',' << name;
  for (const std::string& name : e.setup.inputs) out << ',' << name;
  out << '\n';
  const std::size_t nx = e.setup.states.size();
  const std::size_t nu = e.setup.inputs.size();
  for (std::size_t step = 0; (step + 1) * nx <= t.states.size(); ++step) {
    out << e.common.evaluation.start_time_s + static_cast<double>(step) * e.common.rollout.dt_s;
    for (std::size_t i = 0; i < nx; ++i) out << ',' << t.states[step * nx + i];
    for (std::size_t i = 0; i < nu; ++i) {
      out << ',';
      if ((step + 1) * nu <= t.inputs.size()) out << t.inputs[step * nu + i];
    }
    out << '\n';
  }
  out.close();
  if (!out) throw Error(Exit::input, "cannot write the states", path, "choose a writable place");
}

int run_evaluate(const EvaluateOptions& o) {
  if (o.no_policy != o.policy.empty()) {
    throw Error(Exit::usage, "which policy?", "command line",
                "give --policy FILE (a run directory or a .bson), or --no-policy");
  }
  const Experiment e = load_experiment(o.config);
  const std::vector<double> theta =
      o.no_policy ? initial_policies({{&e}, 1}, policy_parameters(e)) : load_policy(o.policy);
  const Evaluation result = evaluate(e, theta, 1, o.config.backend, o.precision);
  if (!o.states.empty()) write_states(o.states, e, result.first);
  if (o.config.json) {
    nlohmann::ordered_json j;
    j["cost"] = json_number(result.cost.front());
    j["path_error"] = json_number(result.path_error.front());
    j["steps"] = result.steps;
    std::cout << j.dump() << '\n';
  } else {
    std::printf("%d steps on %s\ncost       %.10g\n", result.steps, result.backend.c_str(),
                result.cost.front());
    if (e.setup.path_error) std::printf("path error %.4f m\n", result.path_error.front());
  }
  if (result.first.status >= 0) {
    throw Error(Exit::numeric,
                "the rollout leaves the numbers at step " + std::to_string(result.first.status),
                o.config.config, "lower rollout.dt_s, or use another policy");
  }
  return 0;
}

}  // namespace

void add_evaluate(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("evaluate", "roll a policy out without learning");
  auto options = std::make_shared<EvaluateOptions>();
  add_config_options(*command, options->config);
  command->add_option("--policy", options->policy,
                      "run directory (its first seed), or a network as .bson");
  command->add_flag("--no-policy", options->no_policy, "the nominal controller alone");
  command->add_option("--precision", options->precision, "float or double")->capture_default_str();
  command->add_option("--states", options->states, "write times, states and inputs there, as CSV");
  command->callback([options, &exit_code] { exit_code = run_evaluate(*options); });
}

}  // namespace phigrad
