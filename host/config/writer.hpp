// Settings struct -> JSON, with every default visible.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "host/config/field_ref.hpp"
#include "host/config/limits.hpp"
#include "host/config/place.hpp"

namespace phigrad {

/// A member's value as JSON. Throws Error(Exit::numeric) on NaN and infinity, which JSON lacks.
nlohmann::ordered_json value_of(const FieldRef& member, const Place& at);

/// The visitor that writes a settings struct into one JSON object, keys in the order of describe().
class Writer : public Vocabulary {
 public:
  Writer(nlohmann::ordered_json& object, Place at);

  void field(std::string_view key, FieldRef member, Need, std::string_view, const Limits& = {});

  template <class E>
  void choice(std::string_view key, E& value,
              std::initializer_list<std::pair<const char*, E>> names, Need, std::string_view) {
    std::string_view word;
    for (const auto& name : names) {
      if (name.second == value) word = name.first;
    }
    put_word(key, word);
  }

  template <class T>
  void section(std::string_view key, T& value, std::string_view) {
    Writer child(child_object(key), at_.key(key));
    value.describe(child);
  }

  template <class T>
  void section(std::string_view key, std::optional<T>& value, std::string_view doc) {
    if (value) {
      section(key, *value, doc);
    } else {
      put_null(key);
    }
  }

  template <class... Ts>
  void variant(std::string_view key, std::variant<Ts...>& value, Need, std::string_view) {
    std::visit(
        [&](auto& alternative) {
          Writer child(child_object(key), at_.key(key));
          child.put_word("type", alternative.type);
          alternative.describe(child);
        },
        value);
  }

  void tag(std::string_view key, std::string_view name, std::string_view) { put_word(key, name); }

 private:
  nlohmann::ordered_json& child_object(std::string_view key);
  void put_null(std::string_view key);
  void put_word(std::string_view key, std::string_view word);

  nlohmann::ordered_json& object_;
  Place at_;
};

}  // namespace phigrad
