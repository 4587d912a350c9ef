// The repository's own configs, as tests use them.
#pragma once

#include <string>
#include <vector>

#include "host/config/json_document.hpp"
#include "host/config/overrides.hpp"
#include "host/robots/registered.hpp"

namespace phigrad {

/// configs/NAME.json
inline std::string config_path(const std::string& name) {
  return std::string(PHIGRAD_SOURCE_DIR) + "/configs/" + name + ".json";
}

/// Its experiment, with assignments as --set takes them.
inline Experiment experiment_of(const std::string& name, const std::vector<std::string>& set = {}) {
  auto document = read_json(config_path(name));
  for (const std::string& assignment : set) apply_override(document, assignment);
  return read_experiment(document, config_path(name));
}

}  // namespace phigrad
