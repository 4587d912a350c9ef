// `phigrad info`: what is built in, what this machine offers, what training a config would take.
#include <cstdio>
#include <iostream>
#include <map>
#include <set>

#include "host/cli/command_line.hpp"
#include "host/cli/options.hpp"
#include "host/cli/plan_output.hpp"
#include "host/engine/device.hpp"
#include "host/engine/kernel_registry.hpp"
#include "host/support/build_info.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& w : words) text += (text.empty() ? "" : " ") + w;
  return text;
}

int run_info(bool json) {
  const BuildInfo& build = build_info();
  std::set<std::string> built;
  std::map<std::string, std::set<std::string>> bundles;
  for (const KernelEntry& e : kernel_entries()) {
    built.insert(e.flavour);
    bundles[e.kernels].insert(e.precision + "/" + e.flavour);
  }
  const std::vector<std::string> usable = usable_cpu_flavours();
  const std::string obstacle = cuda_obstacle();
  const std::string cpu = make_cpu_device(0)->description();
  if (json) {
    nlohmann::ordered_json j;
    j["version"] = build.version;
    j["commit"] = build.commit;
    j["compiler"] = build.compiler;
    j["cuda_toolkit"] = build.cuda;
    j["cpu"] = {{"threads", cpu}, {"flavours", usable}};
    j["cuda"] = {{"usable", obstacle.empty()},
                 {"detail", obstacle.empty() ? make_cuda_device()->description() : obstacle}};
    j["kernels"] = nlohmann::ordered_json::object();
    for (const auto& [name, kinds] : bundles) j["kernels"][name] = kinds;
    std::cout << j.dump() << '\n';
    return 0;
  }
  std::printf("phigrad      %s, commit %s\n", build.version, build.commit);
  std::printf("compiler     %s\nflags        %s\nCUDA toolkit %s\n", build.compiler, build.flags,
              build.cuda);
  std::printf("cpu          %s; this processor runs: %s\n", cpu.c_str(), joined(usable).c_str());
  std::printf("gpu          %s\n",
              obstacle.empty() ? make_cuda_device()->description().c_str() : obstacle.c_str());
  std::printf("kernels      %s\n", joined({built.begin(), built.end()}).c_str());
  for (const auto& [name, kinds] : bundles) {
    std::printf("  %-32s %s\n", name.c_str(), joined({kinds.begin(), kinds.end()}).c_str());
  }
  return 0;
}

struct InfoCommand {
  ConfigOptions config;  // whose CONFIG is that of --plan
  std::optional<int> seeds;
};

int run(const InfoCommand& o) {
  if (!o.config.config.empty()) {
    const Experiment experiment = load_experiment(o.config);
    const IterationPlan plan = plan_iteration(experiment, o.seeds.value_or(1), o.config.backend);
    if (o.config.json) {
      std::cout << plan_json(plan).dump() << '\n';
    } else {
      print_plan(plan, experiment);
    }
    return 0;
  }
  if (!o.config.set.empty() || o.config.seed || o.seeds || o.config.backend != "auto") {
    throw Error(Exit::usage, "options of a config without one", "command line",
                "add --plan CONFIG");
  }
  return run_info(o.config.json);
}

}  // namespace

void add_info(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("info", "what is built in and what this machine offers");
  auto options = std::make_shared<InfoCommand>();
  command
      ->add_option("--plan", options->config.config,
                   "instead: where an iteration of training CONFIG would run, its memory as a "
                   "formula and in bytes, and in what parts; nothing is run")
      ->type_name("CONFIG");
  add_config_options(*command, options->config, false);
  command->add_option("--seeds", options->seeds, "policies trained side by side (default: 1)")
      ->check(CLI::Range(1, most_seeds));
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace phigrad
