// `phigrad robots`: the robots that are built in.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <memory>

#include "host/cli/command_line.hpp"
#include "host/robots/registered.hpp"

namespace phigrad {
namespace {

int run_robots(bool json, bool schema) {
  if (schema) {
    std::cout << experiment_schema().dump(2) << '\n';
    return 0;
  }
  if (json) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const RobotType* r : robots()) {
      all.push_back({{"name", r->name()}, {"summary", r->summary()}});
    }
    std::cout << nlohmann::ordered_json{{"robots", all}}.dump() << '\n';
    return 0;
  }
  for (const RobotType* r : robots()) {
    std::printf("%-18s %s\n", r->name().c_str(), r->summary().c_str());
  }
  return 0;
}

}  // namespace

void add_robots(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("robots", "the robots that configs can name");
  auto json = std::make_shared<bool>(false);
  auto schema = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "one JSON object on stdout");
  command->add_flag("--schema", *schema, "the JSON schema of their configs, on stdout");
  command->callback([json, schema, &exit_code] { exit_code = run_robots(*json, *schema); });
}

}  // namespace phigrad
