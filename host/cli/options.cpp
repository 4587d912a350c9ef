#include "host/cli/options.hpp"

#include <cmath>

#include "host/config/json_document.hpp"
#include "host/config/overrides.hpp"

namespace phigrad {
namespace {

Experiment with_overrides(nlohmann::ordered_json document, const std::string& place,
                          const ConfigOptions& options) {
  for (const std::string& assignment : options.set) apply_override(document, assignment);
  if (options.seed) document["seed"] = *options.seed;
  return read_experiment(document, place);
}

}  // namespace

void add_config_options(CLI::App& command, ConfigOptions& options, bool with_config) {
  if (with_config)
    command.add_option("CONFIG", options.config, "experiment, a JSON file")->required();
  command.add_option("--set", options.set, "set a key of the config: path.to.key=value")
      ->type_name("KEY=VALUE")
      ->take_all();
  command.add_option("--seed", options.seed, "seed of all random numbers");
  command.add_option("--backend", options.backend, "cpu, cuda, or auto (by work size)")
      ->check(CLI::IsMember({"cpu", "cuda", "auto"}))
      ->capture_default_str();
  command.add_flag("--json", options.json, "one JSON object on stdout, all else on stderr");
}

Experiment load_experiment(const ConfigOptions& options) {
  return with_overrides(read_json(options.config), options.config, options);
}

Experiment load_experiment(const std::string& text, const std::string& place,
                           const ConfigOptions& options) {
  return with_overrides(parse_json(text, place), place, options);
}

nlohmann::ordered_json json_number(double value) {
  if (!std::isfinite(value)) return nullptr;
  return value;
}

}  // namespace phigrad
