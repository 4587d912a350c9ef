// Options that every command with a CONFIG takes, and how a config is read with them.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/robots/registered.hpp"

namespace phigrad {

/// Policies that are trained side by side at most.
inline constexpr int most_seeds = 1000000;

struct ConfigOptions {
  std::string config;            // path
  std::vector<std::string> set;  // key=value
  std::string backend = "auto";  // cpu, cuda, auto
  std::optional<std::uint64_t> seed;
  bool json = false;
};

/// Adds --set, --seed, --backend and --json; CONFIG where `with_config`.
void add_config_options(CLI::App& command, ConfigOptions& options, bool with_config = true);

/// The experiment of a config file, with --set and --seed applied.
Experiment load_experiment(const ConfigOptions& options);

/// The same for a config already in memory (a run's).
Experiment load_experiment(const std::string& text, const std::string& place,
                           const ConfigOptions& options);

/// The number as JSON: null where it is not finite.
nlohmann::ordered_json json_number(double value);

}  // namespace phigrad
