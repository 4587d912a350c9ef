// The two visitors of a message's members: from a CBOR map, and to one. Both have the same
// functions, so that each message lists its members once.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hardware/link/messages.hpp"

namespace phigrad::link {

template <class Enum>
using EnumNames = std::initializer_list<std::pair<const char*, Enum>>;

inline constexpr std::uint64_t any_u64 = std::numeric_limits<std::uint64_t>::max();

/// Fills members from the map and keeps the first thing that is wrong.
class FieldReader {
 public:
  explicit FieldReader(const CborMap& map) : map_(map) {}

  void whole(const char* key, std::uint32_t& to, std::uint32_t low, std::uint32_t high);
  void whole(const char* key, std::uint64_t& to, std::uint64_t low = 0,
             std::uint64_t high = any_u64);
  void whole(const char* key, std::int64_t& to);
  /// Finite and within [low, high].
  void number(const char* key, double& to, double low = -std::numeric_limits<double>::max(),
              double high = std::numeric_limits<double>::max());
  void numbers(const char* key, double* to, std::size_t count);
  void flag(const char* key, bool& to);
  void name(const char* key, std::string& to);
  void text(const char* key, std::string& to);
  /// Exactly `count` of them.
  void numbers(const char* key, std::vector<double>& to, std::size_t count);
  template <std::size_t size>
  void bytes(const char* key, std::array<std::uint8_t, size>& to) {
    bytes(key, to.data(), size);
  }
  void events(const char* key, std::vector<Event>& to);
  template <class Enum>
  void choice(const char* key, Enum& to, EnumNames<Enum> names) {
    std::string word;
    name(key, word);
    for (const auto& [text, value] : names) {
      if (word == text) {
        to = value;
        return;
      }
    }
    fail(Refusal::out_of_range, key);
  }

  void fail(Refusal why, const char* key) {
    if (!failure_) failure_ = RefusedMessage{why, key};
  }

  /// After the last member: what was wrong first, an unknown key included.
  std::optional<RefusedMessage> failure() const;

 private:
  template <class T>
  const T* find(const char* key);
  void real(const char* key, const CborValue& value, double& to);
  void bytes(const char* key, std::uint8_t* to, std::size_t size);

  const CborMap& map_;
  std::size_t found_ = 0;
  std::optional<RefusedMessage> failure_;
};

/// Writes members into a map. The limits are FieldReader's business: to_cbor reads back what it
/// wrote.
class FieldWriter {
 public:
  explicit FieldWriter(nlohmann::ordered_json& map) : map_(map) {}

  void whole(const char* key, std::uint32_t& from, std::uint32_t, std::uint32_t) {
    map_[key] = from;
  }
  void whole(const char* key, std::uint64_t& from, std::uint64_t = 0, std::uint64_t = 0) {
    map_[key] = from;
  }
  void whole(const char* key, std::int64_t& from) { map_[key] = from; }
  void number(const char* key, double& from, double = 0, double = 0) { map_[key] = from; }
  void numbers(const char* key, double* from, std::size_t count) {
    map_[key] = std::vector<double>(from, from + count);
  }
  void flag(const char* key, bool& from) { map_[key] = from; }
  void name(const char* key, std::string& from) { map_[key] = from; }
  void text(const char* key, std::string& from) { map_[key] = from; }
  // Writes all there are: another number than `count` is refused on reading back.
  void numbers(const char* key, std::vector<double>& from, std::size_t) { map_[key] = from; }
  template <std::size_t size>
  void bytes(const char* key, std::array<std::uint8_t, size>& from) {
    map_[key] = nlohmann::ordered_json::binary({from.begin(), from.end()});
  }
  void events(const char* key, std::vector<Event>& from);
  template <class Enum>
  void choice(const char* key, Enum& from, EnumNames<Enum> names) {
    map_[key] = "";  // of a value that is none of the enumerators; refused on reading back
    for (const auto& [text, value] : names) {
      if (from == value) map_[key] = text;
    }
  }

 private:
  nlohmann::ordered_json& map_;
};

/// An Event's members, also of those within a RolloutEnd.
template <class Visitor>
void describe(Visitor& v, Event& event) {
  v.name("kind", event.kind);
  v.text("text", event.text);
}

}  // namespace phigrad::link
