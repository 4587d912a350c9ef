#include "host/config/schema_writer.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "host/config/writer.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

// 0 and not 0.0: a bound of integers reads as one.
ordered_json bound(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (value == std::floor(value) && std::abs(value) < kExact) {
    return static_cast<std::int64_t>(value);
  }
  return value;
}

template <class T>
ordered_json type_schema(const Limits& limits) {
  ordered_json schema;
  if constexpr (std::is_same_v<T, bool>) {
    schema["type"] = "boolean";
  } else if constexpr (std::is_same_v<T, std::string>) {
    schema["type"] = "string";
    if (limits.min_size > 0) schema["minLength"] = limits.min_size;
  } else {
    schema["type"] = std::is_integral_v<T> ? "integer" : "number";
    const bool natural = std::is_unsigned_v<T> && limits.low < 0;
    const double low = natural ? 0 : limits.low;
    const bool low_open = limits.low_open && !natural;
    if (low != -Limits::kNone) schema[low_open ? "exclusiveMinimum" : "minimum"] = bound(low);
    if (limits.high != Limits::kNone) {
      schema[limits.high_open ? "exclusiveMaximum" : "maximum"] = bound(limits.high);
    }
  }
  return schema;
}

ordered_json array_schema(ordered_json items, std::size_t least, std::size_t most) {
  ordered_json schema;
  schema["type"] = "array";
  schema["items"] = std::move(items);
  if (least > 0) schema["minItems"] = least;
  if (most != Limits::kAnySize) schema["maxItems"] = most;
  return schema;
}

template <class T>
ordered_json kind_schema(const T*, const Limits& limits) {
  return type_schema<T>(limits);
}

template <class T>
ordered_json entry_schema(Limits limits) {
  limits.min_size = 0;
  return type_schema<T>(limits);
}

template <class T>
ordered_json kind_schema(const std::vector<T>*, const Limits& limits) {
  return array_schema(entry_schema<T>(limits), limits.min_size, limits.max_size);
}

template <class T>
ordered_json kind_schema(const FixedArray<T>& array, const Limits& limits) {
  return array_schema(entry_schema<T>(limits), array.size, array.size);
}

ordered_json kind_schema(const Matrix*, const Limits& limits) {
  const bool any = limits.columns == Limits::kAnySize;
  ordered_json row =
      array_schema(entry_schema<double>(limits), any ? 0 : limits.columns, limits.columns);
  return array_schema(std::move(row), limits.min_size, limits.max_size);
}

}  // namespace

SchemaWriter::SchemaWriter(ordered_json& schema, Place at) : schema_(schema), at_(std::move(at)) {
  schema_["type"] = "object";
  schema_["properties"] = ordered_json::object();
  schema_["required"] = ordered_json::array();
  schema_["additionalProperties"] = false;
}

ordered_json& SchemaWriter::property(std::string_view key, std::string_view doc) {
  ordered_json& schema = schema_["properties"][std::string(key)];
  schema = ordered_json::object();
  if (!doc.empty()) schema["description"] = doc;
  return schema;
}

ordered_json& SchemaWriter::nullable_property(std::string_view key, std::string_view doc,
                                              bool null_by_default) {
  ordered_json& schema = property(key, doc);
  if (null_by_default) schema["default"] = nullptr;
  ordered_json& forms = schema["anyOf"];
  forms.push_back({{"type", "null"}});
  forms.push_back(ordered_json::object());
  return forms.back();
}

ordered_json& SchemaWriter::alternative_of(std::string_view key) {
  ordered_json& alternatives = schema_["properties"][std::string(key)]["oneOf"];
  alternatives.push_back(ordered_json::object());
  return alternatives.back();
}

void SchemaWriter::require(std::string_view key) {
  ordered_json& required_keys = schema_["required"];
  const ordered_json name = key;
  if (std::find(required_keys.begin(), required_keys.end(), name) == required_keys.end()) {
    required_keys.push_back(name);
  }
}

bool SchemaWriter::requires_a_key() const { return !schema_["required"].empty(); }

void SchemaWriter::put_initial_type(std::string_view key, std::string_view type,
                                    SchemaWriter& initial) {
  ordered_json& needed = initial.schema_["required"];
  needed.erase(std::find(needed.begin(), needed.end(), ordered_json("type")));
  const bool needs_more_than_type = !needed.empty();
  // From here on `initial` dangles: a new key moves what the others hold.
  if (needs_more_than_type) {
    require(key);
  } else {
    schema_["properties"][std::string(key)]["default"] = {{"type", type}};
  }
}

void SchemaWriter::field(std::string_view key, FieldRef member, Need need, std::string_view doc,
                         const Limits& limits) {
  ordered_json& schema = property(key, doc);
  schema.update(
      std::visit([&](auto target) { return kind_schema(target, limits); }, member.target()));
  if (need == Need::required) {
    require(key);
  } else {
    schema["default"] = value_of(member, at_.key(key));
  }
}

void SchemaWriter::put_choice(std::string_view key, const std::vector<std::string>& words,
                              const std::string& initial, Need need, std::string_view doc) {
  ordered_json& schema = property(key, doc);
  schema["enum"] = words;
  if (need == Need::required) {
    require(key);
  } else {
    schema["default"] = initial;
  }
}

void SchemaWriter::tag(std::string_view key, std::string_view name, std::string_view doc) {
  property(key, doc)["const"] = name;
  require(key);
}

ordered_json schema_document(const std::string& title, const ordered_json& body) {
  ordered_json document;
  document["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  document["title"] = title;
  document.update(body);
  return document;
}

}  // namespace phigrad
