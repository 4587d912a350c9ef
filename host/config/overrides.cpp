#include "host/config/overrides.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "host/config/json_document.hpp"
#include "host/config/place.hpp"
#include "host/config/read_value.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

constexpr const char* kForm = "write --set path.to.key=value";

[[noreturn]] void fail(const std::string& assignment, const std::string& problem,
                       const std::string& remedy) {
  throw Error(Exit::usage, problem, "--set " + shown(assignment, 120), remedy);
}

bool is_utf8(const std::string& text) {
  try {
    ordered_json(text).dump();
    return true;
  } catch (const ordered_json::type_error&) {
    return false;
  }
}

ordered_json parsed_value(const std::string& text, const std::string& assignment) {
  try {
    return parse_json(text, "the value");
  } catch (const Error& error) {
    // What opens like JSON was meant as JSON; anything else is a bare string.
    if (!text.empty() && std::string_view("{[\"").find(text[0]) != std::string_view::npos) {
      fail(assignment, error.what(), "quote the whole assignment for the shell");
    }
    return text;
  }
}

bool is_index(std::string_view part) {
  return !part.empty() && part.size() <= 9 && std::all_of(part.begin(), part.end(), [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
}

ordered_json& entry_of(ordered_json& array, const std::string& part, const std::string& prefix,
                       const std::string& assignment) {
  const std::string size = std::to_string(array.size());
  if (!is_index(part)) {
    fail(assignment, shown(prefix) + " is an array, " + shown(part) + " is not an index of it",
         "write a number below " + size);
  }
  const auto index = static_cast<std::size_t>(std::stoul(part));
  if (index >= array.size()) {
    fail(assignment, shown(prefix) + " has " + size + " entries, none at " + part,
         "count from 0, or set the whole array: " + shown(prefix + "=[...]"));
  }
  return array[index];
}

// The value named `part` in `parent`, made where it is absent.
ordered_json& child_of(ordered_json& parent, const std::string& part, const std::string& prefix,
                       const std::string& assignment) {
  if (parent.is_array()) return entry_of(parent, part, prefix, assignment);
  if (parent.is_null() && is_index(part)) {
    fail(assignment, "there is no array " + shown(prefix) + " to index",
         "set the whole array: " + shown(prefix + "=[...]"));
  }
  if (parent.is_null()) parent = ordered_json::object();
  if (!parent.is_object()) {
    fail(assignment, shown(prefix) + " is " + what_is(parent) + ", it has no key " + shown(part),
         "name a key of a section");
  }
  return parent[part];
}

}  // namespace

void apply_override(ordered_json& document, const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos) fail(assignment, "no '='", kForm);
  if (!is_utf8(assignment)) fail(assignment, "the text is not UTF-8", kForm);
  const std::string path = assignment.substr(0, equals);
  if (static_cast<std::size_t>(std::count(path.begin(), path.end(), '.')) >= JsonCaps{}.depth) {
    fail(assignment, "the path has more than " + std::to_string(JsonCaps{}.depth) + " keys", kForm);
  }

  ordered_json changed = document;  // an error leaves the document as it was
  ordered_json* target = &changed;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('.', start), path.size());
    const std::string part = path.substr(start, end - start);
    if (part.empty()) fail(assignment, "the path has an empty key", kForm);
    target = &child_of(*target, part, path.substr(0, start == 0 ? 0 : start - 1), assignment);
    start = end + 1;
  }
  *target = parsed_value(assignment.substr(equals + 1), assignment);
  document = std::move(changed);
}

}  // namespace phigrad
