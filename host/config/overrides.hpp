// `--set path.to.key=value`
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace phigrad {

/// Sets one value of `document`. The value is JSON where it parses as JSON, otherwise a string:
/// `rollout.dt_s=0.01`, `task.type=circle`, `rollout.start.half_width.0=0.1`. Sections that are not
/// there are made; a number in the path indexes an array, which must be there. Whether the key
/// exists is for read_settings to tell. Throws Error(Exit::usage).
void apply_override(nlohmann::ordered_json& document, const std::string& assignment);

}  // namespace phigrad
