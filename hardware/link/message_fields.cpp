#include "hardware/link/message_fields.hpp"

#include <algorithm>
#include <cmath>

namespace phigrad::link {

bool is_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= max_name_bytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-' || c == '.' || c == ':';
         });
}

template <class T>
const T* FieldReader::find(const char* key) {
  for (const CborMember& member : map_) {
    if (member.first != key) continue;
    ++found_;
    if constexpr (std::is_same_v<T, CborValue>) {
      return &member.second;
    } else {
      const T* value = std::get_if<T>(&member.second.value);
      if (value == nullptr) fail(Refusal::wrong_type, key);
      return value;
    }
  }
  fail(Refusal::missing_key, key);
  return nullptr;
}

void FieldReader::whole(const char* key, std::uint32_t& to, std::uint32_t low, std::uint32_t high) {
  std::uint64_t value = 0;
  whole(key, value, low, high);
  to = value <= high ? static_cast<std::uint32_t>(value) : 0;
}

void FieldReader::whole(const char* key, std::uint64_t& to, std::uint64_t low, std::uint64_t high) {
  const CborValue* value = find<CborValue>(key);
  if (value == nullptr) return;
  if (const auto* whole = std::get_if<std::uint64_t>(&value->value)) {
    to = *whole;
    if (to < low || to > high) fail(Refusal::out_of_range, key);
  } else {
    const bool negative = std::holds_alternative<std::int64_t>(value->value);
    fail(negative ? Refusal::out_of_range : Refusal::wrong_type, key);
  }
}

void FieldReader::whole(const char* key, std::int64_t& to) {
  const CborValue* value = find<CborValue>(key);
  if (value == nullptr) return;
  if (const auto* negative = std::get_if<std::int64_t>(&value->value)) {
    to = *negative;
  } else if (const auto* whole = std::get_if<std::uint64_t>(&value->value)) {
    const bool fits = *whole <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
    if (!fits) return fail(Refusal::out_of_range, key);
    to = static_cast<std::int64_t>(*whole);
  } else {
    fail(Refusal::wrong_type, key);
  }
}

void FieldReader::real(const char* key, const CborValue& value, double& to) {
  if (const auto* number = std::get_if<double>(&value.value)) {
    to = *number;
  } else if (const auto* whole = std::get_if<std::uint64_t>(&value.value)) {
    to = static_cast<double>(*whole);
  } else if (const auto* negative = std::get_if<std::int64_t>(&value.value)) {
    to = static_cast<double>(*negative);
  } else {
    return fail(Refusal::wrong_type, key);
  }
  if (!std::isfinite(to)) fail(Refusal::out_of_range, key);
}

void FieldReader::number(const char* key, double& to, double low, double high) {
  const CborValue* value = find<CborValue>(key);
  if (value == nullptr) return;
  real(key, *value, to);
  if (to < low || to > high) fail(Refusal::out_of_range, key);
}

void FieldReader::numbers(const char* key, double* to, std::size_t count) {
  const CborArray* array = find<CborArray>(key);
  if (array == nullptr) return;
  if (array->size() != count) return fail(Refusal::out_of_range, key);
  for (std::size_t i = 0; i < count; ++i) real(key, (*array)[i], to[i]);
}

void FieldReader::numbers(const char* key, std::vector<double>& to, std::size_t count) {
  const CborArray* array = find<CborArray>(key);
  if (array == nullptr) return;
  if (array->size() != count) return fail(Refusal::out_of_range, key);
  to.resize(count);  // no more than there are: max_array_items
  for (std::size_t i = 0; i < count; ++i) real(key, (*array)[i], to[i]);
}

void FieldReader::flag(const char* key, bool& to) {
  if (const bool* value = find<bool>(key)) to = *value;
}

void FieldReader::name(const char* key, std::string& to) {
  const std::string* value = find<std::string>(key);
  if (value == nullptr) return;
  if (!is_name(*value)) return fail(Refusal::out_of_range, key);
  to = *value;
}

void FieldReader::text(const char* key, std::string& to) {
  const std::string* value = find<std::string>(key);
  if (value == nullptr) return;
  if (!is_plain_text(*value)) return fail(Refusal::out_of_range, key);
  to = *value;  // max_text_bytes was seen to when the bytes were walked
}

void FieldReader::bytes(const char* key, std::uint8_t* to, std::size_t size) {
  const CborBytes* value = find<CborBytes>(key);
  if (value == nullptr) return;
  if (value->size() != size) return fail(Refusal::out_of_range, key);
  std::copy(value->begin(), value->end(), to);
}

void FieldReader::events(const char* key, std::vector<Event>& to) {
  const CborArray* array = find<CborArray>(key);
  if (array == nullptr) return;
  if (array->size() > max_events) return fail(Refusal::over_cap, key);
  to.resize(array->size());
  for (std::size_t i = 0; i < to.size(); ++i) {
    const CborMap* map = std::get_if<CborMap>(&(*array)[i].value);
    if (map == nullptr) return fail(Refusal::wrong_type, key);
    FieldReader inner(*map);
    describe(inner, to[i]);
    if (const auto failure = inner.failure()) return fail(failure->why, failure->key);
  }
}

std::optional<RefusedMessage> FieldReader::failure() const {
  if (failure_ || found_ == map_.size()) return failure_;
  return RefusedMessage{Refusal::unknown_key, ""};
}

void FieldWriter::events(const char* key, std::vector<Event>& from) {
  nlohmann::ordered_json array = nlohmann::ordered_json::array();
  for (Event& event : from) {
    nlohmann::ordered_json map = nlohmann::ordered_json::object();
    FieldWriter inner(map);
    describe(inner, event);
    array.push_back(std::move(map));
  }
  map_[key] = std::move(array);
}

}  // namespace phigrad::link
