// Settings struct -> JSON Schema (draft 2020-12).
#pragma once

#include <cstddef>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "host/config/field_ref.hpp"
#include "host/config/limits.hpp"
#include "host/config/place.hpp"

namespace phigrad {

/// The visitor that writes the schema of a settings struct, whose members hold their defaults, into
/// one JSON object. A section is required if a key within it is.
class SchemaWriter : public Vocabulary {
 public:
  SchemaWriter(nlohmann::ordered_json& schema, Place at);

  void field(std::string_view key, FieldRef member, Need need, std::string_view doc,
             const Limits& limits = {});

  template <class E>
  void choice(std::string_view key, E& value,
              std::initializer_list<std::pair<const char*, E>> names, Need need,
              std::string_view doc) {
    std::vector<std::string> words;
    std::string initial;
    for (const auto& name : names) {
      words.emplace_back(name.first);
      if (name.second == value) initial = name.first;
    }
    put_choice(key, words, initial, need, doc);
  }

  template <class T>
  void section(std::string_view key, T& value, std::string_view doc) {
    SchemaWriter child(property(key, doc), at_.key(key));
    value.describe(child);
    if (child.requires_a_key()) require(key);
  }

  template <class T>
  void section(std::string_view key, std::optional<T>& value, std::string_view doc) {
    T initial = value ? *value : T{};
    SchemaWriter child(nullable_property(key, doc, !value), at_.key(key));
    initial.describe(child);
  }

  template <class... Ts>
  void variant(std::string_view key, std::variant<Ts...>& value, Need need, std::string_view doc) {
    property(key, doc);
    (put_alternative<Ts>(key, value, need), ...);
    if (need == Need::required) require(key);
  }

  void tag(std::string_view key, std::string_view name, std::string_view doc);

 private:
  template <class T, class Variant>
  void put_alternative(std::string_view key, Variant& value, Need need) {
    const bool initial = std::holds_alternative<T>(value);
    T alternative = initial ? std::get<T>(value) : T{};
    SchemaWriter child(alternative_of(key), at_.key(key));
    child.tag("type", T::type, {});
    alternative.describe(child);
    if (initial && need == Need::optional) put_initial_type(key, T::type, child);
  }

  nlohmann::ordered_json& property(std::string_view key, std::string_view doc);
  nlohmann::ordered_json& nullable_property(std::string_view key, std::string_view doc,
                                            bool null_by_default);
  nlohmann::ordered_json& alternative_of(std::string_view key);
  void put_choice(std::string_view key, const std::vector<std::string>& words,
                  const std::string& initial, Need need, std::string_view doc);
  void require(std::string_view key);
  bool requires_a_key() const;
  // A variant that is left out takes its initial alternative, which must then require no key.
  // Within its section "type" may be left out, too.
  void put_initial_type(std::string_view key, std::string_view type, SchemaWriter& initial);

  nlohmann::ordered_json& schema_;
  Place at_;
};

/// `body` with its dialect and title in front: a complete schema document.
nlohmann::ordered_json schema_document(const std::string& title,
                                       const nlohmann::ordered_json& body);

}  // namespace phigrad
