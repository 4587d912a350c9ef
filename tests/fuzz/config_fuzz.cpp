// Fuzzing of configs: JSON text, or, where it begins with the number of one of the repository's own
// configs, lines of path.to.key=value that change it as --set does.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "hardware/agent/agent_settings.hpp"
#include "host/config/fields.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/support/shipped_config.hpp"

namespace {

using namespace phigrad;
using nlohmann::ordered_json;

const std::vector<ordered_json>& own_configs() {
  static const std::vector<ordered_json> all = [] {
    std::vector<ordered_json> read;
    for (const char* name :
         {"car", "go1", "scalar", "double_pendulum", "double_pendulum_no_controller", "live_car",
          "jetracer", "dynamic_car", "rigid_body"}) {
      read.push_back(read_json(config_path(name)));
    }
    return read;
  }();
  return all;
}

ordered_json changed(std::size_t which, const std::string& lines) {
  ordered_json document = own_configs()[which];
  std::istringstream text(lines);
  for (std::string line; std::getline(text, line);) {
    refuses([&] { apply_override(document, line); });
  }
  return document;
}

/// What is read from it; the resolved copy is what a resumed run reads: it has to mean the same.
void read(const ordered_json& document) {
  const Experiment experiment = read_experiment(document, "fuzz");
  require(read_experiment(experiment.resolved, "resolved").resolved == experiment.resolved);
  if (!experiment.agent.is_null()) read_settings<AgentSettings>(experiment.agent, "fuzz: agent");
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer asks for this name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const std::size_t which = text.empty() ? 0 : static_cast<std::size_t>(text.front() - '0');
  refuses([&] {
    if (!text.empty() && text.front() >= '0' && which < own_configs().size()) {
      read(changed(which, text.substr(1)));
    } else {
      read(parse_json(text, "fuzz"));
    }
  });
  return 0;
}
