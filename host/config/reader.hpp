// JSON -> settings struct, strictly: the first thing that is not as described is an error.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "host/config/field_ref.hpp"
#include "host/config/limits.hpp"
#include "host/config/place.hpp"

namespace phigrad {

template <class T, class = void>
struct HasCheck : std::false_type {};
template <class T>
struct HasCheck<T,
                std::void_t<decltype(std::declval<const T&>().check(std::declval<const Place&>()))>>
    : std::true_type {};

/// The visitor that fills a settings struct from one JSON object. The visiting functions are
/// explained in fields.hpp; all throw Error(Exit::input) with the path of the offending key.
class Reader : public Vocabulary {
 public:
  /// `node` is null for a section that was left out. `tag` is a key of the object that is not the
  /// struct's own ("type" of a variant).
  Reader(const nlohmann::ordered_json* node, Place at, std::string_view tag = {});

  /// Describes twice: a misspelt key is to be reported before the key that is missing for it.
  template <class T>
  void read(T& value) {
    value.describe(*this);
    reject_unknown_keys();
    value.describe(*this);
    if constexpr (HasCheck<T>::value) value.check(at_);
  }

  void field(std::string_view key, FieldRef member, Need need, std::string_view doc,
             const Limits& limits = {});

  template <class E>
  void choice(std::string_view key, E& value,
              std::initializer_list<std::pair<const char*, E>> names, Need need,
              std::string_view doc) {
    std::vector<std::string> words;
    for (const auto& name : names) words.emplace_back(name.first);
    if (const auto chosen = choose(key, words, need, doc))
      value = (names.begin() + *chosen)->second;
  }

  template <class T>
  void section(std::string_view key, T& value, std::string_view) {
    if (collecting(key)) return;
    Reader(find(key), at_.key(key)).read(value);
  }

  template <class T>
  void section(std::string_view key, std::optional<T>& value, std::string_view) {
    if (collecting(key)) return;
    if (is_null(key)) value.reset();
    if (!has_value(key)) return;
    if (!value) value.emplace();
    Reader(find(key), at_.key(key)).read(*value);
  }

  template <class... Ts>
  void variant(std::string_view key, std::variant<Ts...>& value, Need need, std::string_view doc) {
    if (collecting(key)) return;
    const std::size_t index =
        choose_type(key, {std::string(Ts::type)...}, value.index(), need, doc);
    std::size_t i = 0;
    ((i++ == index ? read_alternative<Ts>(key, value) : void()), ...);
  }

  void tag(std::string_view key, std::string_view name, std::string_view doc);

 private:
  template <class T, class Variant>
  void read_alternative(std::string_view key, Variant& value) {
    if (!std::holds_alternative<T>(value)) value.template emplace<T>();
    Reader(find(key), at_.key(key), "type").read(std::get<T>(value));
  }

  bool collecting(std::string_view key);  // first pass: notes the key, nothing else
  void reject_unknown_keys();
  const nlohmann::ordered_json* find(std::string_view key) const;  // null when left out
  bool is_null(std::string_view key) const;
  bool has_value(std::string_view key) const;
  const nlohmann::ordered_json* find_needed(std::string_view key, Need need,
                                            std::string_view doc) const;
  std::optional<std::size_t> choose(std::string_view key, const std::vector<std::string>& words,
                                    Need need, std::string_view doc);
  std::size_t choose_type(std::string_view key, const std::vector<std::string>& types,
                          std::size_t initial, Need need, std::string_view doc) const;

  const nlohmann::ordered_json* node_;
  Place at_;
  std::vector<std::string> known_;
  bool collecting_ = true;
};

/// The word that `document[key]` holds, one of `known`: tells which struct to read a document into
/// ("robot" selects the robot's settings). Throws Error(Exit::input).
std::string read_tag(const nlohmann::ordered_json& document, std::string_view key,
                     const std::vector<std::string>& known, const std::string& place);

}  // namespace phigrad
