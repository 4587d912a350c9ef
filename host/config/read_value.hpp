// One JSON value -> one settings member.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "host/config/field_ref.hpp"
#include "host/config/limits.hpp"
#include "host/config/place.hpp"

namespace phigrad {

/// Reads `node` into `member`. Throws Error(Exit::input) at `at`, or at the entry of an array, on a
/// wrong type, a number outside `limits` or its type, or a wrong length; `doc` tells what to write.
void read_value(const nlohmann::ordered_json& node, const FieldRef& member, const Limits& limits,
                std::string_view doc, const Place& at);

/// What a value is, in an error: `the string "0.02"`, `the number 1.5`, `an array of 3 entries`.
std::string what_is(const nlohmann::ordered_json& node);

}  // namespace phigrad
