#include "host/config/reader.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "host/config/read_value.hpp"
#include "host/config/suggest.hpp"
#include "host/config/writer.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

void require_object(const ordered_json& node, const Place& at) {
  if (!node.is_object()) at.fail("expected an object, got " + what_is(node), "write { ... }");
}

const ordered_json* member(const ordered_json& object, std::string_view key) {
  const auto found = object.find(std::string(key));
  return found == object.end() ? nullptr : &*found;
}

[[noreturn]] void missing(std::string_view key, std::string_view doc, const Place& at) {
  at.key(key).fail("missing key", "add it: " + std::string(doc));
}

// The position of a word among the known ones.
std::size_t read_word(const ordered_json& node, const std::vector<std::string>& known,
                      const Place& at) {
  if (!node.is_string()) {
    at.fail("expected a string, got " + what_is(node), remedy_for_word({}, known));
  }
  const auto& word = node.get_ref<const std::string&>();
  const auto found = std::find(known.begin(), known.end(), word);
  if (found == known.end()) {
    at.fail("unknown value " + shown(word), remedy_for_word(word, known));
  }
  return static_cast<std::size_t>(found - known.begin());
}

}  // namespace

Reader::Reader(const ordered_json* node, Place at, std::string_view tag)
    : node_(node), at_(std::move(at)) {
  if (node_ != nullptr) require_object(*node_, at_);
  if (!tag.empty()) known_.emplace_back(tag);
}

bool Reader::collecting(std::string_view key) {
  if (!collecting_) return false;
  if (std::find(known_.begin(), known_.end(), key) != known_.end()) {
    throw std::logic_error("the settings struct at '" + at_.text() + "' describes '" +
                           std::string(key) + "' twice");
  }
  known_.emplace_back(key);
  return true;
}

void Reader::reject_unknown_keys() {
  collecting_ = false;
  if (node_ == nullptr) return;
  for (const auto& [key, value] : node_->items()) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
      at_.key(key).fail("unknown key", remedy_for_key(key, known_));
    }
  }
}

const ordered_json* Reader::find(std::string_view key) const {
  return node_ == nullptr ? nullptr : member(*node_, key);
}

bool Reader::is_null(std::string_view key) const {
  const ordered_json* value = find(key);
  return value != nullptr && value->is_null();
}

bool Reader::has_value(std::string_view key) const {
  const ordered_json* value = find(key);
  return value != nullptr && !value->is_null();
}

const ordered_json* Reader::find_needed(std::string_view key, Need need,
                                        std::string_view doc) const {
  const ordered_json* value = find(key);
  if (value == nullptr && need == Need::required) missing(key, doc, at_);
  return value;
}

void Reader::field(std::string_view key, FieldRef value, Need need, std::string_view doc,
                   const Limits& limits) {
  if (collecting(key)) return;
  const ordered_json* node = find_needed(key, need, doc);
  // A default obeys the limits too: the resolved copy, where it is written, must be readable.
  const Place at = at_.key(key);
  read_value(node != nullptr ? *node : value_of(value, at), value, limits, doc, at);
}

std::optional<std::size_t> Reader::choose(std::string_view key,
                                          const std::vector<std::string>& words, Need need,
                                          std::string_view doc) {
  if (collecting(key)) return std::nullopt;
  const ordered_json* node = find_needed(key, need, doc);
  if (node == nullptr) return std::nullopt;
  return read_word(*node, words, at_.key(key));
}

std::size_t Reader::choose_type(std::string_view key, const std::vector<std::string>& types,
                                std::size_t initial, Need need, std::string_view doc) const {
  const ordered_json* node = find_needed(key, need, doc);
  if (node == nullptr) return initial;
  const Place at = at_.key(key);
  require_object(*node, at);
  const ordered_json* type = member(*node, "type");
  if (type == nullptr && need == Need::optional) return initial;
  if (type == nullptr) missing("type", remedy_for_word({}, types), at);
  return read_word(*type, types, at.key("type"));
}

void Reader::tag(std::string_view key, std::string_view name, std::string_view doc) {
  choose(key, {std::string(name)}, Need::required, doc);
}

std::string read_tag(const ordered_json& document, std::string_view key,
                     const std::vector<std::string>& known, const std::string& place) {
  const Place at(place);
  require_object(document, at);
  const ordered_json* node = member(document, key);
  if (node == nullptr) missing(key, remedy_for_word({}, known), at);
  return known[read_word(*node, known, at.key(key))];
}

}  // namespace phigrad
